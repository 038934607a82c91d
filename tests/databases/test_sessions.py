"""A session is what our statements rely on, or it is refused by name; beside its settings stands a canary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline import target_session
from retail_pipeline.business_time import SHANGHAI, from_local_time
from retail_pipeline.databases import mysql_readiness, postgres_readiness
from retail_pipeline.databases.session_settings import MYSQL_WRITING, POSTGRES, settle
from retail_pipeline.errors import ConfigError
from retail_pipeline.postgres_session import open_postgres
from retail_pipeline.sinks.tables import ensure_tables, prove
from retail_pipeline.target_session import change, open_target, query_text
from tests.databases.conftest import Servers
from tests.integration.probe_orders import FAMILY, order, publish

MOMENT = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def warehouse(connect) -> Iterator[Any]:
    with open_target("warehouse_postgres") as session:
        yield session


@pytest.fixture
def bi(connect) -> Iterator[Any]:
    with open_target("bi_mysql") as session:
        yield session


def test_what_postgresql_must_be_is_what_it_is(warehouse):
    for name, value in POSTGRES.items():
        assert query_text(warehouse, f"SHOW {name}") == [{name: value}]


def test_what_mariadb_must_be_is_what_it_is(bi):
    found = {
        row["Variable_name"]: row["Value"] for row in query_text(bi, "SHOW SESSION VARIABLES")
    }  # fmt: skip
    asked = {name: found[name] for name in MYSQL_WRITING if name in found}

    assert set(MYSQL_WRITING) - set(asked) <= {
        "max_execution_time",
        "transaction_isolation",
        "transaction_read_only",
    }
    assert (asked["time_zone"], asked["max_statement_time"]) == ("+08:00", "280.000000")
    assert (asked["character_set_results"], asked["tx_isolation"]) == ("utf8mb4", "READ-COMMITTED")
    assert (asked["sql_safe_updates"], asked["wait_timeout"], asked["max_error_count"]) == (
        "OFF",
        "28800",
        "64",
    )


def test_the_socket_has_limits_and_the_extra_field_may_have_others(connect):
    connect("warehouse_postgres", extra={"keepalives_idle": 7})
    with open_postgres("warehouse_postgres") as session:
        given = session.info.get_parameters()

    assert (given["connect_timeout"], given["tcp_user_timeout"], given["keepalives_idle"]) == (
        "10",
        "120000",
        "7",
    )


@pytest.mark.parametrize(("role", "told"), [("TimeZone", "moment came back as '1793610000.250'")])
def test_the_canary_needs_no_settings_to_see_a_wrong_zone(servers: Servers, connect, monkeypatch, role, told):
    monkeypatch.setattr(postgres_readiness, "POSTGRES", {})
    servers.admin.execute(f"ALTER ROLE warehouse SET {role} = 'UTC'")
    try:
        with (
            pytest.raises(ConfigError, match=f"'warehouse_postgres'.*{told}"),
            open_target("warehouse_postgres"),
        ):
            pass
    finally:
        servers.admin.execute("ALTER ROLE warehouse RESET ALL")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("time_zone = '+00:00'", "moment came back as"),
        ("character_set_results = latin1", "returned came back as"),
    ],
)
def test_nor_in_mysql(servers: Servers, connect, monkeypatch, setting, told):
    monkeypatch.setattr(mysql_readiness, "MYSQL_WRITING", {})
    monkeypatch.setattr("pymysql.connections.Connection.set_character_set", lambda *_: None)
    with servers.mysql_admin.cursor() as cursor:
        cursor.execute(f'SET GLOBAL init_connect = "SET {setting}"')
        try:
            with pytest.raises(ConfigError, match=f"'bi_mysql'.*{told}"), open_target("bi_mysql"):
                pass
        finally:
            cursor.execute("SET GLOBAL init_connect = ''")


LOST = [
    ("warehouse_postgres", "SET client_encoding = 'LATIN1'", "words came back as"),
    ("warehouse_postgres", "SET standard_conforming_strings = off", "syntax error"),
    ("bi_mysql", "SET time_zone = '+00:00'", "moment came back as"),
    ("bi_mysql", "SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "Field separator"),
]


def prove_before_and_after(conn_id: str, loss: str) -> None:
    with open_target(conn_id) as session:
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
    [ticket] = target_session.query(warehouse, "clock/ticket")

    assert found == {"t": int(MOMENT.timestamp()), "many": int(MOMENT.timestamp())}
    assert from_local_time(back["t"]) == MOMENT
    [now] = query_text(warehouse, "SELECT clock_timestamp() AS now")
    assert (
        timedelta(0)
        <= now["now"] - from_local_time(datetime.fromisoformat(ticket["ticket"]))
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
    publish(warehouse, 1, *(order(number, moment) for number, moment in enumerate(times)))

    asked = "SELECT to_char(changed AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS') AS t FROM probe_order"
    found = query_text(warehouse, f"{asked} ORDER BY order_id")
    for table in FAMILY:
        change(warehouse, f"DROP TABLE {table.name}")

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


def test_where_all_is_well_one_look_is_enough():
    server = Server(max_statement_time="280.000000", zone="+08:00")
    settled(server, max_statement_time=280, zone="+08:00")
    assert server.looks == 1
