"""One short-lived PostgreSQL session by connection id, with a limit on everything it may wait for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.meanings import classing
from retail_pipeline.databases.postgres_errors import classed
from retail_pipeline.databases.postgres_readiness import make_ready
from retail_pipeline.databases.postgres_tls import with_tls
from retail_pipeline.databases.session_owners import remember
from retail_pipeline.errors import ConfigError
from retail_pipeline.statements import statement

if TYPE_CHECKING:
    import psycopg

# A server that is gone is noticed, whatever it was doing; who wants other limits names them in the extra field.
SOCKET = {
    "connect_timeout": 10,
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
    "tcp_user_timeout": 120_000,
}


@contextmanager
def open_postgres(conn_id: str) -> Iterator[psycopg.Connection[Any]]:
    """Open a session in autocommit mode: who needs a transaction says ``with connection.transaction()``.

    It is what ``databases`` makes of it, whatever the role, the environment or the connection's extra field says.

    :raises ConfigError: tables or rights are missing, or a table is not what our statements expect; or the session is
        not what it must be
    :raises CheckFailed: a value does not fit a table
    :raises DatabaseUnavailable: the server cannot be reached, or a limit was hit
    """
    # Not at the top: these imports would triple the time that a DAG file takes to parse.
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        with faults_of(conn_id), closing(_connect(conn_id)) as connection:
            make_ready(connection, conn_id, lambda: _connect(conn_id))
            remember(connection, conn_id)
            yield connection
    except AirflowNotFoundException:
        raise ConfigError(f"connection {conn_id!r} is not defined in Airflow") from None


def faults_of(conn_id: str) -> AbstractContextManager[None]:
    """Class the driver's errors by what must be done, in the name of a connection."""
    return classing(conn_id, classed)


def _connect(conn_id: str) -> psycopg.Connection[Any]:
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk import BaseHook

    fields = BaseHook.get_connection(conn_id)
    fields.extra = json.dumps({**SOCKET, **with_tls(conn_id, fields.extra_dejson)})
    connection: psycopg.Connection[Any] = PostgresHook(connection=fields).get_conn()
    connection.autocommit = True
    return connection


def query(
    connection: psycopg.Connection[Any], name: str, values: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Run a statement of ``include/sql`` and return its rows as dictionaries; [] where it returns none."""
    return query_text(connection, statement(name), values)


def query_text(
    connection: psycopg.Connection[Any], sql: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a statement that was made from a template; without values its ``%`` stay as they are."""
    from psycopg.rows import dict_row

    with connection.cursor(row_factory=dict_row) as cursor:
        # As bytes: psycopg takes text only where it is a literal of the program, to keep values out of SQL.
        cursor.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []
