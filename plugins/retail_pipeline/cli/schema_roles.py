"""``retail schema roles``: the database roles by task, for an administrator."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from retail_pipeline.cli.schema_places import families_by_target
from retail_pipeline.databases.migrations import folder_of, migrations_in
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import dialect, query_text
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.pipelines.order_push.order_views import needed_by
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings

if TYPE_CHECKING:
    from retail_pipeline.databases.migrations import Scope
    from retail_pipeline.databases.target_session import Session

_MADE = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)


class _Task(NamedTuple):
    """A task of a database: a file of ``schema/roles``, and the tables and views that it names.

    :ivar ddl: scopes of migrations whose tables are here
    """

    file: str
    ddl: tuple[Scope, ...] = ()
    tables: tuple[str, ...] = ()
    views: tuple[str, ...] = ()


@click.command()
@click.argument("conn_id", required=False)
def roles(conn_id: str | None) -> None:
    """Print the SQL that makes a role for each task, for the database of CONN_ID or for all.

    An administrator runs it after `retail schema apply`, and again after each upgrade: roles belong to the server,
    and new tables need their grants. Then make each login a member of the one role that its task needs.

    \b
    Example:
      retail schema roles warehouse_postgres | psql -h db -U postgres warehouse
    """
    known = _tasks(load_settings())
    if conn_id and conn_id not in known:
        raise ConfigError(f"connection {conn_id!r} is no database of the settings: {', '.join(known)}")
    for each in [conn_id] if conn_id else known:
        for task in known[each]:
            click.echo(f"-- {each}: {task.file}\n{_sql(each, task)}")


def _tasks(settings: Settings) -> dict[str, list[_Task]]:
    """Return each connection's tasks."""
    found: dict[str, list[_Task]] = defaultdict(list)
    targets: dict[str, list[str]] = {
        conn_id: [table.name for family in families for table in family]
        for conn_id, families in families_by_target(settings).items()
    }
    record = settings.alerts.record_conn_id
    for conn_id in dict.fromkeys([record, *targets]):
        of_target: tuple[Scope, ...] = ("target",) if conn_id in targets else ()
        ddl: tuple[Scope, ...] = ("warehouse", *of_target) if conn_id == record else of_target
        found[conn_id].append(_Task("warehouse", ddl, tuple(targets.get(conn_id, ()))))
    for conn_id in dict.fromkeys(shop.store_conn_id for shop in settings.shops):
        shops = [shop for shop in settings.shops if shop.store_conn_id == conn_id]
        views = tuple(contract.view for contract in needed_by(shops))
        found[conn_id].append(_Task("store", ("store",), views=views))
    for instance in settings.jushita.instances if settings.jushita else ():
        found[instance.conn_id].append(_Task("source"))
    return found


def _made_by(session: Session, scope: Scope) -> list[str]:
    return [name for file in migrations_in(folder_of(session, scope)) for name in _MADE.findall(file.text)]


def _sql(conn_id: str, task: _Task) -> str:
    with _open(conn_id, task) as session:
        spoken = dialect(session)
        [place] = query_text(session, statement(f"schema/roles/{spoken}/place"))
        tables = [*(name for scope in task.ddl for name in _made_by(session, scope)), *task.tables]
    names = {"table": list(dict.fromkeys(tables)), "view": list(task.views)}
    lines = statement(f"schema/roles/{spoken}/{task.file}").splitlines()
    return "\n".join(filled for line in lines for filled in _filled(line, place, names)) + "\n"


def _open(conn_id: str, task: _Task) -> AbstractContextManager[Session]:
    return open_mysql(conn_id, writes=False) if task.file == "source" else open_target(conn_id)


def _filled(line: str, place: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a line, or where it names tables or views, one line for each of them."""
    kind = next((kind for kind in names if f"{{{kind}}}" in line), None)
    if kind is None:
        yield line.format(**place)
    else:
        yield from (line.format(**place, **{kind: name}) for name in names[kind])
