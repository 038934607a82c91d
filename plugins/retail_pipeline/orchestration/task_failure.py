"""Alerts people when a task fails that works or watches all the time: otherwise nobody would know."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from retail_pipeline import clock
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.guard_record import Guard, looks
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.known_params import is_mistyped
from retail_pipeline.orchestration.resident_operator import SubjectsFailed
from retail_pipeline.orchestration.unknown_errors import unknown_in
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class TaskFailureNotifier(BaseNotifier):
    """For ``on_failure_callback``. Never fails the task that it watches.

    The task's operator has ``failure(why) -> Finding``, which says what its failure means, and ``watch``, the name
    under which the finding is kept.

    :param calm: for a guard that looks often: if it has looked within so long, the next run is waited for
    """

    def __init__(self, calm: timedelta = timedelta()) -> None:
        super().__init__()
        self.calm = calm

    def notify(self, context: Context) -> None:
        """Alert people that the task has failed, unless somebody mistyped a param: its subject has no fault then."""
        try:
            if is_mistyped(context):
                return
            task, error = context["task"], context.get("exception")
            finding = task.failure(str(error or "the task was ended from outside"))
            outlet = alerting(load_settings().alerts)
            if not self._has_looked_lately(Guard(task.watch, finding.subject), outlet):
                review_incidents(task.watch, [finding], outlet, clock.now())
        except Exception:
            self.log.exception("alert could not be raised")

    def _has_looked_lately(self, guard: Guard, outlet: Alerting) -> bool:
        if not self.calm:
            return False
        try:
            last = looks([guard], outlet)[guard].looked_at
        except PipelineError:
            return False
        return last is not None and clock.now() - last < self.calm


class ResidentFailureNotifier(BaseNotifier):
    """For ``on_failure_callback`` of a resident task: alerts of what ended it as a whole. Never fails it.

    The failure of a subject was alerted when it happened; ``UnknownErrorNotifier`` alerts of a mistake of ours.
    """

    def notify(self, context: Context) -> None:
        """Alert people that none of the subjects is served: a timeout, a process that was killed."""
        try:
            task, error = context["task"], context.get("exception")
            if is_mistyped(context) or isinstance(error, SubjectsFailed) or (error and unknown_in(error)):
                return
            why = str(error or "the task was ended from outside")
            # A callback of the scheduler, for a process that is gone, has them only as a reference.
            names = [each["name"] for each in task.subjects] if isinstance(task.subjects, list) else ["all"]
            findings = [task.failure(name, why) for name in names]
            review_incidents(task.watch, findings, alerting(load_settings().alerts), clock.now())
        except Exception:
            self.log.exception("alert could not be raised")
