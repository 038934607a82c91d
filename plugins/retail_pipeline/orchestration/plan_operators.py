"""The first task of a run: it returns what the run serves, and the mapped tasks are expanded over that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import (
    Planned,
    as_planned,
    jushita_of,
    planned_instances,
    subjects_of_run,
)
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class PlanOperator(BaseOperator):
    """Return what the run serves, even if the settings change later."""

    ui_color = "#eeeeee"

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return what the settings name; each has a ``name``."""
        raise NotImplementedError

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return an element for each mapped task."""
        with fail_without_retry():
            subjects = subjects_of_run(context, self.subjects(load_settings()))
        self.log.info("this run serves: %s", ", ".join(each["name"] for each in subjects) or "nothing")
        return subjects


class PlanReportShopsOperator(PlanOperator):
    """Return the shops to report; the report is the DAG."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return the shops that take part in the report."""
        return list(map(as_planned, settings.shops_with(self.dag_id)))


class PlanPushingShopsOperator(PlanOperator):
    """Return the shops whose orders are pushed."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return the shops that push orders."""
        return list(map(as_planned, settings.shops_that_push_orders()))


class PlanInstancesOperator(PlanOperator):
    """Return the RDS that Taobao pushes to."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return every RDS with the warehouse."""
        return list(map(as_planned, planned_instances(settings)))


class PlanWarehouseOperator(PlanOperator):
    """Return the warehouse that a check queries."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return the one connection."""
        return [{"name": jushita_of(settings).target_conn_id}]
