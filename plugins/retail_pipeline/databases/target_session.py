"""A session with a target database of either type: statements by name, in its own dialect.

Callers need not know which database it is: where a statement differs, both forms take the same values and return the
same columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from retail_pipeline.databases import mysql_session, postgres_session
from retail_pipeline.databases.connection import ConnectionFields
from retail_pipeline.databases.refusals import refused_value
from retail_pipeline.databases.session_settings import BRIEF_SECONDS, MYSQL_SOCKET_SECONDS
from retail_pipeline.databases.statements import Dialect
from retail_pipeline.errors import ConfigError, ValueRefused

if TYPE_CHECKING:
    import psycopg
    import pymysql

    Session: TypeAlias = pymysql.Connection[Any] | psycopg.Connection[Any]


@contextmanager
def open_target(fields: ConnectionFields, *, stages: bool = False, brief: bool = False) -> Iterator[Session]:
    """Open a session in autocommit mode, by the connection's type.

    :param stages: rows are staged in it
    :param brief: as ``open_postgres``
    :raises ConfigError: its type is neither mysql nor postgres; and as ``open_mysql`` and ``open_postgres`` do
    """
    if fields.conn_type == "mysql":
        patience = BRIEF_SECONDS if brief else MYSQL_SOCKET_SECONDS
        with mysql_session.open_mysql(fields, stages=stages, patience=patience) as session:
            yield session
    elif fields.conn_type == "postgres":
        with postgres_session.open_postgres(fields, brief=brief) as session:
            yield session
    else:
        name, kind = fields.conn_id, fields.conn_type
        raise ConfigError(f"connection {name!r} is of type {kind!r}; a target is postgres or mysql")


def dialect(session: Session) -> Dialect:
    """Return the dialect of a session, by its driver."""
    return "postgres" if type(session).__module__.startswith("psycopg") else "mysql"


def query(session: Session, name: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run a statement in the session's dialect and return its rows as dictionaries; [] if it returns none."""
    run = mysql_session.query if dialect(session) == "mysql" else postgres_session.query
    return run(cast(Any, session), name, values)


def query_text(session: Session, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run a statement that was made from a template; without values its ``%`` stay as they are."""
    run = mysql_session.query_text if dialect(session) == "mysql" else postgres_session.query_text
    return run(cast(Any, session), sql, values)


def change(session: Session, sql: str, values: Mapping[str, Any] | None = None) -> int:
    """Run a statement that was made from a template; return how many changed rows the database counts."""
    with session.cursor() as cursor:
        cursor.execute(cast(Any, sql if dialect(session) == "mysql" else sql.encode()), values)
        return int(cursor.rowcount)


def transaction(session: Session) -> AbstractContextManager[Any]:
    """Commit what is done inside, or roll it back."""
    if dialect(session) == "mysql":
        return mysql_session.transaction(cast("pymysql.Connection[Any]", session))
    return cast("psycopg.Connection[Any]", session).transaction()


def savepoint(session: Session) -> AbstractContextManager[Any]:
    """Keep what is done inside, or undo it; for use within a transaction."""
    if dialect(session) == "mysql":
        return mysql_session.savepoint(cast("pymysql.Connection[Any]", session))
    return cast("psycopg.Connection[Any]", session).transaction()


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Keep what is done inside, or undo it: within a transaction if there is one, else in one of its own.

    :raises ValueRefused: a value is the reason; the session and its transaction can be used as before
    """
    with refusals(), _attempt(session):
        yield


@contextmanager
def refusals(of: str = "") -> Iterator[None]:
    """Separate errors that a value causes from all others.

    :param of: the table, if the caller knows it
    :raises ValueRefused: a value is the reason
    """
    try:
        yield
    except Exception as fault:
        place = refused_value(fault)
        if place is None:
            raise
        where = f"{of}.{place.rpartition('.')[2]}" if of else place
        raise ValueRefused(where) from None  # the driver's words quote the value


def _attempt(session: Session) -> AbstractContextManager[Any]:
    if dialect(session) == "mysql":
        return mysql_session.attempt(cast("pymysql.Connection[Any]", session))
    return cast("psycopg.Connection[Any]", session).transaction()
