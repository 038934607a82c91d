"""Creates and replaces views over somebody else's tables while their owner's transactions go on.

A session that waits for an exclusive lock makes all later sessions wait, and of two that wait for each other the
server ends one. So a change waits only for a moment, less than the server waits before it looks for a deadlock. Then
it gives way, and tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.databases.statements import SQL, statement
from retail_pipeline.databases.view_contract import Contract
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, OrderTablesMissing

if TYPE_CHECKING:
    import psycopg

TRIES, PAUSE_SECONDS = 30, 1.0


def change_giving_way(
    session: psycopg.Connection[Any],
    conn_id: str,
    change: Callable[[], object],
    *,
    tries: int = TRIES,
    pause: Callable[[float], object] = clock.pause,
) -> None:
    """Change definitions in one transaction: other sessions see all of it or nothing.

    :raises DatabaseUnavailable: others held locks at each try; nothing was changed
    """
    import psycopg

    for attempt in range(tries):
        if attempt:
            pause(PAUSE_SECONDS)
        try:
            with session.transaction():
                session.execute(statement("views/give_way").encode())
                change()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            continue
        return
    raise DatabaseUnavailable(
        f"connection {conn_id!r}: long transactions use what is to be changed, {tries} times in a row; nothing was "
        "changed: try again"
    )


@contextmanager
def beside(session: psycopg.Connection[Any]) -> Iterator[None]:
    """Make what is created inside temporary, and remove it afterwards: nobody else sees it, or waits for it."""
    with session.transaction(force_rollback=True):
        session.execute(statement("views/beside").encode())
        yield


def make_view(session: psycopg.Connection[Any], conn_id: str, contract: Contract) -> Path:
    """Create a view, or replace it, whatever columns it had; return the file that defines it.

    :param session: in a transaction
    :raises ConfigError: it does not fit the tables that are there, or other objects depend on the old one
    """
    import psycopg

    file = SQL / f"{contract.file}.sql"
    try:
        try:
            with session.transaction():
                session.execute(file.read_bytes())
        except psycopg.errors.InvalidTableDefinition:  # it has other columns
            _make_anew(session, contract, file)
    except psycopg.errors.InsufficientPrivilege:
        raise  # the file is not to blame
    except (psycopg.ProgrammingError, psycopg.errors.DependentObjectsStillExist) as fault:
        words = " ".join(
            filter(None, (fault.diag.message_primary, fault.diag.message_detail, _line(fault, file)))
        )
        kind = OrderTablesMissing if isinstance(fault, psycopg.errors.UndefinedTable) else ConfigError
        raise kind(f"{conn_id}: {words}; map your own order tables in {file}") from None
    return file


def _make_anew(session: psycopg.Connection[Any], contract: Contract, file: Path) -> None:
    """Drop a view and create it again, with the rights that it had."""
    grants = _texts(session, "views/grants", {"view": contract.view})
    session.execute(statement("views/drop").format(view=contract.view).encode())
    session.execute(file.read_bytes())
    for grant in grants:
        session.execute(grant.encode())


def _texts(session: psycopg.Connection[Any], name: str, values: Mapping[str, Any]) -> list[str]:
    return [text for (text,) in session.execute(statement(name).encode(), values).fetchall()]


def _line(fault: psycopg.Error, file: Path) -> str:
    position = fault.diag.statement_position
    if not position:
        return ""
    return f"(line {file.read_text(encoding='utf-8')[: int(position)].count(chr(10)) + 1})"
