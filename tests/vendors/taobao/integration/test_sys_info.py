"""Reading sys_info from a real MariaDB: along the index, across ties, without locks, with no right but reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI, Window, local_time
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_mysql
from retail_pipeline.pipelines.jushita_sys_info.rows import row_hash
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.vendors.taobao.sys_info import RowFilter, SysInfoTable, Tally
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from sandbox.sys_info import tables
from sandbox.sys_info.tables import Naming, connect
from tests.conftest import server_url
from tests.examples import examples

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
WINDOW = Window(NOON, NOON + DAY)
TRADE = FEED_TABLES["jdp_tb_trade"]


@pytest.fixture
def owner(mysql_server) -> Iterator[Any]:
    """Who may write; the tables are empty."""
    with closing(connect(server_url("JUSHITA_OWNER_MYSQL_URL"))) as owner:
        for naming in (Naming(), Naming(upper=True)):
            tables.drop(owner, naming)
        tables.create(owner, Naming())
        yield owner


@pytest.fixture
def rds(owner) -> Iterator[Any]:
    """Who may read."""
    with open_mysql("jushita_mysql") as session:
        yield session


def put(owner: Any, seconds: list[int], *, sellers: tuple[str, ...] = ("甲店",), first: int = 1) -> None:
    """Put trades of so many seconds after noon."""
    rows = [
        (
            first + number,
            sellers[number % len(sellers)],
            "TRADE_FINISHED",
            local_time(NOON + second * SECOND),
            "{}",
        )
        for number, second in enumerate(seconds)
    ]
    sql = (
        "INSERT INTO jdp_tb_trade (tid, seller_nick, status, jdp_modified, jdp_hashcode, jdp_response)"
        " VALUES (%s, %s, %s, %s, SHA2(tid, 256), %s)"
    )
    with owner.cursor() as cursor:
        cursor.execute("DELETE FROM jdp_tb_trade")
        cursor.executemany(sql, [(tid, seller, status, at, text) for tid, seller, status, at, text in rows])
    owner.commit()


def reader(rds: Any, page_rows: int = 100, only: RowFilter | None = None) -> SysInfoTable:
    table = SysInfoTable(rds, "jushita_mysql", TRADE, page_rows, only or RowFilter())
    table.exists()
    return table


def keys(table: SysInfoTable, window: Window = WINDOW) -> list[int]:
    return [row.key for rows in table.pages(window) for row in rows]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(-3, 12), max_size=40), st.integers(1, 9))
def test_pages_hold_each_row_of_the_window_once_in_order_whatever_their_size(owner, rds, seconds, page_rows):
    put(owner, seconds)
    window = Window(NOON, NOON + 10 * SECOND)
    expected = sorted((second, tid) for tid, second in enumerate(seconds, 1) if 0 <= second < 10)

    table = reader(rds, page_rows)
    pages = list(table.pages(window))

    assert [row.key for rows in pages for row in rows] == [tid for _, tid in expected]
    assert all(len(rows) == page_rows for rows in pages[:-1])
    listed = [row for rows in table.listing(window) for row in rows]
    assert [row.key for row in listed] == [tid for _, tid in expected]
    assert table.tally(window) == Tally(
        len(listed), sum_of(row_hash(row.key, row.modified) for row in listed)
    )


@pytest.mark.parametrize("name", ["page", "listing", "tally", "digest"])
def test_a_small_window_is_read_along_the_index_on_its_time(owner, rds, name):
    put(owner, [number // 3 for number in range(6000)])
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE TABLE jdp_tb_trade")
    table = reader(rds)
    start, end = local_time(NOON + 900 * SECOND), local_time(NOON + 960 * SECOND)
    place = {"after": start, "after_key": 7, "start": start, "end": end, "rows": 100}

    with rds.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(f"EXPLAIN {table.text(name)}", {**place, "sellers": (), "statuses": ()})
        [plan] = cursor.fetchall()

    assert (plan["key"], plan["type"]) == ("ind_jdp_tb_trade_jdp_modified", "range")
    assert "filesort" not in plan["Extra"]
    assert int(plan["rows"]) < 1000


@pytest.mark.parametrize("name", ["of_seller", "next_seller"])
def test_a_seller_is_looked_up_along_the_index_on_sellers(owner, rds, name):
    put(owner, [number // 3 for number in range(6000)], sellers=("甲店", "乙店"))
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE TABLE jdp_tb_trade")
    table = reader(rds)

    with rds.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(f"EXPLAIN {table.text(name)}", {"nick": "甲店", "after": ""})
        [plan] = cursor.fetchall()

    assert plan["key"].startswith("ind_jdp_tb_trade_seller_nick")
    assert "filesort" not in plan["Extra"]


def test_reading_waits_for_nobody_and_nobody_for_it(owner, rds):
    put(owner, list(range(30)))
    table = reader(rds, 10)
    pages = table.pages(WINDOW)
    next(pages)

    with owner.cursor() as cursor:
        cursor.execute("SET innodb_lock_wait_timeout = 1")
        cursor.execute("UPDATE jdp_tb_trade SET status = 'x'")  # all rows, not committed
    assert len(next(pages)) == 10
    owner.commit()


def test_a_row_that_moves_forward_while_one_reads_is_read_again_and_none_is_skipped(owner, rds):
    put(owner, list(range(30)))
    pages = reader(rds, 10).pages(WINDOW)
    read = [row.key for row in next(pages)]
    with owner.cursor() as cursor:
        cursor.execute(
            "UPDATE jdp_tb_trade SET jdp_modified = %s WHERE tid IN (3, 15)", [local_time(NOON + 29 * SECOND)]
        )
    owner.commit()

    read += [row.key for rows in pages for row in rows]

    assert sorted(read) == sorted([*range(1, 31), 3])


def test_only_these_sellers_and_statuses(owner, rds):
    put(owner, list(range(9)), sellers=("甲店", "乙'店", "丙店"))
    assert keys(reader(rds, 2, RowFilter(sellers=("乙'店",)))) == [2, 5, 8]
    assert keys(reader(rds, 2, RowFilter(sellers=("甲店", "丙店")))) == [1, 3, 4, 6, 7, 9]
    assert keys(reader(rds, 2, RowFilter(statuses=("TRADE_CLOSED",)))) == []
    assert reader(rds, 2, RowFilter(sellers=("乙'店",))).tally(WINDOW).total == 3


def test_sellers_are_told_without_reading_their_rows(rds, owner):
    put(owner, list(range(9)), sellers=("甲店", "乙'店", "丙店"))
    owner_of_all = reader(rds, 2)
    assert [owner_of_all.has_seller(nick) for nick in ("乙'店", "乙店")] == [True, False]
    assert sorted(owner_of_all.sellers(9)) == sorted({"甲店", "乙'店", "丙店"})
    assert len(owner_of_all.sellers(2)) == 2


def test_rows_by_key_come_whenever_they_were_changed(owner, rds):
    put(owner, [0, 100_000, 200_000])
    table = reader(rds)
    assert [row.key for row in table.by_keys([3, 1, 77])] == [1, 3]
    assert table.by_keys([]) == []


def test_times_and_texts_come_as_they_are_stored(owner, rds):
    put(owner, [0])
    with owner.cursor() as cursor:
        cursor.execute('UPDATE jdp_tb_trade SET jdp_response = \'{"a": "连衣裙 🎁"}\', jdp_created = NULL')
    owner.commit()
    [row] = next(reader(rds).pages(WINDOW))
    assert (row.created, row.modified, row.deleted) == (None, "2026-11-23 12:00:00", None)
    assert row.response == '{"a": "连衣裙 🎁"}'.encode()
    assert row.hashcode == sha256(b"1").hexdigest()


def test_a_table_that_is_not_there_is_empty_and_one_in_capitals_is_there(owner, rds):
    put(owner, [0, 1])
    with owner.cursor() as cursor:
        cursor.execute("RENAME TABLE jdp_tb_trade TO JDP_TB_TRADE")
    assert SysInfoTable(rds, "jushita_mysql", TRADE, 10).exists()
    assert keys(reader(rds)) == [1, 2]

    with owner.cursor() as cursor:
        cursor.execute("DROP TABLE JDP_TB_TRADE")
    table = SysInfoTable(rds, "jushita_mysql", TRADE, 10)
    assert not table.exists()
    assert (keys(table), table.tally(WINDOW), table.oldest()) == ([], Tally(0, 0), None)


def test_a_table_without_the_index_is_refused_by_its_name(owner, rds):
    with owner.cursor() as cursor:
        cursor.execute("ALTER TABLE jdp_tb_trade DROP INDEX ind_jdp_tb_trade_jdp_modified")
    with pytest.raises(ConfigError, match="jdp_tb_trade of sys_info has no index on jdp_modified"):
        SysInfoTable(rds, "jushita_mysql", TRADE, 10).exists()


def test_the_reader_may_not_write(owner, rds):
    put(owner, [0])
    with pytest.raises(pymysql.err.OperationalError, match="denied"), rds.cursor() as cursor:
        cursor.execute("DELETE FROM jdp_tb_trade")
