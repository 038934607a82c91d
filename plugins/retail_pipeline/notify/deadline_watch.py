"""Looks at the data, not at the runs: is a shop's day done, and if not, has somebody been told?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pendulum

from retail_pipeline import clock
from retail_pipeline.deadlines import (
    AlarmKind,
    Progress,
    alarm_due,
    latest_due_date,
    schedule_of,
)
from retail_pipeline.errors import PipelineError
from retail_pipeline.notify.alarm import Alarm, Subject, deadline_alarm
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
    except PipelineError as fault:
        return Progress(done=False, last_error=str(fault))


def review(
    subject: Subject, shop: Shop, settings: Settings, now: datetime, *, only: AlarmKind | None = None
) -> tuple[Progress, list[Alarm]]:
    """Return how far one shop's day is, and what is to be rung of it. Called by whoever has a reason to look.

    :param only: nothing but this kind is to be rung
    """
    schedule = schedule_of(settings.report(subject.report), subject.business_date)
    progress = read_progress(subject.report, shop, subject.business_date)
    told = rung(settings.alarms, subject.report, shop.name, subject.business_date)
    kind = alarm_due(schedule, progress, told, now)
    if kind is None or only not in (None, kind):
        return progress, []
    log.info("%s of %s for %s: %s", subject.report, shop.name, subject.business_date, kind.value)
    return progress, [deadline_alarm(subject, kind, schedule, progress, now)]


def review_latest(report: str, *, source: str, now: datetime | None = None) -> list[str]:
    """Review the day whose deadline passed last, for every shop of a report; return the shops that are not done."""
    now = now or clock.now()
    settings = load_settings()
    day = latest_due_date(settings.report(report), now)
    overdue: list[str] = []
    due: list[Alarm] = []
    for shop in settings.shops_with(report):
        progress, alarms = review(_subject(report, shop, day, source), shop, settings, now)
        overdue += [] if progress.done else [shop.name]
        due += alarms
    ring(due, settings.alarms)
    log.info("%s for %s: %s", report, day, f"not done: {', '.join(overdue)}" if overdue else "all done")
    return overdue


def ring_missed_deadline(report: str, context: Mapping[str, Any] | None = None) -> None:
    """Feed a DeadlineAlert into the same once-only record (its callback).

    A run that was made after its deadline (scheduler down, DAG unpaused) finds the deadline missed while it is just
    beginning to work: that its day was late is for the watchdog to tell, who looks at the data.
    """
    if context and _made_after_its_deadline(context):
        log.info("run %s was made after its deadline", context["dag_run"]["dag_run_id"])
        return
    review_latest(report, source="deadline_alert")


def _made_after_its_deadline(context: Mapping[str, Any]) -> bool:
    """Compare what Airflow hands to a deadline's callback: the run as its REST API shows it, and the deadline."""
    made_at = context["dag_run"].get("queued_at")
    return made_at is not None and pendulum.parse(str(made_at)) >= context["deadline"]["deadline_time"]


def _subject(report: str, shop: Shop, day: date, source: str) -> Subject:
    return Subject(report, shop.name, shop.title, day, dag_link(report), source)
