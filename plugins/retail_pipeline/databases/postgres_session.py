"""One short-lived session with PostgreSQL, with a limit on every wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.connection import ConnectionFields
from retail_pipeline.databases.meanings import classing
from retail_pipeline.databases.postgres_errors import classed
from retail_pipeline.databases.postgres_readiness import make_ready
from retail_pipeline.databases.postgres_tls import with_tls
from retail_pipeline.databases.session_owners import remember
from retail_pipeline.databases.session_settings import POSTGRES, POSTGRES_BRIEF
from retail_pipeline.databases.statements import statement
from retail_pipeline.errors import ConfigError

if TYPE_CHECKING:
    import psycopg

# With these a lost server is noticed, whatever it was doing; the connection's extra field may name other limits.
SOCKET = {
    "connect_timeout": 10,
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
    "tcp_user_timeout": 120_000,
}


# Airflow's own hook reads these; libpq would refuse them, and we do not use them.
OF_AIRFLOW = frozenset({"cursor", "sqlalchemy_scheme", "sqlalchemy_query"})
_ELSEWHERE = frozenset(
    {
        "iam",
        "redshift",
        "redshift-serverless",
        "cluster-identifier",
        "workgroup-name",
        "aws_conn_id",
        "azure_conn_id",
    }
)


@contextmanager
def open_postgres(fields: ConnectionFields, *, brief: bool = False) -> Iterator[psycopg.Connection[Any]]:
    """Open a session in autocommit mode: a caller that needs a transaction writes ``with connection.transaction()``.

    ``databases`` gives it its settings, whatever the role, the environment or the connection's extra field says.

    :param brief: it waits for a lock or an answer only as long as a task that asks many databases may (BRIEF_SECONDS)
    :raises ConfigError: tables or rights are missing, a table is not what our statements expect, or the session
        cannot get its settings
    :raises CheckFailed: a value does not fit a table
    :raises DatabaseUnavailable: the server cannot be reached, or a limit was hit
    """
    name = fields.conn_id
    with faults_of(name), closing(_connect(fields)) as connection:
        make_ready(connection, name, lambda: _connect(fields), POSTGRES_BRIEF if brief else POSTGRES)
        remember(connection, name)
        yield connection


def faults_of(conn_id: str) -> AbstractContextManager[None]:
    """Class the driver's errors by what must be done, in the name of a connection."""
    return classing(conn_id, classed)


def _connect(fields: ConnectionFields) -> psycopg.Connection[Any]:
    # Not at the top: this import would slow down the parsing of every DAG file.
    import psycopg

    return psycopg.connect(
        host=fields.host,
        port=fields.port,
        user=fields.user,
        password=fields.password,
        dbname=fields.database,
        autocommit=True,
        **{**SOCKET, **with_tls(fields.conn_id, _for_libpq(fields))},
    )


def _for_libpq(fields: ConnectionFields) -> dict[str, Any]:
    for field in sorted(_ELSEWHERE.intersection(fields.extra)):
        if fields.extra[field]:
            raise ConfigError(
                f"connection {fields.conn_id!r}: extra field {field!r}: no cloud's own login is known"
            )
    return {name: value for name, value in fields.extra.items() if name not in OF_AIRFLOW | _ELSEWHERE}


def query(
    connection: psycopg.Connection[Any], name: str, values: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Run a statement of ``include/sql`` and return its rows as dictionaries; [] if it returns none."""
    return query_text(connection, statement(name, "postgres"), values)


def query_text(
    connection: psycopg.Connection[Any], sql: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a statement that was made from a template; without values its ``%`` stay as they are."""
    from psycopg.rows import dict_row

    with connection.cursor(row_factory=dict_row) as cursor:
        # As bytes: psycopg's types take only literal text, to keep values out of SQL.
        cursor.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []
