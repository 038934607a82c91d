"""A scheduled load that is far behind ends within its interval, and the next run goes on where it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from tests.conftest import SimulatedClock
from tests.jushita_sys_info.faults.feed_changes import push_new
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file
from tests.wangdiantong_aftersales import runs as aftersales
from tests.wangdiantong_aftersales.runs import AftersalesRuns

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
START = datetime(2026, 11, 22, tzinfo=MONDAY_NOON.tzinfo)
SETTLED = MONDAY_NOON - 15 * SECOND


def slow(patch: pytest.MonkeyPatch, clock: SimulatedClock, owner: type, name: str, lasts: timedelta) -> None:
    """Let a step take so long."""
    step = getattr(owner, name)

    def taking_its_time(self: Any, *args: Any, **kwargs: Any) -> Any:
        clock.advance(lasts)
        return step(self, *args, **kwargs)

    patch.setattr(owner, name, taking_its_time)


def until_current(runs: SysInfoRuns | AftersalesRuns, settled: timedelta) -> int:
    """Let runs follow upon each other; return how many it took. Each goes further, and fails nowhere."""
    reached = START
    for number in range(1, 40):
        planned_at = runs.clock.moment
        runs.run()
        watermark = runs.watermark()
        assert watermark is not None
        if watermark == planned_at - settled:
            assert {row["verdict"] for row in runs.certificates()} == {"complete"}
            return number
        assert reached < watermark
        reached = watermark
    pytest.fail(f"it has come to {reached} only")


@pytest.mark.long
@pytest.mark.parametrize(("lasts", "most"), [(MINUTE, 5), (10 * MINUTE, 30)])
def test_a_table_that_is_far_behind_comes_further_with_each_run(each_target, monkeypatch, lasts, most):
    """Also where the time is over when its task begins: then it is a chunk a run."""
    runs = each_target
    runs.fill(1100, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    slow(monkeypatch, runs.clock, SysInfoLoader, "read", lasts)

    assert 3 <= until_current(runs, 15 * SECOND) <= most
    assert differences(runs, [TRADE]) == []


def test_a_run_begins_no_chunk_after_three_quarters_of_its_interval(sys_info, monkeypatch):
    sys_info.fill(1100, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    slow(monkeypatch, sys_info.clock, SysInfoLoader, "read", MINUTE)
    sys_info.run()
    assert sys_info.clock.moment - MONDAY_NOON == 4 * MINUTE


@pytest.mark.long
def test_a_window_that_was_asked_for_is_loaded_to_its_end(sys_info, monkeypatch):
    sys_info.fill(550, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    slow(monkeypatch, sys_info.clock, SysInfoLoader, "read", 10 * MINUTE)
    sys_info.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
    assert differences(sys_info, [TRADE]) == []


@pytest.mark.long
def test_what_goes_ahead_leaves_the_rest_half_of_the_time(sys_info, tmp_path, monkeypatch):
    settings_file(tmp_path, jushita={"ahead": [{"name": "all", "table": TRADE}]}, chunk_hours=48)
    sys_info.fill(1100, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    slow(monkeypatch, sys_info.clock, SysInfoLoader, "read", MINUTE)
    sys_info.run()
    chunks = [row["filters"] for row in sys_info.certificates()]
    assert chunks == ["ahead=all"] * 2 + [""] * 3  # the first of them compares what was read before


@pytest.mark.long
def test_what_was_read_before_is_compared_to_its_end_whatever_the_time(sys_info, monkeypatch):
    """The next run begins at the watermark: what was committed late before it would be lost."""
    sys_info.run()
    for number in range(250):
        push_new(sys_info, SETTLED - 9 * MINUTE + number * SECOND, seed=number)
    sys_info.clock.advance(5 * MINUTE)
    slow(monkeypatch, sys_info.clock, SysInfoLoader, "compare", 10 * MINUTE)
    sys_info.run()
    assert differences(sys_info, [TRADE]) == []
    assert sys_info.watermark() == SETTLED + 5 * MINUTE


@pytest.mark.long
def test_an_account_that_is_far_behind_comes_further_with_each_run(runs, tmp_path, monkeypatch):
    aftersales.settings_file(tmp_path, chunk_hours=1)
    runs.fill(120, START, MONDAY_NOON - HOUR)
    slow(monkeypatch, runs.clock, WangdiantongClient, "search_refunds", MINUTE)

    assert 3 <= until_current(runs, MINUTE) <= 30
    assert aftersales.differences(runs) == []
