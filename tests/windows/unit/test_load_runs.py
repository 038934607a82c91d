from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from airflow.utils.types import DagRunType
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI, Window
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.retail import LoadSettings
from retail_pipeline.windows.load_runs import LoadRun, first_watermark, load_run, next_window
from tests.run_contexts import TEN, context

SETTINGS = LoadSettings(every_minutes=15, lookback_minutes=10, safety_delay_seconds=60)
NOW = datetime(2026, 11, 23, 10, 0, 7, 654321, tzinfo=SHANGHAI)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+08:00")


def run(*, now: datetime = NOW, settings: LoadSettings = SETTINGS, **changes: Any) -> LoadRun:
    """Read the run of a task; by default the scheduled one without params."""
    asked = context(**changes)
    asked["dag_run"].run_id = "this run"
    return load_run(
        asked,
        "wangdiantong_aftersales",
        settings,
        filters=("refund_no", "shop_nos"),
        lookup="refund_no",
        now=now,
    )


def asked(start: str | None, end: str | None, **changes: Any) -> LoadRun:
    return run(**{"run_type": "manual", "window_from": start, "window_to": end, **changes})


# What a run is for


def test_a_scheduled_run_reads_on_from_the_watermark():
    scheduled = run()

    assert (scheduled.purpose, scheduled.window, scheduled.filters) == ("scheduled", None, {})
    assert (scheduled.pipeline, scheduled.run_id) == ("wangdiantong_aftersales", "this run")
    assert scheduled.planned_at == NOW


@pytest.mark.parametrize(
    ("run_type", "purpose"),
    [
        ("scheduled", "scheduled"),
        (DagRunType.SCHEDULED, "scheduled"),
        ("backfill", "backfill"),
        (DagRunType.BACKFILL_JOB, "backfill"),
        ("manual", "manual"),
        (DagRunType.MANUAL, "manual"),
        ("asset_triggered", "manual"),
        (DagRunType.ASSET_TRIGGERED, "manual"),
    ],
    ids=str,
)
def test_only_scheduled_runs_may_move_the_watermark(run_type, purpose):
    assert run(run_type=run_type).purpose == purpose


@pytest.mark.parametrize(
    "params",
    [
        {"window_from": "2026-11-22 10:00:00", "window_to": "2026-11-22 11:00:00"},
        {"refund_no": "TK2611220001"},
        {"shop_nos": "01"},
    ],
    ids=["window", "refund", "shops"],
)
def test_a_scheduled_run_that_is_asked_for_a_window_or_a_part_is_a_manual_one(params):
    assert run(**params).purpose == "manual"


def test_a_backfill_that_is_asked_for_a_window_stays_one():
    backfill = asked("2026-11-22 10:00:00", "2026-11-22 11:00:00", run_type="backfill")

    assert backfill.purpose == "backfill"
    assert backfill.window == Window(clock("22T10:00:00"), clock("22T11:00:00"))


@pytest.mark.parametrize("run_type", ["scheduled", "manual"])
def test_a_run_without_a_logical_date_is_understood(run_type):
    without = run(run_type=run_type, logical_date=None)

    assert (without.purpose, without.window) == (run_type, None)


def test_a_manual_run_without_params_reads_from_the_watermark_too():
    assert run(run_type="manual").window is None


def test_without_a_given_moment_the_projects_clock_is_read(set_clock):
    set_clock(NOW)
    today = context()
    today["dag_run"].run_id = "this run"

    assert load_run(today, "wangdiantong_aftersales", SETTINGS, filters=()).planned_at == NOW


# Backfills


def test_a_backfill_run_is_about_the_time_up_to_its_logical_date():
    assert run(run_type="backfill").window == Window(TEN - timedelta(minutes=15), TEN)


@pytest.mark.parametrize("every", [1, 15, 60])
def test_windows_of_consecutive_backfill_runs_leave_no_gap_and_do_not_overlap(every):
    settings = LoadSettings(every_minutes=every)
    starts = [TEN + timedelta(minutes=every) * number for number in range(5)]

    windows = [run(run_type="backfill", logical_date=start, settings=settings).window for start in starts]

    assert [window.start for window in windows[1:]] == [window.end for window in windows[:-1]]
    assert windows[-1].end - windows[0].start == timedelta(minutes=every) * 5


def test_a_backfills_logical_date_is_read_by_shanghai_clocks():
    utc = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    window = run(run_type="backfill", logical_date=utc).window

    assert (window.end, window.end.hour, window.start.day) == (utc, 0, 22)


# Windows that are asked for


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-22 10:00:00",
        "2026-11-22T10:00:00",
        "2026-11-22T10:00:00+08:00",
        "2026-11-22T02:00:00Z",
        "2026-11-22T02:00:00+00:00",
        "2026-11-21 21:00:00-05:00",
        " 2026-11-22 10:00:00 ",
        "2026-11-22 10:00",
        "2026-11-22 10:00:00.999",
    ],
)
def test_a_windows_ends_may_be_given_by_shanghai_clocks_or_with_a_zone(start):
    window = asked(start, "2026-11-22 11:00:00").window

    assert window == Window(clock("22T10:00:00"), clock("22T11:00:00"))
    assert (window.start.hour, window.start.utcoffset()) == (10, timedelta(hours=8))


def test_a_date_is_its_midnight():
    assert asked("2026-11-21", "2026-11-22").window == Window(clock("21T00:00:00"), clock("22T00:00:00"))


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_empty_ends_are_no_window(empty):
    assert asked(empty, empty).window is None


@pytest.mark.parametrize(
    ("start", "end", "named"),
    [
        ("2026-11-22 10:00:00", None, "window_to is empty"),
        (None, "2026-11-22 10:00:00", "window_from is empty"),
        ("2026-11-22 10:00:00", "2026-11-22 10:00:00", "window_from: 2026-11-22 10:00:00 is not before"),
        ("2026-11-22 11:00:00", "2026-11-22 10:00:00", "window_from: 2026-11-22 11:00:00 is not before"),
        ("2026-11-22T02:00:00Z", "2026-11-22 10:00:00", "window_from: 2026-11-22 10:00:00 is not before"),
        ("2026-11-22 10:00:00", "2026-11-23 10:00:08", "window_to: 2026-11-23 10:00:08 lies in the future"),
        ("yesterday", "2026-11-22 10:00:00", "window_from: 'yesterday' is no time"),
        ("2026-11-22 10:00:00", "2026-02-30 10:00:00", "window_to: '2026-02-30 10:00:00' is no time"),
        ("22.11.2026", "2026-11-22 10:00:00", "window_from: '22.11.2026' is no time"),
        ("2026-11-22 10:00:00", "9999-12-31T23:59:59Z", "window_to"),
        ("0001-01-01T00:00:00+14:00", "2026-11-22 10:00:00", "window_from"),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused_by_its_params_name(start, end, named):
    with pytest.raises(ConfigError, match=f"param {named}"):
        asked(start, end)


def test_what_is_no_time_is_refused_with_an_example():
    with pytest.raises(ConfigError, match=r"write e\.g\. 2026-11-22 10:00:00"):
        asked("now", "2026-11-22 10:00:00")


def test_a_window_may_reach_to_this_second():
    now = clock("23T10:00:00")

    assert asked("2026-11-22 10:00:00", "2026-11-23 10:00:00", now=now).window.end == now


# Parts


def test_a_single_refund_is_loaded_whenever_it_was_modified():
    single = run(run_type="manual", refund_no=" TK2611220001 ")

    assert single.filters == {"refund_no": "TK2611220001"}
    assert single.window.start == single.window.end
    assert NOW - single.window.end < timedelta(seconds=1)


def test_the_window_of_a_single_refund_is_in_whole_seconds_as_the_ledger_keeps_it():
    assert run(run_type="manual", refund_no="TK2611220001").window.start.microsecond == 0


def test_shops_may_be_asked_for_within_a_window():
    part = asked("2026-11-22 10:00:00", "2026-11-22 11:00:00", shop_nos="01,02")

    assert part.filters == {"shop_nos": "01,02"}
    assert part.window == Window(clock("22T10:00:00"), clock("22T11:00:00"))


@pytest.mark.parametrize(
    ("params", "condition"),
    [
        ({}, ""),
        ({"refund_no": None, "shop_nos": ""}, ""),
        ({"refund_no": "TK1"}, "refund_no=TK1"),
        ({"shop_nos": "01,02"}, "shop_nos=01,02"),
        ({"refund_no": "TK1", "shop_nos": "01"}, "refund_no=TK1, shop_nos=01"),
    ],
)
def test_a_part_is_named_by_its_condition(params, condition):
    assert run(run_type="manual", **params).condition == condition


# Scheduled windows


def test_a_scheduled_window_goes_from_before_the_watermark_to_a_while_ago():
    window = next_window(clock("23T09:45:00"), SETTINGS, clock("23T10:00:00"))

    assert window == Window(clock("23T09:35:00"), clock("23T09:59:00"))


def test_a_scheduled_window_is_in_shanghai_time_and_whole_seconds():
    utc = datetime(2026, 11, 23, 2, 0, 7, 654321, tzinfo=UTC)

    window = next_window(datetime(2026, 11, 23, 1, 45, tzinfo=UTC), SETTINGS, utc)

    assert window == Window(clock("23T09:35:00"), clock("23T09:59:07"))
    assert [end.utcoffset() for end in window] == [timedelta(hours=8)] * 2


@pytest.mark.parametrize("watermark", ["23T09:59:00", "23T09:59:30", "23T10:30:00"])
def test_what_has_not_settled_yet_is_left_to_the_next_run(watermark):
    assert next_window(clock(watermark), SETTINGS, clock("23T10:00:00")) is None


def test_a_second_that_has_settled_is_a_window_already():
    assert next_window(clock("23T09:58:59"), SETTINGS, clock("23T10:00:00")).end == clock("23T09:59:00")


def test_after_a_long_pause_the_window_is_all_that_was_missed():
    window = next_window(clock("01T00:00:00"), SETTINGS, clock("23T10:00:00"))

    assert window.end - window.start > timedelta(days=22)


@given(st.integers(0, 1440), st.integers(0, 3600), st.integers(-7200, 100_000))
def test_nothing_lies_between_the_watermark_and_the_next_window(overlap, settle, passed):
    settings = LoadSettings(lookback_minutes=overlap, safety_delay_seconds=settle)
    watermark = clock("23T10:00:00")
    now = watermark + timedelta(seconds=passed)

    window = next_window(watermark, settings, now)

    if passed <= settle:
        assert window is None
    else:
        assert window == (watermark - timedelta(minutes=overlap), now - timedelta(seconds=settle))


def test_scheduled_loads_are_answerable_from_the_day_that_is_named_on():
    assert first_watermark(date(2026, 11, 1), NOW) == clock("01T00:00:00")


@pytest.mark.parametrize("now", [NOW, datetime(2026, 11, 22, 16, 0, tzinfo=UTC)])
def test_without_such_a_day_it_is_yesterday_by_shanghai_clocks(now):
    assert first_watermark(None, now) == clock("22T00:00:00")
