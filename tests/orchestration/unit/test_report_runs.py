from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from airflow.utils.types import DagRunType

from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.report_runs import report_run
from tests.run_contexts import TEN, context

pytestmark = pytest.mark.usefixtures("settings_file")

DAY = date(2026, 11, 22)


def clock(text: str, day: int = 23) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day}T{text}+08:00")


def test_a_scheduled_run_is_about_the_day_before_its_logical_date():
    assert report_run(context(), now=TEN).business_date == DAY


def test_a_run_that_has_no_logical_date_is_about_the_day_before_it_was_asked_for():
    asked = context(run_type="manual", logical_date=None, run_after=clock("00:30:00", day=20))

    assert report_run(asked, now=TEN).business_date == date(2026, 11, 19)


def test_the_logical_date_is_read_by_shanghai_clocks():
    asked = context(logical_date=datetime(2026, 11, 22, 21, 0, tzinfo=UTC))

    assert report_run(asked, now=TEN).business_date == DAY


def test_a_business_date_that_is_asked_for_wins_over_the_logical_date():
    asked = context(run_type="manual", business_date="2026-10-31")

    assert report_run(asked, now=TEN).business_date == date(2026, 10, 31)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_business_date_is_none(empty):
    assert report_run(context(business_date=empty), now=TEN).business_date == DAY


@pytest.mark.parametrize("garbage", ["yesterday", "2026-02-30", "22.11.2026", "2026-11"])
def test_what_is_no_date_is_refused_with_an_example(garbage):
    with pytest.raises(ConfigError, match=rf"business_date: '{garbage}' .* 2026-11-22"):
        report_run(context(run_type="manual", business_date=garbage), now=TEN)


@pytest.mark.parametrize(
    ("asked", "now"),
    [
        ("2026-11-23", clock("10:00:00")),
        ("2026-11-24", clock("10:00:00")),
        ("2026-11-23", clock("23:59:59")),
    ],
)
def test_a_day_that_is_not_over_in_shanghai_is_refused(asked, now):
    with pytest.raises(ConfigError, match=r"business_date: .* not over"):
        report_run(context(run_type="manual", business_date=asked), now=now)


def test_a_day_may_be_asked_for_from_its_last_midnight_on():
    now = clock("00:00:00", day=24)

    assert report_run(context(run_type="manual", business_date="2026-11-23"), now=now).business_date.day == 23


def test_a_scheduled_run_keeps_the_days_own_deadlines_although_it_started_late():
    late = context(start_date=clock("10:47:00"))

    assert report_run(late, now=clock("10:50:00")).schedule.gives_up_at == clock("11:00:00")


@pytest.mark.parametrize("start", [clock("11:00:00"), clock("15:00:00")])
def test_a_scheduled_run_whose_deadline_had_passed_gets_the_same_patience_from_its_start(start):
    schedule = report_run(context(start_date=start), now=start).schedule

    assert schedule.due_at == start + timedelta(minutes=30)
    assert schedule.gives_up_at == start + timedelta(minutes=60)


@pytest.mark.parametrize("run_type", ["manual", "backfill", "asset_triggered"])
def test_any_other_run_gets_the_same_patience_from_its_start(run_type):
    start = clock("10:05:00")

    schedule = report_run(context(run_type=run_type, start_date=start), now=start).schedule

    assert (schedule.starts_at, schedule.gives_up_at) == (start, start + timedelta(minutes=60))


def test_the_patience_of_a_run_does_not_move_while_it_waits():
    start = clock("12:00:00")
    asked = context(run_type="manual", start_date=start)

    first, later = (report_run(asked, now=start + timedelta(minutes=passed)) for passed in (0, 40))

    assert first.schedule == later.schedule


def test_a_run_without_a_start_counts_from_now():
    now = clock("13:00:00")

    assert report_run(context(run_type="manual", start_date=None), now=now).schedule.starts_at == now


def test_each_report_has_its_own_times():
    schedule = report_run(
        context(dag_id="youshu_order_summary", start_date=clock("05:00:00")), now=clock("05:00:00")
    ).schedule

    assert (schedule.due_at, schedule.gives_up_at) == (clock("06:00:00"), clock("07:00:00"))


@pytest.mark.parametrize(
    ("changes", "alerts"),
    [
        ({}, True),
        ({"run_type": DagRunType.SCHEDULED}, True),
        ({"run_type": "manual"}, False),
        ({"run_type": DagRunType.BACKFILL_JOB}, False),
        ({"logical_date": TEN - timedelta(days=1)}, False),
        ({"business_date": "2026-11-20"}, False),
    ],
)
def test_only_the_scheduled_run_of_the_current_day_alerts(changes, alerts):
    assert report_run(context(**changes), now=TEN + timedelta(minutes=5)).alerts is alerts


def test_a_run_of_yesterday_that_is_cleared_today_does_not_alert():
    assert not report_run(context(), now=TEN + timedelta(days=1)).alerts


@pytest.mark.parametrize(
    ("asked", "force"), [({}, False), ({"force": False}, False), ({"force": True}, True)]
)
def test_force_is_only_what_was_asked_for(asked, force):
    assert report_run(context(**asked), now=TEN).force is force


def test_without_a_given_moment_the_projects_clock_is_read(set_clock):
    set_clock(TEN + timedelta(days=1))

    assert not report_run(context()).alerts
