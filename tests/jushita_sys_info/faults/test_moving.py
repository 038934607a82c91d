"""Rows that come, move on and vanish while a window is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import Window
from retail_pipeline.errors import SourceUnsteady
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from tests.jushita_sys_info.faults.feed_changes import once_before, push, push_new, trade, trades
from tests.jushita_sys_info.faults.promises import adds_up, hold, local
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SETTLED = MONDAY_NOON - 15 * SECOND
IN_TIME = MONDAY_NOON - HOUR  # within the window, behind all that is there
ROWS = 45


@pytest.fixture
def pushed(either_target: SysInfoRuns) -> SysInfoRuns:
    """Five pages lie in sys_info, in one chunk."""
    either_target.fill(ROWS, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - 2 * HOUR)
    return either_target


def once_at_page(monkeypatch: pytest.MonkeyPatch, number: int, happening: Callable[[], None]) -> None:
    """Let something happen before that page of the window is read; the first one is number 1."""
    rows, pages = SysInfoTable._rows, iter(range(1, 100))

    def interrupted(table: SysInfoTable, name: str, values: Any, **form: Any) -> Any:
        if name == "page" and values["end"].hour == SETTLED.hour and next(pages) == number:
            happening()
        return rows(table, name, values, **form)

    monkeypatch.setattr(SysInfoTable, "_rows", interrupted)


def this_morning(_table: SysInfoTable, window: Window) -> bool:
    return window.end == SETTLED


def certificate(runs: SysInfoRuns) -> dict[str, Any]:
    """Return the one of the window in which there are rows."""
    return runs.certificates()[-1]


@pytest.mark.long
@pytest.mark.parametrize("place", [0, ROWS - 1], ids=["already read", "not read yet"])
def test_a_row_that_moves_on_is_brought_by_the_next_run(pushed, monkeypatch, place):
    tid = trades(pushed)[place]
    once_at_page(monkeypatch, 3, lambda: push(pushed, tid, MONDAY_NOON, seller_memo="moved"))

    pushed.run()

    found = certificate(pushed)
    assert (found["source_total"], found["source_keys"]) == (ROWS - 1, ROWS - (place > 0))
    assert pushed.watermark() == SETTLED
    hold(pushed)
    pushed.clock.advance(60 * SECOND)
    pushed.run()
    assert differences(pushed, [TRADE]) == []


@pytest.mark.long
def test_a_row_that_moves_within_the_window_is_read_twice_and_there_once(pushed, monkeypatch):
    first, *_ = trades(pushed)
    once_at_page(monkeypatch, 3, lambda: push(pushed, first, IN_TIME, seller_memo="moved"))

    pushed.run()

    found = certificate(pushed)
    assert (found["source_total"], found["source_keys"], found["target_keys"]) == (ROWS, ROWS, ROWS)
    assert differences(pushed, [TRADE]) == []
    hold(pushed)


@pytest.mark.long
def test_a_row_that_could_not_be_used_and_then_can_is_not_set_aside(pushed, monkeypatch):
    first, *_ = trades(pushed)
    payment = trade(pushed, first)["payment"]
    push(pushed, first, payment="a lot")
    once_at_page(monkeypatch, 3, lambda: push(pushed, first, IN_TIME, payment=payment))

    pushed.run()

    assert (certificate(pushed)["quarantined"], certificate(pushed)["target_keys"]) == (0, ROWS)
    assert pushed.quarantine() == []
    assert differences(pushed, [TRADE]) == []
    hold(pushed)


@pytest.mark.long
def test_what_comes_between_reading_and_counting_is_fetched(pushed):
    def arrives() -> None:
        for seed in range(12):
            push_new(pushed, IN_TIME + seed * SECOND, seed=seed)

    with once_before(SysInfoTable, "tally", arrives, this_morning):
        pushed.run()

    found = certificate(pushed)
    assert (found["source_total"], found["source_keys"], found["passes"]) == (ROWS + 12, ROWS + 12, 2)
    assert differences(pushed, [TRADE]) == []
    hold(pushed)


@pytest.mark.long
def test_rows_that_keep_coming_stop_the_window(pushed, monkeypatch):
    tally, moments = SysInfoTable.tally, iter(range(1, 100))

    def never_ending(table: SysInfoTable, window: Any) -> Any:
        if this_morning(table, window):
            push_new(pushed, IN_TIME + next(moments) * SECOND)
        return tally(table, window)

    with monkeypatch.context() as patch:
        patch.setattr(SysInfoTable, "tally", never_ending)
        with pytest.raises(SourceUnsteady, match="rows kept coming while the window was read 5 times"):
            pushed.run()

    failure = certificate(pushed)
    assert (failure["verdict"], local(failure["window_to"])) == ("failed", SETTLED)
    assert pushed.watermark() == local(failure["window_from"])
    assert pushed.rows("SELECT tid FROM taobao_trade") == []
    pushed.run()
    assert differences(pushed, [TRADE]) == []
    hold(pushed)


def test_a_row_that_vanishes_before_it_is_fetched_again_is_there_as_it_was_read(pushed):
    first, *_ = trades(pushed)

    def moves() -> None:
        push(pushed, first, IN_TIME, seller_memo="moved")

    def vanishes() -> None:
        pushed.write("DELETE FROM jdp_tb_trade WHERE tid = %s", first)

    with (
        once_before(SysInfoTable, "tally", moves, this_morning),
        once_before(SysInfoTable, "by_keys", vanishes),
    ):
        pushed.run()

    found = certificate(pushed)
    assert (found["source_total"], found["source_keys"], found["passes"]) == (ROWS - 1, ROWS, 2)
    assert adds_up(found)
    assert len(pushed.rows(f"SELECT tid FROM taobao_trade WHERE tid = {first}")) == 1


@pytest.mark.long
def test_the_youngest_rows_are_left_to_the_next_run(pushed):
    young = push_new(pushed, SETTLED)
    settled = push_new(pushed, SETTLED - SECOND)
    pushed.run()
    there = {row["tid"] for row in pushed.rows("SELECT tid FROM taobao_trade")}
    assert settled in there
    assert young not in there

    pushed.clock.advance(SECOND)
    pushed.run()

    assert differences(pushed, [TRADE]) == []


@pytest.mark.long
def test_the_delay_is_as_the_settings_say(sys_info, tmp_path):
    settings_file(tmp_path, safety_delay_seconds=300)
    sys_info.run()
    assert sys_info.watermark() == MONDAY_NOON - 300 * SECOND
