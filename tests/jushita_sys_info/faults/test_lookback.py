"""What was read before is compared once more, and of two readings of one row the later one stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.tables.stage import Stage
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from tests.jushita_sys_info.faults.feed_changes import once_before, orders, push, push_new, trade, trades
from tests.jushita_sys_info.faults.promises import adds_up, hold
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def loaded(either_target: SysInfoRuns) -> SysInfoRuns:
    """All is loaded; some of it within the last ten minutes, and five minutes have passed since."""
    either_target.fill(90, MONDAY_NOON - 30 * MINUTE, MONDAY_NOON - MINUTE)
    either_target.run()
    either_target.clock.advance(5 * MINUTE)
    return either_target


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the keys whose rows are fetched."""
    keys: list[int] = []
    by_keys = SysInfoTable.by_keys

    def noted(table: SysInfoTable, asked: Any) -> Any:
        keys.extend(asked)
        return by_keys(table, asked)

    monkeypatch.setattr(SysInfoTable, "by_keys", noted)
    return keys


def compared(runs: SysInfoRuns) -> dict[str, Any]:
    """Return the certificate of what was read once more."""
    return runs.certificates()[-2]


def memo(runs: SysInfoRuns, tid: int) -> Any:
    return runs.rows(f"SELECT seller_memo FROM taobao_trade WHERE tid = {tid}")[0]["seller_memo"]


def oids(runs: SysInfoRuns, tid: int) -> list[int]:
    found = runs.rows(f"SELECT oid FROM taobao_order WHERE tid = {tid} ORDER BY oid")
    return [row["oid"] for row in found]


@pytest.mark.long
def test_a_commit_that_was_late_is_found_and_nothing_else_is_fetched(loaded, fetched):
    late = push_new(loaded, MONDAY_NOON - 5 * MINUTE)

    loaded.run()

    assert fetched == [late]
    assert (compared(loaded)["pages"], compared(loaded)["source_keys"]) == (
        1,
        compared(loaded)["source_total"],
    )
    assert compared(loaded)["source_total"] > 10
    assert differences(loaded, [TRADE]) == []
    hold(loaded)


@pytest.mark.long
def test_where_nothing_has_changed_nothing_is_fetched(loaded, fetched):
    loaded.run()
    assert fetched == []
    assert compared(loaded)["pages"] == 0
    assert adds_up(compared(loaded))


@pytest.mark.long
def test_a_change_within_the_second_of_the_one_before_is_brought(loaded, fetched):
    *_, tid = trades(loaded)
    push(loaded, tid, seller_memo="the second change of this second")

    loaded.run()

    assert fetched == [tid]
    assert memo(loaded, tid) == "the second change of this second"
    hold(loaded)


@pytest.mark.long
def test_a_row_that_moved_within_what_was_read_is_brought(loaded, fetched):
    tid, *_ = trades(loaded)
    push(loaded, tid, MONDAY_NOON - 2 * MINUTE, seller_memo="moved within what was read")

    loaded.run()

    assert fetched == [tid]
    assert differences(loaded, [TRADE]) == []


def test_a_run_that_read_earlier_and_publishes_later_overwrites_nothing(either_target):
    """Both readings have the same jdp_modified: a row was changed, within its second, between them."""
    either_target.fill(30, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    changed = next(
        tid for tid in trades(either_target) if len(trade(either_target, tid)["orders"]["order"]) > 1
    )
    window = {"window_from": "2026-11-23 09:00:00", "window_to": "2026-11-23 11:30:00"}

    def another_run() -> None:
        record = trade(either_target, changed)
        push(either_target, changed, seller_memo="later", **orders(record, 1))
        either_target.run(run_type="manual", **window)

    with once_before(Stage, "publish", another_run):
        either_target.run(run_type="manual", **window)

    overtook, overtaken = sorted(either_target.certificates(), key=lambda row: row["refused"])
    assert (overtook["refused"], overtaken["refused"], overtaken["source_keys"]) == (0, 30, 30)
    assert overtaken["verdict"] == "complete"
    assert adds_up(overtaken)
    assert memo(either_target, changed) == "later"
    assert len(oids(either_target, changed)) == 1
    assert differences(either_target, [TRADE]) == []


def test_a_run_that_read_later_wins_though_nothing_moved(either_target):
    either_target.fill(30, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    window = {"window_from": "2026-11-23 09:00:00", "window_to": "2026-11-23 11:30:00"}
    either_target.run(run_type="manual", **window)
    tid, *_ = trades(either_target)
    push(either_target, tid, seller_memo="later")

    either_target.run(run_type="manual", **window)

    assert memo(either_target, tid) == "later"
    assert either_target.certificates()[-1]["refused"] == 0


@pytest.mark.long
def test_reading_a_window_again_moves_no_watermark_and_brings_back_nothing_old(loaded):
    before = loaded.watermark()
    tid, *_ = trades(loaded)
    push(loaded, tid, MONDAY_NOON + MINUTE, seller_memo="newest")
    loaded.run()
    after = loaded.watermark()
    assert after > before
    push(loaded, tid, MONDAY_NOON - 20 * MINUTE, seller_memo="as it was")  # a source that was set back

    loaded.run(run_type="manual", window_from="2026-11-23 11:00:00", window_to="2026-11-23 12:00:00")
    loaded.run(run_type="backfill", logical_date=MONDAY_NOON - 19 * MINUTE)

    assert memo(loaded, tid) == "newest"
    assert {row["purpose"] for row in loaded.certificates()} == {"scheduled", "manual", "backfill"}
    assert [row["refused"] for row in loaded.certificates() if row["purpose"] != "scheduled"] == [1, 1]
    assert loaded.watermark() == after


@pytest.mark.long
def test_a_row_without_a_hash_is_read_again_since_nothing_else_shows_a_change(loaded):
    """Whoever fills sys_info by other means than the platform's writes no hash."""
    tid = trades(loaded)[-1]
    push(loaded, tid, payment="4321.00")  # within the second of the stamp that it has
    loaded.write("UPDATE jdp_tb_trade SET jdp_hashcode = NULL WHERE tid = %s", tid)
    loaded.run()
    push(loaded, tid, payment="1234.00")
    loaded.write("UPDATE jdp_tb_trade SET jdp_hashcode = NULL WHERE tid = %s", tid)

    loaded.clock.advance(MINUTE)
    loaded.run()

    assert loaded.rows(f"SELECT payment FROM taobao_trade WHERE tid = {tid}")[0]["payment"] == 1234
