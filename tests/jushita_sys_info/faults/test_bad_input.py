"""Rows that nobody can use are set aside, with a reason, and hold up nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from sandbox.sys_info import nasty
from sandbox.sys_info.nasty import NastyRow
from tests.jushita_sys_info.faults.feed_changes import once_before, push, push_new, trade, trades
from tests.jushita_sys_info.faults.promises import hold, local
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SETTLED = MONDAY_NOON - timedelta(seconds=15)
# Of every table, and of trades; what is not named here is loaded.
REASONS = {
    "broken_json": "not_json", "null_response": "no_response", "empty_response": "no_response",
    "error_response": "error_response", "wrong_root": "wrong_root", "not_an_object": "not_json",
    "no_orders": "value_missing", "no_order_in_orders": "value_missing", "null_orders": "value_missing",
    "nul_in_text": "nul_in_text", "lone_surrogate": "not_json",
}  # fmt: skip
USABLE = {"number_for_text", "zero_date", "null_for_absent", "huge", "id_clash", "zero_date_in_column"} | {
    "text_for_number",
    "no_such_date",
}


def spoil(runs: SysInfoRuns, *only: str, at: Any = MONDAY_NOON - HOUR) -> list[NastyRow]:
    return nasty.insert(runs.owner, runs.naming, 1, int(at.timestamp()), only or None)


@pytest.mark.long
def test_every_kind_of_bad_row_is_set_aside_with_its_reason_or_loaded_as_it_is(each_target):
    each_target.fill(60, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    rows = spoil(each_target)
    assert {row.name for row in rows} == REASONS.keys() | USABLE

    each_target.run_all()

    wanted = {(f"rds/{row.table}", str(row.number), REASONS[row.name]) for row in rows if row.name in REASONS}
    there = {(row["account"], row["source_key"], row["reason"]) for row in each_target.quarantine()}
    assert there == wanted
    assert differences(each_target) == []
    told = Counter({row["account"]: 0 for row in each_target.certificates()})
    for row in each_target.certificates():
        assert row["verdict"] == "complete"
        told[row["account"]] += row["quarantined"]
    assert told == Counter(account for account, *_ in wanted)
    assert {each_target.watermark(table) for table in FEED_TABLES} == {SETTLED}
    hold(each_target)


def test_what_is_set_aside_is_kept_as_it_came(each_target):
    spoil(each_target, "nul_in_text", "broken_json")
    each_target.run()
    with each_target.owner.cursor() as cursor:
        cursor.execute("SELECT tid, jdp_response FROM jdp_tb_trade")
        came = {str(tid): response for tid, response in cursor.fetchall()}
    each_target.owner.commit()
    assert {row["source_key"]: row["raw"] for row in each_target.quarantine()} == came


@pytest.mark.long
def test_ten_megabytes_arrive_whole(each_target):
    [row] = spoil(each_target, "huge")
    each_target.run()
    [there] = each_target.rows(f"SELECT seller_memo FROM taobao_trade WHERE tid = {row.number}")
    assert there["seller_memo"] == "长" * (nasty.HUGE // 3)


@pytest.mark.long
def test_a_bad_row_leaves_the_good_version_alone(each_target):
    each_target.fill(60, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    each_target.run()
    each_target.clock.advance(5 * MINUTE)
    tid, *_ = trades(each_target)
    there = f"SELECT payment, jdp_modified FROM taobao_trade WHERE tid = {tid}"
    before, memo = each_target.rows(there), trade(each_target, tid).get("trade_memo", "")
    push(each_target, tid, MONDAY_NOON, trade_memo="a\0b")
    each_target.run()
    [entry] = each_target.quarantine()
    assert (entry["source_key"], entry["reason"], entry["state"]) == (str(tid), "nul_in_text", "open")
    assert each_target.rows(there) == before

    each_target.clock.advance(5 * MINUTE)
    push(each_target, tid, MONDAY_NOON + 6 * MINUTE, trade_memo=memo)
    each_target.run()

    assert [row["state"] for row in each_target.quarantine()] == ["replayed"]
    assert each_target.rows(there) != before
    assert differences(each_target, [TRADE]) == []
    hold(each_target)


@pytest.mark.long
@pytest.mark.parametrize(
    ("limits", "allowed"),
    [({"max_quarantined": 2}, "2, or 5%"), ({"max_quarantined_share": 0.02}, "100, or 2%")],
    ids=["number", "share"],
)
def test_too_many_bad_rows_stop_the_window(sys_info, tmp_path, limits, allowed):
    settings_file(tmp_path, chunk_rows=1000, **limits)
    sys_info.fill(120, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    good = push_new(sys_info, MONDAY_NOON - HOUR)
    names = spoil(sys_info, "broken_json", "no_orders", "null_response")
    spoilt = sorted(str(row.number) for row in names if row.table == TRADE)

    with pytest.raises(AirflowFailException, match=f"3 of .* cannot be used .allowed: {allowed}"):
        sys_info.run()

    failure = sys_info.certificates()[-1]
    assert (failure["verdict"], failure["quarantined"]) == ("stopped", 3)
    assert "nothing is published" in failure["error"]
    assert sorted(row["source_key"] for row in sys_info.quarantine()) == spoilt
    assert sys_info.rows("SELECT tid FROM taobao_trade") == []
    assert sys_info.watermark() == local(failure["window_from"])

    settings_file(tmp_path, chunk_rows=1000)
    sys_info.run()
    assert {row["tid"] for row in sys_info.rows("SELECT tid FROM taobao_trade")} >= {good}
    assert differences(sys_info, [TRADE]) == []
    hold(sys_info)


@pytest.mark.long
def test_an_older_version_that_is_published_later_settles_nothing_newer(sys_info):
    """A backfill has read a trade; before it publishes that, the trade is changed and set aside by the schedule."""
    sys_info.fill(10, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    sys_info.run()
    tid = trades(sys_info)[0]
    sys_info.clock.advance(10 * MINUTE)

    def meanwhile() -> None:
        sys_info.clock.advance(MINUTE)
        push(sys_info, tid, at=MONDAY_NOON + 5 * MINUTE, orders={"order": []})
        sys_info.run()

    window = {"window_from": "2026-11-23 08:00:00", "window_to": "2026-11-23 12:00:00"}
    with once_before(SysInfoLoader, "publish", meanwhile):
        sys_info.run(run_type="manual", **window)

    assert [(row["source_key"], row["state"]) for row in sys_info.quarantine()] == [(str(tid), "open")]
