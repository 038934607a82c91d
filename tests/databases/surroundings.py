"""What may stand around a session: each is arranged on real servers, for the table of docs/reliability.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WAREHOUSE, BI = "warehouse_postgres", "bi_mysql"
WORKS = "works"


@dataclass(frozen=True)
class Surrounding:
    """One of them.

    :ivar told: as the page names it
    :ivar result: WORKS, or words of the error
    :ivar environment: variables of our process
    :ivar connection: fields of the Airflow connection that differ
    :ivar administered: statements of an administrator
    :ivar undone: what takes them back
    :ivar pool: mode and size of a PgBouncer between
    """

    conn_id: str
    told: str
    result: str = WORKS
    environment: Mapping[str, str] = field(default_factory=dict)
    connection: Mapping[str, Any] = field(default_factory=dict)
    administered: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    pool: tuple[str, int] | None = None


def _variable(name: str, value: str) -> Surrounding:
    return Surrounding(WAREHOUSE, f"environment: `{name}={value}`", environment={name: value})


def _extra(told: str, **extra: str) -> Surrounding:
    return Surrounding(WAREHOUSE, f"connection's extra: `{told}`", connection={"extra": extra})


def _role(name: str, value: str) -> Surrounding:
    return Surrounding(
        WAREHOUSE, f"role: `ALTER ROLE … SET {name} = {value}`",
        administered=(f"ALTER ROLE warehouse SET {name} = {value}",),
        undone=("ALTER ROLE warehouse RESET ALL",),
    )  # fmt: skip


def _database(encoding: str, result: str) -> Surrounding:
    return Surrounding(
        WAREHOUSE, f"database: `ENCODING '{encoding}'`", result, connection={"schema": "other"},
        administered=(
            f"CREATE DATABASE other OWNER warehouse ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0",
        ),
        undone=("DROP DATABASE other WITH (FORCE)",),
    )  # fmt: skip


def _pooler(mode: str, size: int, result: str) -> Surrounding:
    return Surrounding(
        WAREHOUSE, f"PgBouncer: `pool_mode = {mode}`, `default_pool_size = {size}`", result, pool=(mode, size)
    )


def _user(setting: str, result: str = WORKS) -> Surrounding:
    """MySQL has settings for all users only; init_connect is what administrators have."""
    return Surrounding(
        BI, f"`init_connect`: `SET {setting}`", result,
        administered=(f'SET GLOBAL init_connect = "SET {setting}"',),
        undone=("SET GLOBAL init_connect = ''",),
    )  # fmt: skip


def _server(name: str, value: str, usual: str, result: str = WORKS) -> Surrounding:
    return Surrounding(
        BI, f"server: `{name} = {value}`", result,
        administered=(f"SET GLOBAL {name} = {value}",), undone=(f"SET GLOBAL {name} = {usual}",),
    )  # fmt: skip


_LENT = "a pooler lends us processes of the server for single transactions"
SURROUNDINGS = (
    _variable("PGTZ", "UTC"),
    _variable("PGCLIENTENCODING", "GBK"),
    _variable("PGDATESTYLE", "SQL, DMY"),
    _variable("PGOPTIONS", "-c timezone=UTC -c standard_conforming_strings=off"),
    _extra("options: -c search_path=public", options="-c search_path=public"),
    _extra("options: -c statement_timeout=600000", options="-c statement_timeout=600000"),
    _extra("options: -c timezone=UTC -c datestyle=German", options="-c timezone=UTC -c datestyle=German"),
    _extra("client_encoding: LATIN1", client_encoding="LATIN1"),
    _extra("sslmode: prefer, application_name: bi", sslmode="prefer", application_name="bi"),
    _role("TimeZone", "'UTC'"),
    _role("client_encoding", "'LATIN1'"),
    _role("client_encoding", "'GBK'"),
    _role("DateStyle", "'SQL, DMY'"),
    _role("IntervalStyle", "'sql_standard'"),
    _role("bytea_output", "'escape'"),
    _role("standard_conforming_strings", "off"),
    _role("array_nulls", "off"),
    _role("transform_null_equals", "on"),
    _role("default_transaction_read_only", "on"),
    _role("default_transaction_isolation", "'serializable'"),
    _role("synchronous_commit", "off"),
    _role("statement_timeout", "'20s'"),
    _role("lock_timeout", "'1ms'"),
    _role("idle_in_transaction_session_timeout", "'1ms'"),
    _role("idle_session_timeout", "'20s'"),
    _role("transaction_timeout", "'20s'"),
    _role("search_path", "'warehouse', public"),
    _database("SQL_ASCII", "refuses its canary"),
    _database("LATIN1", "refuses its canary"),
    _database("EUC_CN", "refuses its canary"),
    _pooler("session", 3, WORKS),
    _pooler("session", 1, "the pooler has no process for a second session"),
    _pooler("transaction", 1, _LENT),
    _pooler("transaction", 2, _LENT),
    _pooler("statement", 2, _LENT),
    _user("time_zone = '+00:00'"),
    _user("NAMES gbk"),
    _user("character_set_results = latin1"),
    _user("sql_mode = 'ANSI_QUOTES'"),
    _user("sql_mode = 'NO_BACKSLASH_ESCAPES'"),
    _user("sql_mode = 'PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH'"),
    _user("sql_mode = ''"),
    _user("sql_safe_updates = 1"),
    _user("sql_select_limit = 1"),
    _user("sql_big_selects = 0, max_join_size = 1"),
    _user("autocommit = 0"),
    _user("SESSION TRANSACTION READ ONLY"),
    _user("SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
    _user("max_error_count = 0"),
    _user("foreign_key_checks = 0, unique_checks = 0"),
    _user("check_constraint_checks = 0"),
    _user("wait_timeout = 20, net_read_timeout = 20, net_write_timeout = 20"),
    _user("max_statement_time = 20"),
    _user("idle_transaction_timeout = 1"),
    _user("nonsense = 1", "init_connect command failed"),
    _server("time_zone", "'+00:00'", "'+08:00'"),
    _server("character_set_server", "latin1", "utf8mb4"),
    _server("sql_mode", "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "DEFAULT"),
    _server("lock_wait_timeout", "1", "DEFAULT"),
    _server("local_infile", "0", "1", "disabled the local infile capability"),
)
