"""The watch of the loads as a task: one for each load and target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator

from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.monitors.loads.watch import (
    WATCH,
    WatchedLoad,
    review_load,
    watch_finding,
    watched_loads,
)
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.plan_operators import PlanOperator
from retail_pipeline.orchestration.planned_subjects import Planned
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class PlanLoadsOperator(PlanOperator):
    """Return which loads are watched, and in which targets."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return each load with each of its targets."""
        return [
            {"name": f"{load.pipeline} {load.conn_id}", **asdict(load), "accounts": list(load.accounts)}
            for load in watched_loads(settings)
        ]


class WatchLoadOperator(BaseOperator):
    """Check whether one load is in time and complete, whatever runs it.

    :param load: as planned
    """

    watch: ClassVar = WATCH
    template_fields: Sequence[str] = ("load",)
    ui_color = "#fdf3d8"

    def __init__(self, *, load: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.load = load

    def failure(self, why: str) -> Finding:
        """Return the finding for a failure of the watch."""
        return watch_finding(_watched(self.load), why)

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return what was found, by its subject."""
        settings = load_settings()
        with fail_without_retry():
            load = _watched(self.load)
            findings = review_load(load, settings)
        has_looked(self.watch, watch_finding(load).subject, alerting(settings.alerts))
        for finding in findings:
            if finding.kind:
                self.log.warning("%s: %s: %s", finding.subject, finding.what, finding.why)
        return {finding.subject: finding.what if finding.kind else "fine" for finding in findings}


def _watched(load: Planned) -> WatchedLoad:
    return WatchedLoad(load["pipeline"], load["conn_id"], tuple(load["accounts"]), compared=load["compared"])
