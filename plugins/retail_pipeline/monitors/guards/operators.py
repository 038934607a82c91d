"""The watch of the guards as a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from airflow.sdk import BaseOperator

from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.monitors.guards.findings import WATCH_OF_GUARDS
from retail_pipeline.monitors.guards.watch import review_guards
from retail_pipeline.monitors.loads.findings import RUNBOOK
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class WatchGuardsOperator(BaseOperator):
    """Check whether every guard that the settings ask for has looked lately, also one that never did."""

    watch: ClassVar = WATCH_OF_GUARDS.dag_id
    ui_color = "#fdf3d8"

    def failure(self, why: str) -> Finding:
        """Return the finding for a failure of the watch."""
        do = "mend what «why» names"
        return Finding(
            WATCH_OF_GUARDS.subject, IncidentKind.INCIDENT, why, "the guards cannot be watched", do, RUNBOOK
        )

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return what was found, by its subject."""
        settings = load_settings()
        with fail_without_retry():
            findings = review_guards(settings)
        has_looked(*WATCH_OF_GUARDS, alerting(settings.alerts))
        return {finding.subject: finding.what if finding.kind else "fine" for finding in findings}
