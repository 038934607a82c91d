"""Params that nobody knows, names that were joined, windows of any size: refused, or planned whole."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.business_time import SHANGHAI, Window
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration import dag_defaults
from retail_pipeline.orchestration.executor_slots import max_mapped_tasks
from retail_pipeline.orchestration.known_params import is_mistyped, refuse_what_the_dag_does_not_know
from retail_pipeline.orchestration.report_runs import report_run
from retail_pipeline.pipelines.jushita_sys_info import operators as sys_info_to_warehouse
from retail_pipeline.pipelines.wangdiantong_aftersales import operators as wangdiantong_to_mysql
from retail_pipeline.settings.retail import LoadSettings
from retail_pipeline.windows.load_runs import (
    WINDOW_ENDS,
    LoadRun,
    chunks_of,
    first_watermark,
    load_run,
    loads_until,
    nearly_done_first,
)
from tests.run_contexts import TEN, context

HOURLY = LoadSettings(chunk_hours=1)
MAPPED = 1024
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def run(**changes: Any) -> LoadRun:
    asked = context(**{"run_type": "manual", **changes})
    asked["dag_run"].run_id = "this run"
    return load_run(
        asked, "jushita_sys_info", HOURLY, filters=("refund_no", "sellers"), lookup="refund_no", now=TEN
    )


def window(days: int) -> Window:
    return Window(TEN - days * DAY, TEN)


def asked(days: int) -> LoadRun:
    return LoadRun("p", "r", "manual", window(days), {}, TEN)


def due() -> LoadRun:
    return LoadRun("p", "r", "scheduled", None, {}, TEN)


# Names of params


@pytest.mark.parametrize(
    ("params", "known"),
    [
        (dag_defaults.WINDOW_PARAMS, WINDOW_ENDS),
        (dag_defaults.LOAD_PARAMS, (*WINDOW_ENDS, *wangdiantong_to_mysql.PlanAftersalesOperator.filters)),
        (dag_defaults.SYS_INFO_PARAMS, (*WINDOW_ENDS, *sys_info_to_warehouse.PlanSysInfoOperator.filters)),
    ],
)
def test_the_tasks_know_the_params_that_the_dags_offer(params, known):
    assert sorted(params) == sorted(known)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            "business_day",
            "param 'business_day' is not known; did you mean 'business_date'? Allowed: business_date",
        ),
        ("xyz", "param 'xyz' is not known. Allowed: business_date"),
    ],
)
def test_a_param_that_the_dag_has_not_is_refused_with_the_nearest_name(given, told):
    mistyped = {
        "params": {"business_date": None, given: 1},
        "dag": SimpleNamespace(params={"business_date": None}),
    }
    with pytest.raises(AirflowFailException, match=re.escape(told)):
        refuse_what_the_dag_does_not_know(mistyped)
    assert is_mistyped(mistyped)
    del mistyped["params"][given]
    refuse_what_the_dag_does_not_know(mistyped)
    assert not is_mistyped(mistyped)


# Names that a param lists


@pytest.mark.parametrize(
    "text",
    [
        "甲店,乙店",
        "甲店，乙店",
        " 甲店 ; 乙店",
        "甲店；乙店；",
        "甲店、乙店",
        "甲店\u3000乙店",
        "甲店,乙店,甲店",
    ],
)
def test_names_are_read_whatever_stands_between_them(text):
    assert run(sellers=text).filters == {"sellers": "甲店,乙店"}


@pytest.mark.parametrize("text", ["，", ",;", "甲\x00店", "\ud83d"])
def test_what_names_nothing_is_refused(text):
    with pytest.raises(ConfigError, match=r"param sellers: .* names nothing"):
        run(sellers=text)


def test_two_orders_are_not_asked_for_as_one():
    with pytest.raises(ConfigError, match="param refund_no: 'TK1,TK2' is more than one"):
        run(refund_no="TK1，TK2")


def test_a_condition_fits_its_column_and_another_one_is_another_text():
    sellers = [f"店铺{number:03}👌" for number in range(100)]
    long, other = (run(sellers="，".join([*sellers, last])).condition for last in "ab")

    assert len(long) == len(other) == 255
    assert long.startswith("sellers=店铺000👌,店铺001👌")
    assert long != other
    assert run(sellers="，".join([*sellers, "a"])).condition == long


# Moments that nobody means


@pytest.mark.parametrize("start", ["0001-01-01", "1999-12-31 23:59:59"])
def test_a_window_of_another_age_is_refused(start):
    with pytest.raises(
        ConfigError, match=r"param window_from: .* is too early; allowed: 2000-01-01 or later"
    ):
        run(window_from=start, window_to="2026-11-22")


@pytest.mark.usefixtures("settings_file")
def test_a_business_date_of_another_age_is_refused():
    with pytest.raises(ConfigError, match="param business_date: 0001-01-01 is too early"):
        report_run(context(run_type="manual", business_date="0001-01-01"), now=TEN)


def test_a_first_day_that_is_still_to_come_is_refused():
    with pytest.raises(ConfigError, match=r"load_from .*: 2062-11-01 is still to come"):
        first_watermark(date(2062, 11, 1), TEN)


# How much a run plans


def test_what_is_due_makes_few_chunks_the_earliest_first_and_each_hole_has_one():
    holes = [
        Window(TEN - 100 * DAY, TEN - 99 * DAY),
        Window(TEN - 98 * DAY, TEN - 98 * DAY + SECOND),
        window(80),
    ]

    planned = chunks_of(due(), holes, HOURLY, sharers=2, mapped=MAPPED)

    assert planned[:2] == holes[:2]
    assert [chunk.end - chunk.start for chunk in planned[2:]] == [10 * DAY] * 8
    assert (planned[2].start, planned[-1].end) == window(80)


@pytest.mark.parametrize("days", [1, 8, 9, 29, 160, 161, 230, 3000])
@pytest.mark.parametrize("chunk_hours", [1, 24, 720])
def test_of_years_the_first_months_are_planned_in_chunks_that_a_vendor_answers(days, chunk_hours):
    planned = chunks_of(
        due(), [window(days)], LoadSettings(chunk_hours=chunk_hours), sharers=1, mapped=MAPPED
    )

    assert planned[0].start == TEN - days * DAY
    assert all(one.end == another.start for one, another in itertools.pairwise(planned))
    assert planned[-1].end == TEN or planned[-1].end - planned[0].start >= 120 * DAY
    assert len(planned) <= 8
    assert max(chunk.end - chunk.start for chunk in planned) <= 30 * DAY


def test_the_rest_of_an_overdue_window_stays_in_few_chunks():
    """Of each chunk a day is loaded, and the rest is due again."""
    holes = [window(80)]
    for _ in range(9):
        planned = chunks_of(due(), holes, HOURLY, sharers=1, mapped=MAPPED)
        holes = [Window(chunk.start + DAY, chunk.end) for chunk in planned if chunk.end - chunk.start > DAY]
        assert len(planned) <= 8


def test_what_lags_least_is_begun_first_and_who_cannot_be_planned_last():
    planned = {"far": [window(9), window(3)], "silent": [None], "near": [window(1)], "idle": []}

    assert nearly_done_first(planned.items()) == [
        ("near", window(1)), ("far", window(9)), ("far", window(3)), ("silent", None)
    ]  # fmt: skip


def test_a_scheduled_load_ends_within_its_interval_and_no_other():
    assert loads_until("scheduled", TEN, LoadSettings(every_minutes=20)) == TEN + timedelta(minutes=15)
    assert loads_until("manual", TEN, LoadSettings()) is loads_until("backfill", TEN, LoadSettings()) is None


def test_what_fits_is_planned_as_it_is():
    third = Window(TEN - DAY / 3, TEN)
    assert len(chunks_of(due(), [third], HOURLY, sharers=1, mapped=MAPPED)) == 8
    assert len(chunks_of(asked(2), [window(2)], HOURLY, sharers=1, mapped=MAPPED)) == 48


def test_a_window_that_is_asked_for_is_planned_as_a_whole_in_longer_chunks():
    planned = chunks_of(asked(730), [window(730)], LoadSettings(), sharers=2, mapped=MAPPED)

    assert len(planned) <= 512
    assert (planned[0].start, planned[-1].end) == window(730)
    assert all(one.end == another.start for one, another in itertools.pairwise(planned))
    assert max(chunk.end - chunk.start for chunk in planned) < 2 * DAY


def test_airflows_own_limit_is_the_one_that_counts(monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "10")

    assert max_mapped_tasks() == 10
    assert len(chunks_of(due(), [window(90)], HOURLY, sharers=2, mapped=10)) == 5
    assert len(chunks_of(asked(90), [window(90)], HOURLY, sharers=2, mapped=10)) <= 5


def test_a_window_that_no_run_can_plan_is_refused_with_how_far_one_goes():
    start = datetime(2026, 9, 14, 10, tzinfo=SHANGHAI)
    asked_for = Window(start, TEN)
    run = LoadRun("p", "r", "manual", asked_for, {}, TEN)

    with pytest.raises(
        ConfigError, match=r"param window_to: a run has 2 chunks .* ask up to 2026-11-13 10:00:00"
    ):
        chunks_of(run, [asked_for], HOURLY, sharers=2, mapped=4)
