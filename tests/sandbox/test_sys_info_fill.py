"""A real sys_info: its tables as the platform's document has them, filled fast and always alike."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from urllib.parse import unquote, urlsplit

import pymysql
import pytest

from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.tables import TABLES, Naming, connect, create, drop
from sandbox.sys_info.truth import truth
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE
from tests.patience import PATIENCE

FIRST, LAST = 1795276800, 1795363200
# As the platform's document lists them.
COLUMNS = {
    TRADE: "tid status type seller_nick buyer_nick created modified jdp_created jdp_modified",
    REFUND: "refund_id status seller_nick buyer_nick tid oid created modified jdp_created jdp_modified",
    ITEM: "num_iid nick approve_status cid has_showcase has_discount created modified jdp_created jdp_modified"
    " jdp_delete",
    FX: "fenxiao_id tc_order_id status supplier_username distributor_username created modified jdp_created"
    " jdp_modified",
    JX: "dealer_order_id order_status supplier_nick applier_nick applied_time modified_time jdp_created"
    " jdp_modified",
    EXCHANGE: "dispute_id seller_nick buyer_nick status created modified jdp_create jdp_modified",
}
LENGTHS = {
    TRADE: {"status": 64, "type": 64, "seller_nick": 32, "buyer_nick": 256, "jdp_hashcode": 128},
    REFUND: {"status": 64, "seller_nick": 32, "buyer_nick": 256, "jdp_hashcode": 128},
    ITEM: {
        "nick": 32,
        "approve_status": 32,
        "cid": 256,
        "has_showcase": 32,
        "has_discount": 32,
        "jdp_hashcode": 126,
    },
    FX: {
        "tc_order_id": 32,
        "status": 64,
        "supplier_username": 32,
        "distributor_username": 32,
        "jdp_hashcode": 128,
    },
    JX: {"order_status": 64, "supplier_nick": 32, "applier_nick": 32, "jdp_hashcode": 128},
    EXCHANGE: {"seller_nick": 128, "buyer_nick": 128, "status": 64, "jdp_hashcode": 64},
}
SELLERS = {
    TRADE: ("seller_nick", "modified"),
    REFUND: ("seller_nick", "modified"),
    ITEM: ("nick", "modified"),
    FX: ("supplier_username", "modified"),
    JX: ("supplier_nick", "modified_time"),
    EXCHANGE: ("seller_nick", "modified"),
}


def ask(connection, query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def columns_of(connection, name):
    return ask(
        connection,
        "SELECT column_name, column_type, is_nullable, datetime_precision FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position",
        name,
    )


@pytest.mark.parametrize("table", COLUMNS)
def test_columns(sys_info, naming, table):
    found = columns_of(sys_info, naming.of(table))
    names = [*COLUMNS[table].split(), "jdp_hashcode", "jdp_response"]
    assert [name for name, *_ in found] == names
    types = {name: kind for name, kind, *_ in found}
    assert types.pop("jdp_response") == "mediumtext"
    for name, length in LENGTHS[table].items():
        assert types.pop(name) == f"varchar({length})"
    if table == ITEM:
        assert types.pop("jdp_delete").startswith("int")
    dated = {name for name in types if name.endswith(("created", "create", "modified", "_time"))}
    assert {types[name] for name in dated} == {"datetime"}
    assert {precision for name, _, _, precision in found if name in dated} == {0}
    assert {types[name].partition("(")[0] for name in types.keys() - dated} == {"bigint"}
    assert [name for name, _, nullable, _ in found if nullable == "NO"] == [TABLES[table].key]


@pytest.mark.parametrize("table", COLUMNS)
def test_indexes(sys_info, naming, table):
    found = ask(
        sys_info,
        "SELECT index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = %s GROUP BY index_name",
        naming.of(table),
    )
    seller, modified = SELLERS[table]
    expected = [(seller, "jdp_modified"), ("jdp_modified",), (seller, modified)]
    expected += [] if table == EXCHANGE else [(modified,)]
    assert dict(found) == {
        "PRIMARY": TABLES[table].key,
        **{f"ind_{table}_{'_'.join(columns)}": ",".join(columns) for columns in expected},
    }


def test_names_in_capitals(sys_info):
    upper = Naming(upper=True, prefix="sandbox_test_")
    try:
        create(sys_info, upper, [TRADE])
        found = ask(sys_info, "SHOW TABLES LIKE 'SANDBOX\\_TEST\\_JDP%%'")
        assert "SANDBOX_TEST_JDP_TB_TRADE" in [name for (name,) in found]
        assert (Naming(upper=True).of(TRADE), Naming().of(TRADE)) == ("JDP_TB_TRADE", "jdp_tb_trade")
    finally:
        drop(sys_info, upper)


def test_a_table_alone_can_be_missing(sys_info, naming):
    drop(sys_info, naming)
    create(sys_info, naming, [TRADE])
    assert columns_of(sys_info, naming.of(TRADE))
    assert not columns_of(sys_info, naming.of(REFUND))


def test_fill_writes_what_was_asked_for(sys_info, naming):
    written = fill(sys_info, Wish(600, FIRST, LAST), naming)
    held = truth(sys_info, naming)
    assert {table: len(rows) for table, rows in held.items()} == written
    assert (written[TRADE], written[ITEM], written[FX], written[JX]) == (600, 30, 24, 12)
    trade = next(iter(held[TRADE].values()))
    answer = json.loads(trade["jdp_response"])["trade_fullinfo_get_response"]["trade"]
    for name in ("tid", "status", "type", "seller_nick", "buyer_nick"):
        assert trade[name] == answer[name]
    for name in ("created", "modified"):
        assert f"{trade[name]:%Y-%m-%d %H:%M:%S}" == answer[name]
    for rows in held.values():
        for row in rows.values():
            assert f"{row['jdp_modified']:%Y-%m-%d}" == "2026-11-22"
            assert row.get("jdp_created", row.get("jdp_create")) <= row["jdp_modified"]
            assert -(2**31) <= int(row["jdp_hashcode"]) < 2**31


def test_fill_replaces_and_is_always_alike(sys_info, naming):
    fill(sys_info, Wish(300, FIRST, LAST), naming)
    first = truth(sys_info, naming)
    fill(sys_info, Wish(10, FIRST, LAST, seed=2), naming)
    assert len(truth(sys_info, naming)[TRADE]) == 10
    fill(sys_info, Wish(300, FIRST, LAST), naming)
    assert truth(sys_info, naming) == first


def test_so_many_a_second_have_no_room(sys_info, naming):
    with pytest.raises(ValueError, match="500 trades a second"):
        fill(sys_info, Wish(501, FIRST, FIRST + 1), naming)


def command(*options):
    run = [sys.executable, "-m", "sandbox.sys_info", *options]
    return subprocess.run(run, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_help_has_an_example():
    assert "python -m sandbox.sys_info fill --dsn" in command("--help").stdout


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--from", "2026-11-22"), "must be a time as 2026-11-22 00:00:00"),
        (("--from", "2026-11-23 00:00:00", "--to", "2026-11-22 00:00:00"), "--to must lie after --from"),
    ],
)
def test_a_misspelt_time_is_helped(options, hint):
    done = command("fill", "--dsn", "mysql://nobody@127.0.0.1:1/x", *options)
    assert (done.returncode, hint in done.stderr) == (2, True)


def test_a_session_takes_zero_dates_cuts_nothing_off_and_has_some_patience(sys_info):
    settings = ask(sys_info, "SELECT @@sql_mode, @@lock_wait_timeout, @@time_zone")
    assert settings == [("STRICT_TRANS_TABLES", 20, "+08:00")]


def test_a_server_that_is_not_there_is_an_error():
    with pytest.raises(pymysql.OperationalError):
        connect("mysql://nobody@127.0.0.1:1/x")


def test_a_password_need_not_be_in_the_url(sys_info_url, monkeypatch):
    """A URL is on the command line, where everybody on the machine sees it."""
    address = urlsplit(sys_info_url)
    monkeypatch.setenv("MYSQL_PWD", unquote(address.password or ""))
    without = f"mysql://{address.username}@{address.hostname}:{address.port}{address.path}"
    with closing(connect(without)) as connection:
        assert ask(connection, "SELECT 1") == [(1,)]
