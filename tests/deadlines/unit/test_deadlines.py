from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from retail_pipeline.alerts.alert import AlertKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.deadlines.due_times import Progress, Schedule, alert_due, latest_due_date, schedule_of
from retail_pipeline.settings.reports import Report

REPORT = Report(starts_at="10:00", due_at="10:30", gives_up_at="11:00")
DAY = date(2026, 11, 22)


def clock(text: str, day: int = 23) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day}T{text}+08:00")


def schedule() -> Schedule:
    return schedule_of(REPORT, DAY)


def test_all_moments_are_on_the_day_after_the_business_date_in_shanghai():
    moments = schedule()

    assert (moments.starts_at, moments.due_at, moments.gives_up_at) == (
        clock("10:00:00"),
        clock("10:30:00"),
        clock("11:00:00"),
    )
    assert moments.due_at.utcoffset() == timedelta(hours=8)


def test_the_day_after_new_years_eve_is_in_the_next_year():
    assert schedule_of(REPORT, date(2026, 12, 31)).due_at == datetime(2027, 1, 1, 10, 30, tzinfo=SHANGHAI)


def test_a_schedule_takes_its_pace_from_the_settings():
    report = REPORT.model_copy(update={"retry_every_seconds": 90, "retry_late_every_seconds": 600})

    moments = schedule_of(report, DAY)

    assert (moments.retry_every, moments.retry_late_every) == (timedelta(seconds=90), timedelta(minutes=10))


def test_another_start_shifts_everything_and_keeps_patience_and_pace():
    late = clock("14:07:31")

    shifted = schedule().shifted_to(late)

    assert shifted.starts_at == late
    assert shifted.due_at == late + timedelta(minutes=30)
    assert shifted.gives_up_at == late + timedelta(minutes=60)
    assert (shifted.retry_every, shifted.retry_late_every) == (timedelta(minutes=1), timedelta(minutes=5))


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (clock("10:29:59"), date(2026, 11, 21)),
        (clock("10:30:00"), date(2026, 11, 22)),
        (clock("23:59:59"), date(2026, 11, 22)),
        (clock("00:00:00", day=24), date(2026, 11, 22)),
        (datetime(2026, 11, 23, 2, 30, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 16, 1, tzinfo=UTC), date(2026, 11, 21)),  # 00:01 in Shanghai
    ],
)
def test_the_latest_due_date_changes_at_the_very_deadline(now, day):
    assert latest_due_date(REPORT, now) == day


def test_a_deadline_before_eight_is_past_although_it_is_still_yesterday_in_utc():
    early = Report(starts_at="05:00", due_at="06:00", gives_up_at="07:00")
    half_past_six = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)

    assert latest_due_date(early, half_past_six) == date(2026, 11, 22)


PENDING = Progress(done=False)
DONE = Progress(done=True)
LATE, MISSED, FAILED, RECOVERED = AlertKind.LATE, AlertKind.MISSED, AlertKind.FAILED, AlertKind.RECOVERED


@pytest.mark.parametrize(
    ("now", "progress", "alerted", "kind"),
    [
        ("10:29:59", PENDING, (), None),
        ("10:30:00", PENDING, (), LATE),
        ("10:59:59", PENDING, (), LATE),
        ("10:59:59", PENDING, (LATE,), None),
        ("11:00:00", PENDING, (LATE,), MISSED),
        ("11:00:00", PENDING, (), MISSED),
        ("15:00:00", PENDING, (LATE, MISSED), None),
        ("10:10:00", DONE, (), None),
        ("15:00:00", DONE, (), None),
        ("10:40:00", DONE, (LATE,), RECOVERED),
        ("11:40:00", DONE, (LATE, MISSED), RECOVERED),
        ("10:40:00", DONE, (LATE, RECOVERED), None),
        ("10:10:00", PENDING, (FAILED,), None),
        ("10:30:00", PENDING, (FAILED,), LATE),
        ("10:20:00", DONE, (FAILED,), RECOVERED),
    ],
)
def test_alert_due_returns_the_kind_for_each_moment(now, progress, alerted, kind):
    assert alert_due(schedule(), progress, frozenset(alerted), clock(now)) is kind
