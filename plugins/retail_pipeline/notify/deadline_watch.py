"""Looks at the data, not at the runs: is a shop's day done, and if not, has somebody been told?"""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

import psycopg

from retail_pipeline import clock
from retail_pipeline.deadlines import (
    AlarmKind,
    Progress,
    alarm_due,
    latest_due_date,
    schedule_of,
)
from retail_pipeline.errors import ConfigError
from retail_pipeline.notify.alarm import Subject, deadline_alarm
from retail_pipeline.notify.ringing import ring, rung
from retail_pipeline.postgres_session import open_postgres, query
from retail_pipeline.run_links import dag_link
from retail_pipeline.settings import Settings, Shop
from retail_pipeline.settings_file import load_settings

log = logging.getLogger(__name__)


def read_progress(report: str, shop: Shop, business_date: date) -> Progress:
    """Return how far a shop's day is; a database that cannot be asked is itself the reason why it is not done."""
    key = {"shop": shop.name, "business_date": business_date}
    try:
        with open_postgres(shop.store_conn_id) as connection:
            return Progress(**query(connection, f"reports/{report}/progress", key)[0])
    except (psycopg.Error, ConfigError) as fault:
        return Progress(done=False, last_error=f"connection {shop.store_conn_id!r}: {fault}")


def review(subject: Subject, shop: Shop, settings: Settings, now: datetime) -> AlarmKind | None:
    """Ring what is due for one shop's day; return what that was. Called by whoever has a reason to look."""
    schedule = schedule_of(settings.report(subject.report), subject.business_date)
    progress = read_progress(subject.report, shop, subject.business_date)
    told = rung(settings.alarms, subject.report, shop.name, subject.business_date)
    kind = alarm_due(schedule, progress, told, now)
    if kind:
        ring(deadline_alarm(subject, kind, schedule, progress, now), settings.alarms)
    return kind


def review_latest(report: str, *, source: str, now: datetime | None = None) -> list[str]:
    """Review the day whose deadline passed last, for every shop of a report; return the shops that are not done."""
    now = now or clock.now()
    settings = load_settings()
    day = latest_due_date(settings.report(report), now)
    overdue = []
    for shop in settings.shops_with(report):
        kind = review(_subject(report, shop, day, source), shop, settings, now)
        log.info("%s of %s for %s: %s", report, shop.name, day, kind.value if kind else "nothing new")
        if not read_progress(report, shop, day).done:
            overdue.append(shop.name)
    return overdue


def ring_missed_deadline(report: str, **_context: Any) -> None:
    """Feed a DeadlineAlert into the same once-only record (its callback)."""
    review_latest(report, source="deadline_alert")


def _subject(report: str, shop: Shop, day: date, source: str) -> Subject:
    return Subject(report, shop.name, shop.title, day, dag_link(report), source)
