"""The watch of the settings as a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from airflow.sdk import BaseOperator

from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.monitors.settings.watch import WATCH, review_settings, watch_finding
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class WatchSettingsOperator(BaseOperator):
    """Check whether the settings have lost a shop, an account or an RDS, and which rows wait for it."""

    watch: ClassVar = WATCH
    ui_color = "#fdf3d8"

    def failure(self, why: str) -> Finding:
        """Return the finding for a failure of the watch."""
        return watch_finding(why)

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return what is lost, by its subject."""
        settings = load_settings()
        with fail_without_retry():
            findings = review_settings(settings).findings()
        has_looked(self.watch, watch_finding().subject, alerting(settings.alerts))
        for finding in findings:
            self.log.warning("%s: %s: %s", finding.subject, finding.what, finding.why)
        return {finding.subject: finding.why for finding in findings}
