"""A resident task: the one task of a DAG that stays. It serves each of its subjects in a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk import BaseOperator
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowFailException
from structlog.contextvars import bind_contextvars

from retail_pipeline import clock
from retail_pipeline.alerts.daemon_threads import begin
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.errors import TaskStopped
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.planned_subjects import Planned
from retail_pipeline.orchestration.unknown_errors import alert_unknown_errors, unknown_in
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# A resident goes on while no newer run comes, since the scheduler may be down. After this time it leaves its slot.
MAX_STAY = timedelta(hours=2)
# Interval at which a subject that waits for its next try notices that the task is to end: Airflow kills it after 5 s.
_NOTICE_SECONDS: Final = 0.25
# No call or statement takes longer. A thread that does not end by then hangs, and the task must not stay with it.
_MAX_END_SECONDS: Final = 150.0
# A subject that fails for so long is alerted, however many tries it has left. One that was served for a while, longer
# than a try that waits for a statement's limit, is well: its next failure is the first again.
_TOO_LONG: Final = timedelta(minutes=10)
_A_WHILE: Final = timedelta(minutes=5)


class SubjectsFailed(AirflowFailException):
    """Subjects could not be served; each of them was alerted. Airflow does not try the task again."""


class ResidentOperator(BaseOperator):
    """Serve each subject in a thread of its own, until the task is to end.

    The failure of one subject neither ends nor delays the others. The subject is tried again as often as the task's
    ``retries`` and ``retry_policy`` say; then, or after ten minutes, people are alerted, and the next run serves it.
    When all others have ended the task fails, and Airflow does not try it again: the next run is there.

    :param subjects: as planned; each has a ``name``, which the log shows with each line
    :cvar watch: the name of its alerts in etl_alert
    """

    watch: ClassVar[str]
    template_fields: Sequence[str] = ("subjects",)
    _stopping = _leaving = False
    until: datetime

    def __init__(self, *, subjects: Sequence[Planned], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.subjects = subjects

    def serve(self, context: Context, subject: Planned) -> Mapping[str, int]:
        """Serve one subject until ``must_end()`` or ``until``, and return what was done; called in its thread."""
        raise NotImplementedError

    def failure(self, subject: str, why: str) -> Finding:
        """Return the finding that a subject cannot be served."""
        raise NotImplementedError

    def on_kill(self) -> None:
        """Let all end: Airflow calls this when the task or its worker is stopped, and kills it 5 s later."""
        self._stopping = True

    def leave(self) -> None:
        """Let all end, since newer runs serve them."""
        self._leaving = True

    def must_end(self) -> bool:
        """Return whether the task is to end."""
        return self._stopping or self._leaving

    def execute(self, context: Context) -> dict[str, Mapping[str, int]]:
        """Return what was done, by subject.

        :raises TaskStopped: the task was stopped; what was on its way is recorded
        :raises SubjectsFailed: subjects could not be served, or their threads do not end; each of them was alerted
        """
        self.until = clock.now() + MAX_STAY
        served = {subject["name"]: begin(partial(self._serve, context, subject)) for subject in self.subjects}
        try:
            self._wait_for(served)
        except BaseException:  # Airflow's timeout, which comes to this thread only
            self.on_kill()
            self._wait_for(served)
            raise
        done = {name: each.result() for name, each in served.items() if each.done() and not each.exception()}
        if self._stopping:
            raise TaskStopped(f"stopped, after {done}")
        if failed := [
            f"{name}: {self._why(name, each)}" for name, each in served.items() if name not in done
        ]:
            raise SubjectsFailed("; ".join(failed))
        return done

    def _wait_for(self, served: Mapping[str, Future[Mapping[str, int]]]) -> None:
        """Wait until all have ended; once they are to end, only so long."""
        while wait(served.values(), timeout=_NOTICE_SECONDS).not_done:
            if self.must_end() or clock.now() >= self.until:
                wait(served.values(), timeout=_MAX_END_SECONDS)
                return

    def _why(self, name: str, served: Future[Mapping[str, int]]) -> str:
        if served.done():
            return str(served.exception())
        why = "its thread does not end: what it waits for has no limit"
        self._alert(name, why)
        return why

    def _serve(self, context: Context, subject: Planned) -> Mapping[str, int]:
        """Serve a subject, and try again after failures."""
        bind_contextvars(subject=subject["name"])
        attempt, failing_since = 0, None
        while True:
            began = clock.now()
            try:
                return self.serve(context, subject)
            except Exception as error:
                now = clock.now()
                if failing_since is None or now - began >= _A_WHILE:
                    attempt, failing_since = 0, now
                attempt += 1
                self.log.exception("%s: try %d has failed", subject["name"], attempt)
                pause = None if self.must_end() else self._pause_after(error, attempt, context)
                alert_unknown_errors(self.dag_id, self.task_id, *unknown_in(error))
                if now - failing_since >= _TOO_LONG or (pause is None and not self.must_end()):
                    self._alert(subject["name"], str(error) or type(error).__name__)
                if pause is None:
                    raise
                self._wait(pause)

    def _pause_after(self, error: Exception, attempt: int, context: Context) -> timedelta | None:
        """Return how long to wait for the next try; None: there is none."""
        if attempt > (self.retries or 0) or self.retry_policy is None:
            return None
        decision = self.retry_policy.evaluate(error, attempt, self.retries or 0, context)
        return None if decision.action is RetryAction.FAIL else decision.retry_delay

    def _alert(self, name: str, why: str) -> None:
        """Alert people, once, that a subject cannot be served. Never raises: the subject is still to be tried."""
        try:
            review_incidents(
                self.watch, [self.failure(name, why)], alerting(load_settings().alerts), clock.now()
            )
        except Exception:
            self.log.exception("%s: alert could not be raised", name)

    def _wait(self, pause: timedelta) -> None:
        end = clock.now() + pause
        while clock.now() < end and not self.must_end():
            clock.pause(_NOTICE_SECONDS)
