"""Tables as `retail schema apply` makes and completes them; sessions, and what becomes of their errors."""

from __future__ import annotations

from collections.abc import Iterator

import pymysql
import pytest

from retail_pipeline.databases.mysql_session import query_text
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, PipelineError
from retail_pipeline.orchestration.sessions import open_mysql
from retail_pipeline.tables.description import Table, TableFamily, bigint, moment, money, text
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES
from tests.wangdiantong_aftersales.runs import HEAD

KEY = (text("account", 20, required=True), bigint("order_id", required=True))
PROBE = Table("probe_order", "探针", ("account", "order_id"), (
    *KEY, text("number", 40, "单号"), moment("changed", required=True), money("amount"),
), indexes=("changed",))  # fmt: skip
LINE = Table(
    "probe_order_line", "", ("account", "order_id", "line_no"), (*KEY, bigint("line_no", required=True))
)
FAMILY = TableFamily(PROBE, "changed", "number", (LINE,))


@pytest.fixture
def session() -> Iterator[pymysql.Connection]:
    with open_mysql("bi_mysql") as session:
        yield session
        session.rollback()
        for table in FAMILY:
            query_text(session, f"DROP TABLE IF EXISTS {table.name}")


def columns(session: pymysql.Connection, table: str) -> dict[str, str]:
    found = query_text(
        session,
        "SELECT column_name AS name, column_type AS type FROM information_schema.columns"
        f" WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position",
    )
    return {row["name"]: row["type"] for row in found}


def test_tables_are_made_once(session):
    assert ensure_tables(session, FAMILY) == ["probe_order: created", "probe_order_line: created"]
    assert list(columns(session, "probe_order")) == [*PROBE.names, "etl_window_id"]
    assert list(columns(session, "probe_order_line")) == list(LINE.names)
    assert ensure_tables(session, FAMILY) == [
        "probe_order: 0 columns added or changed",
        "probe_order_line: 0 columns added or changed",
    ]


def test_comments_indexes_and_character_set_are_there(session):
    ensure_tables(session, FAMILY)
    [(_, made)] = [tuple(row.values()) for row in query_text(session, "SHOW CREATE TABLE probe_order")]
    assert "COMMENT '单号'" in made
    assert "COMMENT='探针'" in made
    assert "KEY `probe_order_changed` (`changed`)" in made
    assert "CHARSET=utf8mb4" in made


def test_what_a_table_lacks_is_added_and_what_it_has_stays(session):
    ensure_tables(session, FAMILY)
    query_text(session, "INSERT INTO probe_order (account, order_id, changed) VALUES ('a', 1, '2026-11-23')")
    query_text(session, "ALTER TABLE probe_order DROP COLUMN amount, DROP COLUMN etl_window_id, ADD mine INT")
    query_text(session, "ALTER TABLE probe_order DROP COLUMN number")
    assert ensure_tables(session, FAMILY)[0] == "probe_order: 3 columns added or changed"
    assert set(columns(session, "probe_order")) == {*PROBE.names, "etl_window_id", "mine"}
    assert query_text(session, "SELECT order_id, amount FROM probe_order") == [
        {"order_id": 1, "amount": None}
    ]


@pytest.mark.parametrize("key", ["order_id", "order_id, account, changed"])
def test_a_table_with_another_key_is_refused_and_left_alone(session, key):
    query_text(
        session,
        "CREATE TABLE probe_order (account VARCHAR(20), order_id BIGINT, changed DATETIME,"
        f" PRIMARY KEY ({key}))",
    )
    with pytest.raises(ConfigError) as caught:
        ensure_tables(session, FAMILY)
    told = str(caught.value)
    assert "table probe_order has primary key (" in told
    assert "needed is (account, order_id)" in told
    assert "rename the table, then run `retail schema apply` again" in told
    assert list(columns(session, "probe_order")) == ["account", "order_id", "changed"]


def test_a_table_without_a_key_is_refused(session):
    query_text(session, "CREATE TABLE probe_order (account VARCHAR(20), order_id BIGINT, changed DATETIME)")
    with pytest.raises(ConfigError, match="primary key"):
        ensure_tables(session, FAMILY)


def test_amounts_times_and_ids_have_their_types(bi):
    types = columns(bi, HEAD)
    assert len(types) == len(AFTERSALES.head.columns) + 1
    assert {types[name] for name in types if name.endswith("_amount")} == {"decimal(19,4)"}
    assert {types[name] for name in ("modified", "created", "check_time", "settle_time")} == {"datetime(3)"}
    assert {types[name].split("(")[0] for name in ("refund_id", "trade_id", "status", "etl_window_id")} == {
        "bigint"
    }
    assert types["refund_no"] == "varchar(40)"
    assert types["remark"] == "mediumtext"
    for table in AFTERSALES:
        assert "extra" in columns(bi, table.name)


def test_a_session_speaks_shanghai_time_and_refuses_what_does_not_fit():
    with open_mysql("bi_mysql") as session:
        [told] = query_text(session, "SELECT @@time_zone AS zone, @@sql_mode AS mode")
        [level] = query_text(session, "SHOW VARIABLES LIKE 't%_isolation'")
    assert told["zone"] == "+08:00"
    assert "STRICT_ALL_TABLES" in told["mode"]
    assert level["Value"] == "READ-COMMITTED"


SAYINGS = [
    (pymysql.err.OperationalError(3948, "Loading local data is disabled"), ConfigError, "local_infile=ON"),
    (pymysql.err.OperationalError(1148, "The used command is not allowed"), ConfigError, "local_infile=ON"),
    (pymysql.err.ProgrammingError(1146, "Table 'bi.x' doesn't exist"), ConfigError, "retail schema apply"),
    (pymysql.err.OperationalError(1142, "INSERT command denied"), ConfigError, r"\[1142\]"),
    (pymysql.err.OperationalError(1205, "Lock wait timeout"), DatabaseUnavailable, r"\[1205\]"),
    (pymysql.err.OperationalError(1213, "Deadlock found"), DatabaseUnavailable, r"\[1213\]"),
    (pymysql.err.OperationalError(2013, "Lost connection"), DatabaseUnavailable, r"\[2013\]"),
    (pymysql.err.InterfaceError(0, ""), DatabaseUnavailable, "bi_mysql"),
    (pymysql.err.DataError(1406, "Data too long for column 'x'"), PipelineError, r"\[1406\]"),
    (pymysql.err.IntegrityError(1062, "Duplicate entry"), PipelineError, r"\[1062\]"),
]


@pytest.mark.parametrize(
    ("fault", "kind", "words"), SAYINGS, ids=[str(fault.args[0]) for fault, *_ in SAYINGS]
)
def test_what_the_database_says_becomes_an_error_that_names_the_connection(fault, kind, words):
    with pytest.raises(kind, match=words) as caught, open_mysql("bi_mysql"):
        raise fault
    assert "connection 'bi_mysql'" in str(caught.value)


def write_at_once(sql: str) -> None:
    with open_mysql("bi_mysql") as session:
        query_text(session, "SET SESSION innodb_lock_wait_timeout = 0")
        query_text(session, sql)


def test_a_row_that_another_session_holds_is_waited_for_only_so_long(session):
    ensure_tables(session, FAMILY)
    query_text(session, "INSERT INTO probe_order (account, order_id, changed) VALUES ('a', 1, '2026-11-23')")
    session.begin()
    query_text(session, "SELECT * FROM probe_order FOR UPDATE")
    with pytest.raises(DatabaseUnavailable, match=r"\[1205\]"):
        write_at_once("UPDATE probe_order SET amount = 1")


def test_a_wrong_password_and_a_server_that_is_down_are_told_apart(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_BI_DOWN", "mysql://bi:secret-word@127.0.0.1:1/bi")
    with pytest.raises(DatabaseUnavailable, match="bi_down") as caught, open_mysql("bi_down"):
        pass
    assert "secret-word" not in str(caught.value)
