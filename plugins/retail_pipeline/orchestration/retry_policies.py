"""When a failed task is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision
from airflow.sdk.exceptions import AirflowTaskTimeout

from retail_pipeline import clock
from retail_pipeline.deadlines.due_times import wait_before_next_try
from retail_pipeline.errors import (
    ChunksFailed,
    DatabaseUnavailable,
    DayInDoubt,
    SourceUnsteady,
    TaskStopped,
    TransientApiError,
    WindowIncomplete,
)
from retail_pipeline.orchestration.report_runs import report_run

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# Errors that waiting may cure: a vendor that is not ready, a network or database fault, a day that a person may
# confirm, a try that took too long, a worker that is stopped.
TRANSIENT = (TransientApiError, DatabaseUnavailable, DayInDoubt, AirflowTaskTimeout, TaskStopped)


class WhileTransient(RetryPolicy):
    """Tries again after errors that waiting may cure, a little later each time, as often as ``retries`` allows.

    :param max_wait: between two tries
    :param scheduled_tries: of a scheduled run; then the next one takes over, which would have to wait for this one
    """

    def __init__(
        self,
        min_wait: timedelta = timedelta(minutes=1),
        max_wait: timedelta = timedelta(minutes=16),
        scheduled_tries: int | None = None,
    ) -> None:
        self.min_wait = min_wait
        self.max_wait = max_wait
        self.scheduled_tries = scheduled_tries

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 (Airflow itself keeps the count)
        context: Context | None = None,
    ) -> RetryDecision:
        """Decide after one failed try (called in the worker)."""
        if not _passes(exception):
            return RetryDecision.fail(f"{type(exception).__name__} is not cured by waiting")
        if self.scheduled_tries and try_number >= self.scheduled_tries and _is_scheduled(context):
            return RetryDecision.fail("the next scheduled run takes over")
        wait = min(self.min_wait * 2 ** min(try_number - 1, 4), self.max_wait)
        return RetryDecision.retry(wait, f"next try in {wait.total_seconds():.0f} s")


def _is_scheduled(context: Context | None) -> bool:
    return context is not None and context["dag_run"].run_type == "scheduled"


def _passes(exception: BaseException) -> bool:
    """Return whether waiting may cure a failure; of several, one is enough: complete chunks are not loaded again."""
    if isinstance(exception, ChunksFailed):
        return any(map(_passes, exception.errors))
    return isinstance(exception, (*TRANSIENT, WindowIncomplete, SourceUnsteady))


class UntilDeadline(RetryPolicy):
    """Tries again at the report's intervals until it is given up; it holds no worker slot between tries."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 (the clock decides, not the count)
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,
    ) -> RetryDecision:
        """Decide after one failed try (called in the worker)."""
        if context is None or not isinstance(exception, TRANSIENT):
            return RetryDecision.fail(f"{type(exception).__name__} is not cured by waiting")
        now = clock.now()
        schedule = report_run(context, now=now).schedule
        wait = wait_before_next_try(schedule, now)
        if wait is None:
            return RetryDecision.fail(f"given up at {schedule.gives_up_at:%H:%M}, the report's last deadline")
        return RetryDecision.retry(wait, f"next try in {wait.total_seconds():.0f} s")
