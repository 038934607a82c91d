"""The watch over the days of reports, for Airflow's tasks and deadlines."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import pendulum

from retail_pipeline import clock
from retail_pipeline.deadlines.watch import DeadlineWatch
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings

log = logging.getLogger(__name__)


def deadline_watch(settings: Settings | None = None) -> DeadlineWatch:
    """Return the watch over the reports that the settings name."""
    settings = settings or load_settings()
    return DeadlineWatch(settings, alerting(settings.alerts), partial(open_postgres, brief=True))


def alert_missed_deadline(report: str, context: Mapping[str, Any] | None = None) -> None:
    """Pass a DeadlineAlert to our record, which alerts once (this is its callback).

    If a run was created after its deadline (scheduler down, DAG unpaused), Airflow reports the deadline as missed
    while the run is just beginning. This is ignored: the watchdog, which checks the data, alerts if the day is late.
    """
    if context and _made_after_its_deadline(context):
        log.info("run %s was made after its deadline", context["dag_run"]["dag_run_id"])
        return
    deadline_watch().review_latest(report, source="deadline_alert", now=clock.now())


def _made_after_its_deadline(context: Mapping[str, Any]) -> bool:
    """Compare what Airflow passes to a deadline's callback: the run, as in its REST API, and the deadline."""
    made_at = context["dag_run"].get("queued_at")
    return made_at is not None and pendulum.parse(str(made_at)) >= context["deadline"]["deadline_time"]
