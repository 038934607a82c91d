"""What a load replaces, what it leaves alone, and what it takes away."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from retail_pipeline.target_session import change
from sandbox.sys_info.connection import connect
from sandbox.sys_info.tables import Naming
from sandbox.sys_info.writer import Writer
from tests.conftest import server_url
from tests.sys_info import MONDAY_NOON, TRADE, SysInfoRuns, differences

HOUR = timedelta(hours=1)
MORNING = {"window_from": "2026-11-23 06:00:00", "window_to": "2026-11-23 12:00:00"}


@pytest.fixture
def loaded(each_target) -> SysInfoRuns:
    each_target.fill(80, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    each_target.run_all()
    return each_target


def first_trade(runs: SysInfoRuns) -> int:
    return runs.rows("SELECT MIN(tid) AS tid FROM taobao_trade")[0]["tid"]


def test_lines_that_are_gone_go_and_new_ones_come(loaded):
    loaded.clock.advance(HOUR)
    url = server_url("JUSHITA_OWNER_MYSQL_URL")
    writer = Writer(lambda: connect(url), Naming(), 3, lambda: loaded.clock.moment - HOUR / 2)
    with closing(writer):
        for _ in range(40):
            writer.step("lines", TRADE)

    loaded.run()

    assert differences(loaded, [TRADE]) == []


def test_what_is_older_is_refused_with_its_lines(loaded):
    tid = first_trade(loaded)
    newer = f"UPDATE taobao_trade SET jdp_modified = '2026-11-23 12:30:00', title = 'newer' WHERE tid = {tid}"
    change(loaded.target, newer)
    change(loaded.target, f"DELETE FROM taobao_order WHERE tid = {tid}")

    told = loaded.run(TRADE, "manual", **MORNING)

    assert sum(part["refused"] for part in told) == 1
    assert loaded.rows(f"SELECT oid FROM taobao_order WHERE tid = {tid}") == []
    assert loaded.rows(f"SELECT title FROM taobao_trade WHERE tid = {tid}") == [{"title": "newer"}]


def test_an_item_that_is_marked_as_deleted_is_marked_here(loaded):
    with loaded.owner.cursor() as cursor:
        cursor.execute("SELECT MIN(num_iid) FROM jdp_tb_item")
        [item] = cursor.fetchone()
    marked = "UPDATE jdp_tb_item SET jdp_delete = 1, jdp_modified = '2026-11-23 12:10:00' WHERE num_iid = %s"
    loaded.write(marked, item)
    loaded.clock.advance(HOUR)

    loaded.run("jdp_tb_item")

    [row] = loaded.rows(f"SELECT deleted FROM taobao_item WHERE num_iid = {item}")
    assert row["deleted"] in (True, 1)
    assert differences(loaded, ["jdp_tb_item"]) == []


def test_a_row_that_retention_removed_stays_as_it_was(loaded):
    tid = first_trade(loaded)
    before = loaded.rows(f"SELECT * FROM taobao_trade WHERE tid = {tid}")
    loaded.write("DELETE FROM jdp_tb_trade WHERE tid = %s", tid)
    loaded.clock.advance(HOUR)

    loaded.run()
    loaded.run(TRADE, "manual", **MORNING)

    assert loaded.rows(f"SELECT * FROM taobao_trade WHERE tid = {tid}") == before


@pytest.mark.parametrize(
    ("run_type", "params"),
    [("manual", MORNING), ("backfill", {}), ("scheduled", {"sellers": "山与海旗舰店"})],
)
def test_only_a_scheduled_run_of_everything_moves_the_watermark(loaded, run_type, params):
    before = loaded.watermark()
    loaded.clock.advance(HOUR)

    loaded.run(TRADE, run_type, **params)

    assert loaded.watermark() == before


def test_only_the_sellers_that_were_asked_for_are_loaded(sys_info):
    sys_info.fill(80, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    sellers = sorted({row[0] for row in source(sys_info, "SELECT DISTINCT seller_nick FROM jdp_tb_trade")})
    assert len(sellers) > 2

    sys_info.run(TRADE, "manual", sellers=f"{sellers[0]}, {sellers[1]}", **MORNING)

    there = sys_info.rows("SELECT DISTINCT seller_nick FROM taobao_trade ORDER BY seller_nick")
    assert {row["seller_nick"] for row in there} == set(sellers[:2])
    wanted = source(sys_info, "SELECT COUNT(*) FROM jdp_tb_trade WHERE seller_nick IN (%s, %s)", *sellers[:2])
    assert [row["source_keys"] for row in sys_info.certificates()] == [wanted[0][0]]


def source(runs: SysInfoRuns, sql: str, *values: str) -> list[tuple]:
    with runs.owner.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
