"""The vendor asks to slow down: the load waits and loses neither a page nor a try."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline import clock
from retail_pipeline.errors import RateLimited, TransientApiError
from tests.wangdiantong_aftersales.runs import (
    DIRECT,
    MONDAY_NOON,
    QIMEN,
    change_connection,
    differences,
    settings_file,
)

HOUR = timedelta(hours=1)
ALLOWED = 6000  # calls a minute of the tests' connections
TEXTS = [
    f"超过每分钟最大{what}限制{comma}请稍后重试" for what in ("调用频率", "并发次数") for comma in ("，", ",")
]


@pytest.fixture
def waits(monkeypatch, runs):
    """Seconds that were waited, one by one; no time passes."""
    found = []
    monkeypatch.setattr(clock, "pause", found.append)
    return found


def budgets(runs):
    return {row["conn_id"]: row for row in runs.rows("SELECT * FROM etl_call_budget")}


@pytest.mark.parametrize("text", TEXTS)
def test_each_text_is_waited_for_and_counted(runs, waits, text):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.sandbox.fault(QIMEN, "throttle", text=text, times=2, after=3)
    runs.run()
    row = runs.certificates()[-1]
    assert (row["verdict"], row["throttles"], row["pages"], row["passes"]) == ("complete", 2, 5, 1)
    assert row["calls"] == 6 + 2
    assert max(waits) > 4
    assert differences(runs) == []


def test_the_direct_gateways_throttle_is_the_same(runs, waits, monkeypatch):
    change_connection(monkeypatch, "wangdiantong_default", extra={"gateway": "direct"})
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.sandbox.fault(DIRECT, "throttle", times=4)
    runs.run()
    assert sum(row["throttles"] for row in runs.certificates()) == 4
    assert differences(runs, gone="", direct=True) == []


def test_many_in_a_row_cost_time_and_nothing_else(runs, waits):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.sandbox.fault(QIMEN, "throttle", times=40, after=4)
    runs.run()
    assert runs.certificates()[-1]["throttles"] == 40
    assert differences(runs) == []


def test_a_throttle_while_orders_move_loses_nothing(runs, waits):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.sandbox.fault(QIMEN, "throttle", times=1, after=2)
    runs.sandbox.fault(QIMEN, "orders_move", times=1, after=3, count=4)
    runs.run()
    runs.run_until_current()
    assert differences(runs) == []


@pytest.mark.long
def test_a_vendor_that_stays_closed_fails_the_try_after_half_an_hour(runs, waits):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    runs.sandbox.fault(QIMEN, "throttle", after=1)
    with pytest.raises(RateLimited, match=r"wangdiantong.*\[100\]") as caught:
        runs.load(part, context)
    assert isinstance(caught.value, TransientApiError)  # Airflow tries again
    row = runs.certificates()[-1]
    assert (row["verdict"], row["error"]) == ("failed", str(caught.value))
    assert row["throttles"] > 50
    assert runs.heads() == []
    runs.sandbox.mend()
    runs.load(part, context)
    assert differences(runs) == []


@pytest.mark.long
def test_the_budget_is_halved_and_recovers(runs, waits, tmp_path):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    calm = budgets(runs)["wangdiantong_default"]
    assert (calm["per_minute"], calm["throttled_at"]) == (ALLOWED, None)
    runs.clock.advance(15 * timedelta(minutes=1))
    runs.sandbox.fault(QIMEN, "throttle", times=2)
    runs.run()
    slow = budgets(runs)["wangdiantong_default"]
    assert ALLOWED / 4 < slow["per_minute"] < ALLOWED / 3
    assert slow["throttled_at"] is not None
    settings_file(tmp_path, page_size=1)
    for _ in range(2):
        runs.run("manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
    assert ALLOWED / 2 < budgets(runs)["wangdiantong_default"]["per_minute"] <= ALLOWED


def test_each_connection_has_its_own_budget(runs, waits, tmp_path, monkeypatch):
    settings_file(tmp_path, accounts=2)
    change_connection(monkeypatch, "wangdiantong_outlet", extra={"calls_per_minute": 77})
    runs.fill(3, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.fill(3, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR, "outlet")
    runs.sandbox.fault(QIMEN, "throttle", times=3)
    runs.run()
    found = budgets(runs)
    assert found.keys() == {"wangdiantong_default", "wangdiantong_outlet"}
    assert found["wangdiantong_default"]["per_minute"] < ALLOWED / 6
    assert found["wangdiantong_outlet"]["per_minute"] == 77


def test_no_more_calls_a_minute_than_the_connection_allows(runs, waits, monkeypatch):
    change_connection(monkeypatch, "wangdiantong_default", extra={"calls_per_minute": 6})
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    calls = sum(row["calls"] for row in runs.certificates())
    assert calls == 7
    # From no calm time on, 4.5 calls a minute flow in: the last one is due after six gaps of 13.3 s.
    assert 75 < max(waits) < 82
    assert differences(runs) == []
