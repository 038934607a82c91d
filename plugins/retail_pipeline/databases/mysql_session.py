"""One short-lived session with MySQL or MariaDB, with a limit on every wait.

The driver is always PyMySQL, whatever client the connection names for Airflow's own hook: it needs no compiler, is
the same on every machine, and can send a file that the server asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.connection import ConnectionFields
from retail_pipeline.databases.meanings import classing
from retail_pipeline.databases.mysql_errors import classed
from retail_pipeline.databases.mysql_readiness import make_ready
from retail_pipeline.databases.mysql_tls import tls_arguments
from retail_pipeline.databases.session_owners import remember
from retail_pipeline.databases.session_settings import MYSQL_SOCKET_SECONDS
from retail_pipeline.databases.statements import statement

if TYPE_CHECKING:
    import pymysql
    from pymysql.cursors import Cursor

CONNECT_TIMEOUT = 10
_SAVEPOINTS = itertools.count()


@contextmanager
def open_mysql(
    fields: ConnectionFields,
    *,
    writes: bool = True,
    stages: bool = False,
    patience: int = MYSQL_SOCKET_SECONDS,
) -> Iterator[pymysql.Connection[Cursor]]:
    """Open a session in autocommit mode; a caller that needs a transaction calls ``begin`` and ``commit``.

    Times in and out are Asia/Shanghai, text is utf8mb4, and values that do not fit are errors: ``databases`` sets
    this for each session, whatever the settings of the server or the user are.

    :param writes: False for a source, which is only read
    :param patience: seconds that the server may be silent
    :param stages: it loads files that were just written; in no other session does a server get any file
    :raises ConfigError: tables, rights or a server setting are missing, or the session cannot get its settings
    :raises CheckFailed: a value is refused
    :raises DatabaseUnavailable: the server cannot be reached, or a limit was hit
    """
    # Not at the top: this import would slow down the parsing of every DAG file.
    from retail_pipeline.databases.local_file import GuardedConnection

    name = fields.conn_id
    with (
        faults_of(name),
        closing(GuardedConnection(name, local_infile=stages, **_arguments(fields, patience))) as connection,
    ):
        make_ready(connection, name, writes=writes)
        remember(connection, name)
        yield connection


def is_gone(connection: pymysql.Connection[Any]) -> bool:
    """Return whether the server has ended a session, which ``reopen`` opens anew."""
    import pymysql

    try:
        connection.ping(reconnect=False)
    except pymysql.err.Error:
        return True
    return False


def reopen(connection: pymysql.Connection[Any], conn_id: str) -> None:
    """Open a session with a source again after the server has ended it, and make it ready as before."""
    connection.connect()
    make_ready(connection, conn_id, writes=False)


def faults_of(conn_id: str) -> AbstractContextManager[None]:
    """Class the driver's errors by what must be done, in the name of a connection.

    ``open_mysql`` does so for everything inside it. If two sessions are open, the inner one would give its name to
    the outer one's errors: wrap statements of the outer session in this.
    """
    return classing(conn_id, classed)


def _arguments(fields: ConnectionFields, patience: int) -> dict[str, Any]:
    from pymysql.constants.CLIENT import FOUND_ROWS

    return {
        "host": fields.host or "localhost",
        "port": fields.port or 3306,
        "user": fields.user,
        "password": fields.password or "",
        "database": fields.database or None,
        "charset": "utf8mb4",
        "autocommit": True,
        # With this flag an upsert counts 1 for a row that is new or unchanged, and 2 for one that it changed.
        "client_flag": FOUND_ROWS,
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": patience,
        "write_timeout": patience,
        **tls_arguments(fields.conn_id, fields.extra),
    }


@contextmanager
def transaction(connection: pymysql.Connection[Any]) -> Iterator[None]:
    """Commit what is done inside, or roll it back. MySQL would commit a half-done transaction at the next BEGIN."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(Exception):  # a connection that is gone has rolled back by itself
            connection.rollback()
        raise


@contextmanager
def savepoint(connection: pymysql.Connection[Any]) -> Iterator[None]:
    """Keep what is done inside, or undo it; for use within a transaction."""
    name = f"attempt_{next(_SAVEPOINTS)}"  # a savepoint of the same name would end the outer one
    with connection.cursor() as cursor:
        cursor.execute(statement("sessions/savepoint", "mysql").format(name=name))
        try:
            yield
        except BaseException:
            with suppress(Exception):  # a deadlock, or a connection that is gone, has undone all of it
                cursor.execute(statement("sessions/undo", "mysql").format(name=name))
            raise
        cursor.execute(statement("sessions/release", "mysql").format(name=name))


def attempt(connection: pymysql.Connection[Any]) -> AbstractContextManager[None]:
    """Keep what is done inside, or undo it: within a transaction if there is one, else in one of its own."""
    from pymysql.constants.SERVER_STATUS import SERVER_STATUS_IN_TRANS

    status: int = connection.server_status  # type: ignore[attr-defined]
    return savepoint(connection) if status & SERVER_STATUS_IN_TRANS else transaction(connection)


@contextmanager
def texts_as_bytes(connection: pymysql.Connection[Any]) -> Iterator[None]:
    """Return texts as the UTF-8 bytes that the server sends, for callers that decode them together with the rest."""
    connection.use_unicode = False
    try:
        yield
    finally:
        connection.use_unicode = True


def query(
    connection: pymysql.Connection[Any], name: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a statement of ``include/sql`` and return its rows as dictionaries; [] if it returns none."""
    return query_text(connection, statement(name, "mysql"), values)


def query_text(
    connection: pymysql.Connection[Any], sql: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a statement that was made from a template; without values its ``%`` stay as they are."""
    from pymysql.cursors import DictCursor

    with connection.cursor(DictCursor) as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
