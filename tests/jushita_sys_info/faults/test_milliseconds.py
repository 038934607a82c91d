"""jdp_modified with milliseconds or microseconds: no row is lost between two of them, and none is read for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import local_time
from retail_pipeline.databases.target_session import change
from tests.jushita_sys_info.faults.feed_changes import push, trades
from tests.jushita_sys_info.faults.test_reconcile import reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON, SysInfoRuns

HOUR = timedelta(hours=1)
START = MONDAY_NOON - 2 * HOUR


@pytest.fixture(params=["datetime(3)", "datetime(6)"])
def fractional(request, either_target) -> SysInfoRuns:
    """The source keeps fractions of a second."""
    either_target.fill(250, START - HOUR, START)
    for column in ("jdp_created", "jdp_modified"):
        either_target.write(f"ALTER TABLE jdp_tb_trade MODIFY {column} {request.param} NULL")
    return either_target


def spread(runs: SysInfoRuns, microseconds: int, per_second: int) -> None:
    """Give rows times with a fraction, so many of them in a second."""
    sql = "UPDATE jdp_tb_trade SET jdp_modified = %s, jdp_created = %s WHERE tid = %s"
    for place, tid in enumerate(trades(runs)):
        second, within = divmod(place, per_second)
        at = local_time(START + second * timedelta(seconds=1) + within * timedelta(microseconds=microseconds))
        runs.write(sql, at, at, tid)


@pytest.mark.parametrize(("microseconds", "per_second"), [(20_000, 40), (100, 90), (0, 250)])
def test_every_row_is_loaded_once_and_both_sides_agree(fractional, microseconds, per_second):
    """Pages are of 10 rows and chunks of 100: their edges lie within a second, a millisecond, and between them."""
    spread(fractional, microseconds, per_second)

    fractional.run()
    told = reconcile(fractional)

    count = fractional.rows("SELECT COUNT(*) AS count FROM taobao_trade")[0]["count"]
    assert count == told["source_keys"] == told["same"] == 250
    assert (told["pulled_again"], told["newer"], told["altered"], told["quarantined"]) == (0, 0, 0, 0)
    certificates = fractional.certificates()
    assert {row["verdict"] for row in certificates} == {"complete"}
    assert sum(row["source_keys"] for row in certificates if row["purpose"] == "scheduled") == 250
    assert all(row["window_to"].microsecond == 0 for row in certificates)
    assert fractional.quarantine() == []


@pytest.mark.long
def test_the_warehouse_keeps_milliseconds(fractional):
    spread(fractional, 123_456, 8)
    fractional.run()

    with fractional.owner.cursor() as cursor:
        cursor.execute("SELECT tid, jdp_modified, jdp_created FROM jdp_tb_trade ORDER BY tid")
        there = cursor.fetchall()
    rows = fractional.rows("SELECT tid, jdp_modified, jdp_created FROM taobao_trade ORDER BY tid")
    for (tid, modified, created), row in zip(there, rows, strict=True):
        assert row["tid"] == tid
        for source, ours in ((modified, row["jdp_modified"]), (created, row["jdp_created"])):
            exact = source.replace(microsecond=source.microsecond // 1000 * 1000)
            assert ours.replace(tzinfo=None) == exact


@pytest.mark.long
def test_what_was_read_before_is_not_read_again(fractional):
    """The overlap of two windows is compared, and equal to the millisecond."""
    spread(fractional, 20_000, 40)
    fractional.clock.set(START + timedelta(minutes=1))
    fractional.run()
    before = origins(fractional)
    fractional.clock.advance(timedelta(minutes=5))
    fractional.run()

    assert origins(fractional) == before
    assert {row["refused"] for row in fractional.certificates()} == {0}


def origins(runs: SysInfoRuns) -> list[dict[str, Any]]:
    return runs.rows("SELECT tid, etl_window_id FROM taobao_trade ORDER BY tid")


@pytest.mark.long
def test_a_change_within_the_second_is_seen(fractional):
    spread(fractional, 100_000, 10)
    fractional.run()
    tid = trades(fractional)[20]
    push(fractional, tid, None, status="LATER")
    fractional.write(
        "UPDATE jdp_tb_trade SET jdp_modified = jdp_modified + INTERVAL 200000 MICROSECOND WHERE tid = %s",
        tid,
    )

    assert reconcile(fractional)["pulled_again"] == 1
    assert fractional.rows(f"SELECT status FROM taobao_trade WHERE tid = {tid}") == [{"status": "LATER"}]


@pytest.mark.long
def test_a_millisecond_that_differs_is_a_difference(fractional):
    spread(fractional, 100_000, 10)
    fractional.run()
    tid = trades(fractional)[20]
    for by in ("-", "+"):
        moved = (
            f"jdp_modified {by} interval '0.001' second"
            if is_postgres(fractional)
            else (f"jdp_modified {by} INTERVAL 1000 MICROSECOND")
        )
        change(fractional.target, f"UPDATE taobao_trade SET jdp_modified = {moved} WHERE tid = {tid}")
        assert reconcile(fractional)["pulled_again"] == 1


def is_postgres(runs: SysInfoRuns) -> bool:
    return type(runs.target).__module__.startswith("psycopg")


@pytest.mark.long
def test_the_first_window_may_begin_within_a_second(sys_info):
    sys_info.fill(5, START - HOUR, START)
    sys_info.write("ALTER TABLE jdp_tb_trade MODIFY jdp_modified datetime(6) NULL")
    spread(sys_info, 999_999, 1)
    sys_info.run()

    assert reconcile(sys_info)["source_keys"] == 5
