"""Described tables in a target: creates them, and opens the stage that fills them, in the dialect of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from retail_pipeline.databases import mysql_session
from retail_pipeline.databases.target_session import change, dialect, query
from retail_pipeline.errors import ConfigError
from retail_pipeline.tables.canary import CANARY, prove_load
from retail_pipeline.tables.description import Table, TableFamily
from retail_pipeline.tables.mysql_stage import MySqlStage
from retail_pipeline.tables.postgres_stage import PostgresStage
from retail_pipeline.tables.stage import Stage

if TYPE_CHECKING:
    import pymysql

    from retail_pipeline.databases.target_session import Session

_STAGES: dict[str, type[Stage]] = {"mysql": MySqlStage, "postgres": PostgresStage}


def open_stage(session: Session, family: TableFamily, *, batch_rows: int) -> Stage:
    """Return the stage of a session for a family of tables; it needs the session to itself.

    :raises ConfigError: rows loaded by this session would not arrive as they were sent, or could not be rolled back
    """
    _refuse_engines(session, family)
    prove(session)
    return _STAGES[dialect(session)](session, family, batch_rows=batch_rows)


def prove(session: Session) -> None:
    """Load a canary as a load does.

    :raises ConfigError: it does not arrive as it was sent
    """
    prove_load(session, _STAGES[dialect(session)](session, CANARY, batch_rows=1))


def ensure_tables(session: Session, family: TableFamily) -> list[str]:
    """Create the missing tables and columns of a family; return one line for each change.

    :raises ConfigError: a table of that name has another primary key, or its engine has no transactions
    """
    _refuse_engines(session, family)
    return [_ensure(session, table, is_head=table is family.head) for table in family]


def incomplete_tables(session: Session, family: TableFamily) -> list[str]:
    """Return the tables that ``ensure_tables`` would create or give columns; nothing is changed.

    :raises ConfigError: a table of that name has another primary key
    """
    return [table.name for table in family if _missing(session, table, is_head=table is family.head)[1]]


def _refuse_engines(session: Session, family: TableFamily) -> None:
    """Refuse tables without transactions: in MySQL these depend on a table's engine; PostgreSQL always has them."""
    if dialect(session) == "postgres":
        return
    for row in mysql_session.query(
        cast("pymysql.Connection[Any]", session),
        "sinks/keeping",
        {"tables": [table.name for table in family]},
    ):
        raise ConfigError(
            f"table {row['name']} is {row['engine']}, which knows no transactions: what is not published would be "
            f"there all the same. Write: ALTER TABLE {row['name']} ENGINE = InnoDB"
        )


def _ensure(session: Session, table: Table, *, is_head: bool) -> str:
    exists, ddl = _missing(session, table, is_head=is_head)
    comments = _STAGES["postgres"].statements.comments(table) if dialect(session) == "postgres" else []
    for text in [*ddl, *comments]:
        change(session, text)
    return f"{table.name}: {f'{len(ddl)} columns added or changed' if exists else 'created'}"


def _missing(session: Session, table: Table, *, is_head: bool) -> tuple[bool, list[str]]:
    """Return whether a table is there, and the DDL that makes or completes it."""
    found = query(session, "sinks/described", {"table": table.name})
    key = {row["name"] for row in found if row["in_key"]}
    if found and key != set(table.key):
        raise ConfigError(
            f"table {table.name} has primary key ({', '.join(sorted(key))}), needed is "
            f"({', '.join(table.key)}): rename the table, then run `retail schema apply` again"
        )
    statements = _STAGES[dialect(session)].statements
    if found:
        present = {row["name"]: row["type"] for row in found}
        return True, statements.complete(table, present, is_head=is_head)
    return False, [statements.create_table(table, is_head=is_head)]
