"""Alerts for errors that are in no table: they are tried again, and people are alerted of each once a day.

An error that is not one of the project's own, such as a mistake in the program, is not tried again, and is alerted in
the same way: people must know when a task fails that nobody watches.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier
from airflow.sdk.exceptions import AirflowException, AirflowTaskTimeout

from retail_pipeline import clock
from retail_pipeline.alerts.alert import Alert, facts_text, where_to_look
from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.alerts.once import alert_once
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import ChunksFailed, PipelineError, UnknownApiError, UnknownDatabaseError
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.run_links import dag_link
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# The text of an error has no limit: it may hold half a page of data.
MAX_WORDS = 500
log = logging.getLogger(__name__)
_KNOWN = (PipelineError, AirflowException, AirflowTaskTimeout)


class UnknownErrorNotifier(BaseNotifier):
    """For ``on_retry_callback`` and ``on_failure_callback``. Never fails the task that it watches."""

    def notify(self, context: Context) -> None:
        """Raise an alert if the error is in no table."""
        error = context.get("exception")
        task = context["task"]
        if isinstance(error, BaseException):
            alert_unknown_errors(task.dag_id, task.task_id, *unknown_in(error))


def unknown_in(error: BaseException) -> list[BaseException]:
    """Return the errors, of one or of those that it collects, that are in no table or not our own; each code once."""
    if isinstance(error, ChunksFailed):
        found: dict[str, BaseException] = {}
        for unknown in (unknown for each in error.errors for unknown in unknown_in(each)):
            found.setdefault(_code(unknown), unknown)
        return list(found.values())
    known = isinstance(error, _KNOWN) and not isinstance(error, (UnknownApiError, UnknownDatabaseError))
    return [] if known else [error]


def alert_unknown_errors(dag_id: str, task_id: str, *errors: BaseException) -> None:
    """Raise an alert once a day for each task and code. Never raises an exception."""
    alerts = [unknown_error_alert(dag_id, task_id, error, clock.now()) for error in errors]
    if not alerts:
        return
    try:
        alert_once(alerts, alerting(load_settings().alerts))
    except Exception:  # the settings cannot be read
        log.exception("nobody was told of %s", "; ".join(alert.title for alert in alerts))


def unknown_error_alert(dag_id: str, task_id: str, error: BaseException, now: datetime) -> Alert:
    """Word the alert."""
    what = f"{_code(error)} in {task_id}"
    passing = isinstance(error, (UnknownApiError, UnknownDatabaseError))
    facts = [
        # The words of an error that is not our own may be anybody's data: only the log has them.
        ("why", str(error)[:MAX_WORDS] if passing else f"{type(error).__name__}: see the task's log"),
        (
            "tried",
            f"{'it is tried again as what passes by itself' if passing else 'by itself it is not tried again'}",
        ),
        ("do", "report these words"),
        *where_to_look("an-unknown-error", dag_link(dag_id)),
    ]
    return Alert(
        report=dag_id,
        shop=what,
        business_date=now.astimezone(SHANGHAI).date(),
        kind=IncidentKind.INCIDENT,
        source="task",
        title=f"unknown error: {what}",
        body=facts_text(facts),
    )


def _code(error: BaseException) -> str:
    code = " ".join(str(part) for name in ("vendor", "code") if (part := getattr(error, name, None)))
    return code or type(error).__name__
