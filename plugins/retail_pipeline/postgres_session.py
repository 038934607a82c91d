"""One short-lived PostgreSQL session by connection id, with a limit on everything it may wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from retail_pipeline.errors import CheckFailed, ConfigError, DatabaseUnavailable
from retail_pipeline.statements import statement

if TYPE_CHECKING:
    import psycopg

# A day's row is locked while its report is on the wire: at most the transport's 30 s.
LIMITS = "-c statement_timeout=120s -c lock_timeout=90s -c timezone=Asia/Shanghai"


@contextmanager
def open_postgres(conn_id: str) -> Iterator[psycopg.Connection[Any]]:
    """Open a session in autocommit mode: who needs a transaction says ``with connection.transaction()``.

    :raises ConfigError: tables or rights are missing, or a table is not what our statements expect
    :raises CheckFailed: a value does not fit a table
    :raises DatabaseUnavailable: the server cannot be reached, or a limit was hit
    """
    # Not at the top: these imports would triple the time that a DAG file takes to parse.
    import psycopg
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection = PostgresHook(postgres_conn_id=conn_id, options=LIMITS).get_conn()
        with closing(connection):
            connection.autocommit = True
            yield connection
    except AirflowNotFoundException:
        raise ConfigError(f"connection {conn_id!r} is not defined in Airflow") from None
    except psycopg.errors.UndefinedTable as fault:
        mend = "run `retail schema apply`"
        raise ConfigError(f"connection {conn_id!r}: {fault.diag.message_primary}; {mend}") from None
    except psycopg.ProgrammingError as fault:
        # Rights that are missing, a view or table that is not what our statements expect.
        raise ConfigError(f"connection {conn_id!r}: {' '.join(str(fault).split())}") from fault
    except (psycopg.DataError, psycopg.IntegrityError) as fault:
        # Not its detail, which quotes values.
        raise CheckFailed(f"connection {conn_id!r}: {fault.diag.message_primary}") from None
    except psycopg.OperationalError as fault:
        raise DatabaseUnavailable(f"connection {conn_id!r}: {' '.join(str(fault).split())}") from fault


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
