"""Airflow's notifier on the tasks of a report: after every try it checks by the time whether an alert is due."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from retail_pipeline import clock
from retail_pipeline.alerts.alert import AlertKind
from retail_pipeline.alerts.once import alert_once
from retail_pipeline.deadlines.due_times import wait_before_next_try
from retail_pipeline.deadlines.words import ReportDay, doubt_alert, failure_alert
from retail_pipeline.errors import DayInDoubt
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.deadline_watch import deadline_watch
from retail_pipeline.orchestration.planned_subjects import planned_shop
from retail_pipeline.orchestration.report_runs import ReportRun, report_run
from retail_pipeline.orchestration.retry_policies import TRANSIENT
from retail_pipeline.orchestration.run_links import run_link
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class ReportNotifier(BaseNotifier):
    """For ``on_retry_callback``, ``on_failure_callback`` and ``on_success_callback`` of a report's tasks.

    It is silent in backfills and manual runs. It never fails the task that it watches.
    """

    def notify(self, context: Context) -> None:
        """Raise the alerts that are due."""
        now = clock.now()
        try:
            run = report_run(context, now=now)
            if run.alerts:
                self._alert(context, run, now)
        except Exception:
            self.log.exception("alert could not be raised")

    def _alert(self, context: Context, run: ReportRun, now: datetime) -> None:
        settings = load_settings()
        task = context["ti"]
        shop = planned_shop(context["task"].shop)
        link = run_link(run.report, task.run_id)
        report_day = ReportDay(run.report, shop.name, shop.title, run.business_date, link, "task")
        error = context.get("exception")
        hopeless = error is not None and not isinstance(error, TRANSIENT)
        # A task that has just succeeded is no reason to call the day late: the next one may finish it in a second.
        _, due = deadline_watch(settings).review(
            report_day, shop, now, only=None if error else AlertKind.RECOVERED
        )
        if hopeless and wait_before_next_try(run.schedule, now) is not None:
            due = [failure_alert(report_day, task.task_id, str(error)), *due]
        if isinstance(error, DayInDoubt):
            due = [doubt_alert(report_day, error), *due]
        alert_once(due, alerting(settings.alerts))
