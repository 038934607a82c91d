"""What one Airflow run of a daily report has to do: which day, how long it may try, whether it may alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from retail_pipeline import clock
from retail_pipeline.business_time import FIRST_DAY, business_date_of_run
from retail_pipeline.deadlines.due_times import Schedule, schedule_of
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.file import load_settings


@dataclass(frozen=True)
class ReportRun:
    """One run of one report.

    :param schedule: the day's own moments, or, if these have passed, the same intervals from the run's start
    :param scheduled: it was started by the schedule, not by a person
    :param alerts: only the scheduled run of the current business date raises alerts
    :param force: send again a report that Youshu has accepted already
    """

    report: str
    business_date: date
    schedule: Schedule
    scheduled: bool
    alerts: bool
    force: bool


def report_run(context: Mapping[str, Any], *, now: datetime | None = None) -> ReportRun:
    """Read a run from the task's context; the report is the DAG.

    :raises ConfigError: a param is wrong; the message names it
    """
    now = now or clock.now()
    dag_run, params = context["dag_run"], context["params"]
    report = dag_run.dag_id
    day = _business_date(dag_run, params.get("business_date"), now)
    schedule = schedule_of(load_settings().report(report), day)
    scheduled = str(getattr(dag_run.run_type, "value", dag_run.run_type)) == "scheduled"
    started = dag_run.start_date or now
    if not scheduled or started >= schedule.gives_up_at:
        schedule = schedule.shifted_to(started)
    return ReportRun(
        report=report,
        business_date=day,
        schedule=schedule,
        scheduled=scheduled,
        alerts=scheduled and day == business_date_of_run(now),
        force=bool(params.get("force")),
    )


def _business_date(dag_run: Any, asked: str | None, now: datetime) -> date:
    if not asked:
        return business_date_of_run(dag_run.logical_date or dag_run.run_after)
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise ConfigError(f"param business_date: {asked!r} is no date; write e.g. 2026-11-22") from None
    if day < FIRST_DAY:
        raise ConfigError(f"param business_date: {day} is too early; allowed: {FIRST_DAY} or later")
    if day > business_date_of_run(now):
        raise ConfigError(
            f"param business_date: {day} is not over yet; the latest is yesterday, Shanghai time"
        )
    return day
