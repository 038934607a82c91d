"""Opens sessions with databases from Airflow's connections: the one place where their fields are read."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases import mysql_session, postgres_session, target_session
from retail_pipeline.databases.connection import ConnectionFields
from retail_pipeline.databases.session_settings import MYSQL_SOCKET_SECONDS
from retail_pipeline.errors import ConfigError

if TYPE_CHECKING:
    import psycopg
    import pymysql
    from pymysql.cursors import Cursor

    from retail_pipeline.databases.target_session import Session


def fields_of(conn_id: str) -> ConnectionFields:
    """Return what Airflow knows of a connection.

    :raises ConfigError: it is not defined
    """
    # Not at the top: these imports would triple the time that a DAG file takes to parse.
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise ConfigError(f"connection {conn_id!r} is not defined in Airflow") from None
    return ConnectionFields(
        conn_id=conn_id,
        conn_type=found.conn_type,
        host=found.host,
        port=found.port,
        user=found.login,
        password=found.password,
        database=found.schema,
        extra=found.extra_dejson,
    )


def open_postgres(conn_id: str, *, brief: bool = False) -> AbstractContextManager[psycopg.Connection[Any]]:
    """Open a session, as ``postgres_session.open_postgres`` does.

    :raises ConfigError: Airflow does not know the connection
    """
    return postgres_session.open_postgres(fields_of(conn_id), brief=brief)


def open_mysql(
    conn_id: str, *, writes: bool = True, stages: bool = False, patience: int = MYSQL_SOCKET_SECONDS
) -> AbstractContextManager[pymysql.Connection[Cursor]]:
    """Open a session, as ``mysql_session.open_mysql`` does.

    :raises ConfigError: Airflow does not know the connection
    """
    return mysql_session.open_mysql(fields_of(conn_id), writes=writes, stages=stages, patience=patience)


def open_target(
    conn_id: str, *, stages: bool = False, brief: bool = False
) -> AbstractContextManager[Session]:
    """Open a session, as ``target_session.open_target`` does.

    :raises ConfigError: Airflow does not know the connection
    """
    return target_session.open_target(fields_of(conn_id), stages=stages, brief=brief)
