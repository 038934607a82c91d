"""When to try again, when to alert, when to give up. Pure: the present moment is always a parameter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from retail_pipeline.alerts.alert import AlertKind
from retail_pipeline.business_time import SHANGHAI, at
from retail_pipeline.settings.reports import Report


@dataclass(frozen=True)
class Schedule:
    """One report's moments for one business date, with time zone."""

    starts_at: datetime
    due_at: datetime
    gives_up_at: datetime
    retry_every: timedelta
    retry_late_every: timedelta

    def shifted_to(self, start: datetime) -> Schedule:
        """Return the same intervals, counted from another start."""
        shift = start - self.starts_at
        return replace(
            self, starts_at=start, due_at=self.due_at + shift, gives_up_at=self.gives_up_at + shift
        )


def schedule_of(report: Report, business_date: date) -> Schedule:
    """Return the moments of a business date's report: all on the day after, in Shanghai."""
    day = business_date + timedelta(days=1)
    return Schedule(
        starts_at=at(day, report.starts_at),
        due_at=at(day, report.due_at),
        gives_up_at=at(day, report.gives_up_at),
        retry_every=report.retry_every,
        retry_late_every=report.retry_late_every,
    )


def latest_due_date(report: Report, now: datetime) -> date:
    """Return the latest business date whose report should have been done by ``now``."""
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    due = now >= schedule_of(report, yesterday).due_at
    return yesterday if due else yesterday - timedelta(days=1)


def wait_before_next_try(schedule: Schedule, now: datetime) -> timedelta | None:
    """Return how long to wait after a failed try; None to give up.

    There is a try exactly at each deadline, so that an alert describes a state that is seconds old.
    """
    if now >= schedule.gives_up_at:
        return None
    if now < schedule.due_at:
        return min(schedule.retry_every, schedule.due_at - now)
    return min(schedule.retry_late_every, schedule.gives_up_at - now)


@dataclass(frozen=True)
class Progress:
    """What the data say about a shop's day.

    :param pulls: calls to the source so far; 0 if the report has no source to call
    :param pushes: calls to Youshu so far
    """

    done: bool
    done_at: datetime | None = None
    first_try_at: datetime | None = None
    pulls: int = 0
    pushes: int = 0
    last_error: str | None = None


def alert_due(
    schedule: Schedule, progress: Progress, alerted: frozenset[AlertKind], now: datetime
) -> AlertKind | None:
    """Return what must be alerted now, for any caller; None if there is nothing new."""
    if progress.done:
        due = AlertKind.RECOVERED if alerted else None
    elif now >= schedule.gives_up_at:
        due = AlertKind.MISSED
    elif now >= schedule.due_at:
        due = AlertKind.LATE
    else:
        due = None
    return None if due in alerted else due
