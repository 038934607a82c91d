"""Rows that change while one reads, are committed late, or are read by two runs at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import Window
from retail_pipeline.errors import SourceUnsteady
from retail_pipeline.sinks.stage import Stage
from retail_pipeline.taobao.sys_info import SysInfoTable
from tests.sys_info import MONDAY_NOON, TRADE, SysInfoRuns, differences

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SETTLED = MONDAY_NOON - timedelta(seconds=15)
CHANGE = (
    "UPDATE jdp_tb_trade SET jdp_modified = %s, jdp_hashcode = CONCAT('x', LEFT(jdp_hashcode, 60)),"
    ' jdp_response = REPLACE(jdp_response, \'"title":"\', \'"title":"新\') WHERE tid = %s'
)


@pytest.fixture
def runs(sys_info) -> SysInfoRuns:
    """A hundred trades of the hours before, and twenty of the last ten minutes, which the next run compares."""
    sys_info.fill(120, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    sys_info.write("UPDATE jdp_tb_trade SET jdp_modified = '2026-11-23 11:55:00' ORDER BY tid DESC LIMIT 20")
    return sys_info


def trades(runs: SysInfoRuns, condition: str = "TRUE") -> list[int]:
    with runs.owner.cursor() as cursor:
        cursor.execute(f"SELECT tid FROM jdp_tb_trade WHERE {condition} ORDER BY jdp_modified, tid")
        found = [tid for (tid,) in cursor.fetchall()]
    runs.owner.commit()
    return found


def change(runs: SysInfoRuns, tid: int, stamp: str) -> None:
    """Let a trade be pushed once more."""
    runs.write(CHANGE, f"2026-11-23 {stamp}", tid)


def happening(patch: pytest.MonkeyPatch, owner: type, name: str, what: Callable[..., None]) -> None:
    """Let something happen before each call of a method; it is told how many there were, and this one's arguments."""
    method, calls = getattr(owner, name), iter(range(10_000))

    def interrupted(it: Any, *args: Any) -> Any:
        what(next(calls), *args)
        return method(it, *args)

    patch.setattr(owner, name, interrupted)


def fetched(patch: pytest.MonkeyPatch) -> list[int]:
    """Return the keys that are read one by one from now on."""
    keys: list[int] = []
    by_keys = SysInfoTable.by_keys
    patch.setattr(SysInfoTable, "by_keys", lambda it, wanted: keys.extend(wanted) or by_keys(it, wanted))
    return keys


def test_what_is_committed_late_is_found_and_nothing_else_is_read_again(runs, monkeypatch):
    runs.run()
    late = trades(runs)[0]
    change(runs, late, "11:52:00")
    runs.clock.advance(5 * MINUTE)
    keys = fetched(monkeypatch)

    runs.run()

    assert keys == [late]
    assert differences(runs, [TRADE]) == []


def test_a_second_change_within_a_second_is_brought(runs):
    runs.run()
    twice = trades(runs, "jdp_modified = '2026-11-23 11:55:00'")[3]
    change(runs, twice, "11:55:00")
    runs.clock.advance(5 * MINUTE)

    runs.run()

    assert differences(runs, [TRADE]) == []


def test_what_was_read_earlier_does_not_replace_what_was_read_later(runs, monkeypatch):
    """Both readings have one stamp; the earlier one is published last."""
    tid = trades(runs, "jdp_modified = '2026-11-23 11:55:00'")[3]

    def overtaken(publishing: int, _number: int) -> None:
        if publishing == 0:
            change(runs, tid, "11:55:00")
            runs.run()

    with monkeypatch.context() as patch:
        happening(patch, Stage, "publish", overtaken)
        told = runs.run(TRADE, "manual", window_from="2026-11-23 11:50:00", window_to="2026-11-23 11:59:00")

    assert [part["refused"] for part in told] == [20]
    assert differences(runs, [TRADE]) == []


def test_rows_that_leave_the_window_while_it_is_read_come_with_the_next_one(runs, monkeypatch):
    leaving = trades(runs)[-40:]

    def leave(asked: int, *_: Any) -> None:
        if asked == 4:
            for tid in leaving:
                change(runs, tid, "12:00:30")

    with monkeypatch.context() as patch:
        happening(patch, SysInfoTable, "_source_rows", leave)
        runs.run()
    assert len(runs.rows("SELECT tid FROM taobao_trade")) < 120

    runs.clock.advance(5 * MINUTE)
    runs.run()
    assert differences(runs, [TRADE]) == []


def test_a_row_that_changes_behind_what_was_read_is_staged_as_it_is_in_the_end(runs, monkeypatch):
    first = trades(runs)[0]

    def change_again(asked: int, *_: Any) -> None:
        if asked == 2:
            change(runs, first, "11:40:00")

    with monkeypatch.context() as patch:
        happening(patch, SysInfoTable, "_source_rows", change_again)
        runs.run()

    assert differences(runs, [TRADE]) == []


def test_what_arrives_after_the_reading_is_seen_in_the_count_and_fetched(runs, monkeypatch):
    arriving = trades(runs)[5]
    keys = fetched(monkeypatch)

    def arrive(_counted: int, window: Window) -> None:
        if window.end == SETTLED and not keys:
            change(runs, arriving, "11:30:00")

    with monkeypatch.context() as patch:
        happening(patch, SysInfoTable, "tally", arrive)
        runs.run()

    assert keys == [arriving]
    assert max(row["passes"] for row in runs.certificates()) == 2
    assert differences(runs, [TRADE]) == []


def test_rows_that_keep_coming_stop_the_window_and_nothing_of_it_is_published(runs, monkeypatch):
    moving = iter(trades(runs))
    with monkeypatch.context() as patch:
        happening(patch, SysInfoTable, "tally", lambda *_: change(runs, next(moving), "11:40:00"))
        with pytest.raises(SourceUnsteady, match="5 times"):
            runs.run()

    reached = runs.watermark()
    assert reached < SETTLED
    published = runs.rows("SELECT MAX(jdp_modified) AS latest FROM taobao_trade")[0]["latest"]
    assert published is None or published.replace(tzinfo=reached.tzinfo) < reached
    assert [row["verdict"] for row in runs.certificates()][-1] == "failed"

    runs.run()
    assert differences(runs, [TRADE]) == []


def test_the_youngest_rows_are_left_to_the_next_run(runs):
    young = trades(runs)[0]
    change(runs, young, "11:59:45")

    runs.run()
    assert runs.rows(f"SELECT tid FROM taobao_trade WHERE tid = {young}") == []

    runs.clock.advance(MINUTE)
    runs.run()
    assert differences(runs, [TRADE]) == []
