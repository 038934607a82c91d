"""Rings where a task fails that works or watches all the time: nobody would hear of anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from retail_pipeline import clock
from retail_pipeline.alerts.trouble_watch import review_troubles
from retail_pipeline.orchestration.alerting import alerting
from retail_pipeline.orchestration.known_params import is_mistyped
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class TaskFailureNotifier(BaseNotifier):
    """For ``on_failure_callback``. Never fails the task that it watches.

    The task says what its failure means, ``failure(why) -> Finding``, and under which name that is kept, ``watch``.
    """

    def notify(self, context: Context) -> None:
        """Ring that the task has failed; a name that somebody mistyped by hand is no trouble of what it watches."""
        try:
            if is_mistyped(context):
                return
            task, error = context["task"], context.get("exception")
            finding = task.failure(str(error or "the task was ended from outside"))
            review_troubles(task.watch, [finding], alerting(load_settings().alarms), clock.now())
        except Exception:
            self.log.exception("alarm could not be raised")
