"""``retail schema``: the tables that the pipelines write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from retail_pipeline import clock
from retail_pipeline.cli.order_tables import when_order_tables_are_there
from retail_pipeline.databases.statements import SQL
from retail_pipeline.databases.target_session import change, dialect
from retail_pipeline.databases.view_changes import beside, change_giving_way, make_view
from retail_pipeline.databases.view_contract import examine
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.load_description import described_loads
from retail_pipeline.orchestration.sessions import open_postgres, open_target
from retail_pipeline.pipelines.order_push.order_views import needed_by, shops_of
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings, Shop
from retail_pipeline.tables.description import TableFamily
from retail_pipeline.tables.target_tables import complete_control_tables, ensure_tables


@click.group()
def schema() -> None:
    """Create or complete the tables."""


@schema.command()
@click.option("--wait", default=0, metavar="SECONDS", help="Wait so long for the shops' order tables.")
def apply(wait: int) -> None:
    """Run every DDL file; each may be run again at any time.

    New views of a shop's tables are first made beside the existing ones and checked for the columns that are read;
    then all are replaced at once, or none, with a message that says what to write instead.

    \b
    Example:
      retail schema apply
    """
    settings = load_settings()
    _run(settings.alerts.record_conn_id, ddl_files("warehouse"))
    for conn_id, families in families_by_target(settings).items():
        with open_target(conn_id) as session:
            for file in ddl_files(f"target/{dialect(session)}"):
                change(session, file.read_text(encoding="utf-8"))
                click.echo(f"{conn_id}: {file.relative_to(SQL)}")
            for done in complete_control_tables(session):
                click.echo(f"{conn_id}: {done}")
            for done in (done for family in families for done in ensure_tables(session, family)):
                click.echo(f"{conn_id}: {done}")
    for conn_id in sorted({shop.store_conn_id for shop in settings.shops}):
        shops = [shop for shop in settings.shops if shop.store_conn_id == conn_id]
        _complete_store(conn_id)
        replace = partial(_replace_views, conn_id, shops)
        when_order_tables_are_there(replace, patience=timedelta(seconds=wait))


def families_by_target(settings: Settings) -> dict[str, list[TableFamily]]:
    """Return the target databases of the loads, with the tables that each needs."""
    targets: dict[str, list[TableFamily]] = {}
    for load in described_loads():
        for conn_id in load.accounts(settings):
            targets.setdefault(conn_id, []).extend(load.families)
    return targets


def ddl_files(role: str) -> list[Path]:
    return sorted((SQL / "schema" / role).glob("*.sql"))


def _run(conn_id: str, files: Sequence[Path]) -> None:
    with open_postgres(conn_id) as connection:
        for file in files:
            connection.execute(file.read_bytes())
            click.echo(f"{conn_id}: {file.relative_to(SQL)}")


def _complete_store(conn_id: str) -> None:
    """Complete our tables in a shop's database while the shop keeps taking orders."""
    with open_postgres(conn_id) as session:
        for file in ddl_files("store"):
            change_giving_way(session, conn_id, partial(session.execute, file.read_bytes()))
            click.echo(f"{conn_id}: {file.relative_to(SQL)}")


def _replace_views(conn_id: str, shops: Sequence[Shop]) -> None:
    """Replace the views of a shop's own tables, all of them or none."""
    views, now = needed_by(shops), clock.now()
    with open_postgres(conn_id) as session:
        with beside(session):
            for view in views:
                make_view(session, conn_id, view)
            examined = [examine(session, conn_id, view, shops_of(view, shops), now) for view in views]
        problems = [problem for each in examined for problem in each.problems]
        if problems:
            raise ConfigError("\n".join([f"{conn_id}: no view was replaced, mend them first:", *problems]))
        change_giving_way(session, conn_id, lambda: [make_view(session, conn_id, view) for view in views])
        for view in views:
            click.echo(f"{conn_id}: {view.file}.sql")
