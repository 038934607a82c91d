"""A session is what our statements rely on, or it is refused by name; beside its settings stands a canary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI, from_local_time
from retail_pipeline.databases import mysql_readiness, postgres_session, target_session
from retail_pipeline.databases.session_settings import known_here, settle
from retail_pipeline.databases.target_session import change, query_text
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_postgres, open_target
from retail_pipeline.tables.fingerprint import fingerprint, sum_of
from retail_pipeline.tables.target_tables import ensure_tables, prove
from tests.databases.conftest import Servers
from tests.tables.integration.probe_orders import FAMILY, order, publish

MOMENT = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def warehouse(connect) -> Iterator[Any]:
    with open_target("warehouse_postgres") as session:
        yield session


MUST_BE = {
    "warehouse_postgres": {
        "client_encoding": "UTF8", "TimeZone": "Asia/Shanghai", "DateStyle": "ISO, YMD", "IntervalStyle": "postgres",
        "bytea_output": "hex", "extra_float_digits": "1", "standard_conforming_strings": "on", "array_nulls": "on",
        "transform_null_equals": "off", "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "off", "default_transaction_deferrable": "off", "synchronous_commit": "on",
        "statement_timeout": "2min", "lock_timeout": "90s", "idle_in_transaction_session_timeout": "5min",
        "transaction_timeout": "30min", "idle_session_timeout": "0", "retail.strict": "off",
    },
    "bi_mysql": {
        "character_set_client": "utf8mb4", "character_set_connection": "utf8mb4", "character_set_results": "utf8mb4",
        "time_zone": "+08:00", "autocommit": "ON", "tx_isolation": "READ-COMMITTED", "tx_read_only": "OFF",
        "sql_mode": "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
        "NO_ENGINE_SUBSTITUTION",
        "sql_select_limit": "18446744073709551615", "sql_big_selects": "ON", "sql_auto_is_null": "OFF",
        "sql_safe_updates": "OFF", "sql_notes": "ON", "foreign_key_checks": "ON", "unique_checks": "ON",
        "check_constraint_checks": "ON", "max_error_count": "1", "group_concat_max_len": "67108864",
        "max_statement_time": "280.000000", "lock_wait_timeout": "60", "innodb_lock_wait_timeout": "60",
        "net_read_timeout": "300", "net_write_timeout": "300", "wait_timeout": "28800",
        "idle_transaction_timeout": "300",
    },
}  # fmt: skip
SPOILT = {
    "warehouse_postgres": (
        "extra_float_digits = 0", "array_nulls = off", "transform_null_equals = on", "synchronous_commit = off",
        "bytea_output = escape", "standard_conforming_strings = off", "IntervalStyle = iso_8601", "TimeZone = UTC",
        "default_transaction_isolation = serializable", "default_transaction_deferrable = on", "DateStyle = German",
        "default_transaction_read_only = on", "client_encoding = LATIN1", "idle_session_timeout = '1h'",
        "retail.strict = on",
    ),
    "bi_mysql": (
        "autocommit = 0", "sql_auto_is_null = 1", "sql_notes = 0", "max_error_count = 0", "sql_big_selects = 0",
        "group_concat_max_len = 4", "lock_wait_timeout = 7", "innodb_lock_wait_timeout = 7", "sql_safe_updates = 1",
        "foreign_key_checks = 0", "unique_checks = 0", "check_constraint_checks = 0", "time_zone = '+00:00'",
    ),
}  # fmt: skip


def spoil(servers: Servers, conn_id: str, settings: tuple[str, ...] = ()) -> None:
    """Let every new session have these; none: as it was."""
    if conn_id == "bi_mysql":
        init = f"SET {', '.join(settings)}" if settings else ""
        with servers.mysql_admin.cursor() as cursor:
            cursor.execute("SET GLOBAL init_connect = %s", (init,))
        return
    servers.admin.execute("ALTER ROLE warehouse RESET ALL")
    for setting in settings:
        servers.admin.execute(f"ALTER ROLE warehouse SET {setting}")


@pytest.mark.parametrize("conn_id", MUST_BE)
def test_a_session_is_just_so_whatever_it_was_before(servers: Servers, connect, conn_id):
    spoil(servers, conn_id, SPOILT[conn_id])
    try:
        with open_target(conn_id) as session:
            found = {name: shown(session, name) for name in MUST_BE[conn_id]}
    finally:
        spoil(servers, conn_id)

    assert found == MUST_BE[conn_id]


def shown(session: Any, name: str) -> str:
    if target_session.dialect(session) == "postgres":
        return query_text(session, f"SHOW {name}")[0][name]
    return query_text(session, f"SHOW SESSION VARIABLES LIKE '{name}'")[0]["Value"]


def test_a_limit_that_is_wider_than_needed_stays():
    server = Server(("max_error_count",), max_error_count="1024")
    settled(server, max_error_count=1)
    assert server.looks == 1


def test_an_owner_whose_standby_must_have_applied_what_is_committed_keeps_that(servers: Servers, connect):
    spoil(servers, "warehouse_postgres", ("synchronous_commit = remote_apply",))
    try:
        with open_target("warehouse_postgres") as session:
            assert shown(session, "synchronous_commit") == "remote_apply"
    finally:
        spoil(servers, "warehouse_postgres")


@pytest.mark.parametrize("weaker", ["off", "local", "remote_write"])
def test_what_a_crash_would_lose_does_not_stay(weaker):
    server = Server(synchronous_commit=weaker)
    settled(server, synchronous_commit="on")
    assert server.settings == {"synchronous_commit": "on"}


def test_the_socket_has_limits_and_the_extra_field_may_have_others(connect):
    connect("warehouse_postgres", extra={"keepalives_idle": 7})
    with open_postgres("warehouse_postgres") as session:
        given = session.info.get_parameters()

    assert (given["connect_timeout"], given["tcp_user_timeout"], given["keepalives_idle"]) == (
        "10",
        "120000",
        "7",
    )


def test_a_brief_session_waits_10_s_for_a_lock_and_30_s_for_an_answer():
    with open_postgres("warehouse_postgres", brief=True) as session:
        shown = [
            session.execute(f"SHOW {name}").fetchone()[0] for name in ("lock_timeout", "statement_timeout")
        ]
    with open_target("bi_mysql", brief=True) as session:
        assert (session._read_timeout, shown) == (30, ["10s", "30s"])


UNPROVED = [
    ("warehouse_postgres", "TimeZone = 'UTC'", "moment came back as '1793610000.250'"),
    ("bi_mysql", "time_zone = '+00:00'", "moment came back as '1793610000.250'"),
    ("bi_mysql", "character_set_results = latin1", "returned came back as"),
]


@pytest.mark.parametrize(("conn_id", "setting", "told"), UNPROVED)
def test_the_canary_trusts_no_settings(servers: Servers, connect, monkeypatch, conn_id, setting, told):
    monkeypatch.setattr(postgres_session, "POSTGRES", {})
    monkeypatch.setattr(mysql_readiness, "MYSQL_WRITING", {})
    monkeypatch.setattr("pymysql.connections.Connection.set_character_set", lambda *_: None)
    spoil(servers, conn_id, (setting,))
    try:
        with pytest.raises(ConfigError, match=f"'{conn_id}'.*{told}"), open_target(conn_id):
            pass
    finally:
        spoil(servers, conn_id)


LOST = [
    ("warehouse_postgres", "SET client_encoding = 'LATIN1'", "words came back as"),
    ("warehouse_postgres", "SET standard_conforming_strings = off", "syntax error"),
    ("bi_mysql", "SET time_zone = '+00:00'", "moment came back as"),
    ("bi_mysql", "SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "Field separator"),
]


def prove_before_and_after(conn_id: str, loss: str) -> None:
    with open_target(conn_id, stages=True) as session:
        prove(session)
        prove(session)
        change(session, loss)
        prove(session)


@pytest.mark.parametrize(("conn_id", "loss", "told"), LOST)
def test_a_load_is_proved_by_its_own_way_although_the_session_was_well_before(connect, conn_id, loss, told):
    with pytest.raises(ConfigError, match=f"'{conn_id}'.*{told}"):
        prove_before_and_after(conn_id, loss)


def test_times_keep_their_moment_in_a_session_that_lost_its_zone(warehouse):
    change(warehouse, "SET timezone = 'UTC'")
    local = MOMENT.replace(tzinfo=None)
    asked = "SELECT extract(epoch FROM %(t)s)::bigint AS t, extract(epoch FROM (%(many)s)[1])::bigint AS many"

    [found] = query_text(warehouse, asked, {"t": local, "many": [local]})
    [back] = query_text(warehouse, "SELECT %(t)s::timestamptz AS t", {"t": MOMENT})
    [now_there] = target_session.query(warehouse, "clock/reading_time")

    assert found == {"t": int(MOMENT.timestamp()), "many": int(MOMENT.timestamp())}
    assert from_local_time(back["t"]) == MOMENT
    [now] = query_text(warehouse, "SELECT clock_timestamp() AS now")
    assert (
        timedelta(0)
        <= now["now"] - from_local_time(datetime.fromisoformat(now_there["reading_time"]))
        < timedelta(hours=1)
    )


def test_so_do_the_rows_of_a_load_and_old_ones_what_the_clock_showed(warehouse, monkeypatch):
    ensure_tables(warehouse, FAMILY)
    times = [
        "2026-11-02 09:00:00.25",
        "1992-01-01",
        "1991-12-31 23:59:59",
        "1988-07-01 12:00:00",
        "1000-01-01",
    ]
    change(warehouse, "SET timezone = 'UTC'")
    proof = publish(warehouse, 1, *(order(number, moment) for number, moment in enumerate(times)))

    asked = "SELECT to_char(changed AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS') AS t FROM probe_order"
    found = query_text(warehouse, f"{asked} ORDER BY order_id")
    for table in FAMILY:
        change(warehouse, f"DROP TABLE {table.name}")

    sent = [datetime.fromisoformat(moment).isoformat(" ", "microseconds") for moment in times]
    assert proof.arrived_checksum == sum_of(fingerprint("a", *each) for each in enumerate(sent))
    assert [row["t"] for row in found] == [
        "2026-11-02 09:00:00.250", "1992-01-01 00:00:00.000", "1991-12-31 23:59:59.000",
        "1988-07-01 12:00:00.000", "1000-01-01 00:00:00.000",
    ]  # fmt: skip


class Server:
    """Has settings, some of which it keeps whatever it is told."""

    def __init__(self, fixed: tuple[str, ...] = (), **settings: str) -> None:
        self.settings, self.fixed, self.looks = settings, fixed, 0

    def look(self) -> dict[str, str]:
        self.looks += 1
        return dict(self.settings)

    def put(self, some: Any) -> None:
        if refused := [name for name in some if name in self.fixed]:
            raise LookupError(refused)
        self.settings |= {name: str(value) for name, value in some.items()}


def settled(server: Server, **wanted: str | int) -> None:
    settle("x", wanted, server.look, server.put, LookupError)


def test_what_cannot_be_set_is_named_with_both_values_and_nothing_else_is():
    server = Server(("lock_timeout",), lock_timeout="0", zone="UTC", sql_mode="B,a")
    with pytest.raises(ConfigError, match=r"'x': lock_timeout is '0', needed is '90s', and cannot be set"):
        settled(server, lock_timeout="90s", zone="+08:00", sql_mode="A,B")
    assert server.settings["zone"] == "+08:00"


def test_a_setting_that_the_server_should_know_and_does_not_is_refused():
    server = Server()
    server.put = lambda some: None  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="time_zone is None"):
        settled(server, time_zone="+08:00")


def test_one_that_only_some_versions_know_is_left_out_there():
    settled(Server(), transaction_timeout="30min", max_statement_time=280)


# What VERSION() says, and whether max_statement_time counts seconds there.
VERSIONS = [
    ("10.11.18-MariaDB-0+deb12u1", True),
    ("10.3.8-MariaDB-TX-log", True),
    ("11.4.2-MariaDB", True),
    ("5.7.5-m15", False),
    ("5.6.51-91.0-log", False),  # Percona Server
    ("5.6.16-log", False),  # AliSQL
    ("8.0.36", False),
    ("", False),
]


@pytest.mark.parametrize(("version", "seconds"), VERSIONS)
def test_a_limit_that_other_servers_count_in_milliseconds_is_set_only_where_it_means_seconds(
    version, seconds
):
    server = Server(max_statement_time="0", zone="UTC")
    wanted = {"max_statement_time": 280, "zone": "+08:00"}
    settle("x", wanted, lambda: known_here(server.look(), version), server.put, LookupError)
    assert server.settings == {"max_statement_time": "280" if seconds else "0", "zone": "+08:00"}


def test_where_all_is_well_one_look_is_enough():
    server = Server(max_statement_time="280.000000", zone="+08:00")
    settled(server, max_statement_time=280, zone="+08:00")
    assert server.looks == 1
