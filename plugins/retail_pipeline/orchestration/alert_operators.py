"""The watchdog of the reports, and the sender of waiting alerts, as tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator

from retail_pipeline import clock
from retail_pipeline.alerts.delivery import deliver, waiting_alerts
from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.deadline_watch import deadline_watch
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class DeadlineWatchOperator(BaseOperator):
    """Raise an alert for every shop whose day is not done although its deadline has passed.

    :param report: dag_id of the report that is watched
    """

    watch: ClassVar = "youshu_deadline_watch"

    @staticmethod
    def subject(report: str) -> str:
        """Return what is watched, in words."""
        return f"watch of {report}"

    def __init__(self, *, report: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.report = report

    def execute(self, context: Context) -> list[str]:  # noqa: ARG002
        """Return the shops that are not done."""
        with fail_without_retry():
            watch = deadline_watch()
            overdue = watch.review_latest(self.report, source="watchdog", now=clock.now())
            has_looked(self.watch, self.subject(self.report), watch.alerting)
        return overdue


class SendAlertsOperator(BaseOperator):
    """Send recorded alerts to every channel that has not taken them and may be tried again."""

    watch: ClassVar = "etl_alert_send"
    subject: ClassVar = "sending of alerts"
    ui_color = "#fdf3d8"

    def execute(self, context: Context) -> dict[str, int]:  # noqa: ARG002
        """Return how many alerts each channel has refused, or not taken for a while."""
        outlet = alerting(load_settings().alerts)
        with fail_without_retry():
            deliver(outlet)
            waiting = {channel.name: found.alerts for channel, found in waiting_alerts(outlet)}
        has_looked(self.watch, self.subject, outlet)
        return waiting
