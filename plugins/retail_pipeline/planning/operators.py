"""The first task of a run: it says what the run serves, and the mapped tasks are expanded over that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.failing_fast import failing_fast
from retail_pipeline.planning.subjects import Planned, as_planned, subjects_of_run
from retail_pipeline.settings import Settings
from retail_pipeline.settings_file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class PlanOperator(BaseOperator):
    """Say what the run serves, whatever becomes of the settings later."""

    ui_color = "#eeeeee"

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return what the settings name; each has a ``name``."""
        raise NotImplementedError

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return an element for each mapped task."""
        with failing_fast():
            subjects = subjects_of_run(context, self.subjects(load_settings()))
        self.log.info("this run serves: %s", ", ".join(each["name"] for each in subjects) or "nothing")
        return subjects


class PlanReportShopsOperator(PlanOperator):
    """Say which shops are reported; the report is the DAG."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return the shops that take part in the report."""
        return list(map(as_planned, settings.shops_with(self.dag_id)))


class PlanPushingShopsOperator(PlanOperator):
    """Say of which shops orders are pushed."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return the shops that push orders."""
        return list(map(as_planned, settings.shops_that_push_orders()))
