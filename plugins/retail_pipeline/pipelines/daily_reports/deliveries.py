"""Report a stored day to Youshu once: lock its row, send, record the result.

The row is locked while the report is on its way, so a second run waits and then sees that it is done. A task that
dies between sending and recording leaves the row as it was: the day is then reported again, which Youshu accepts (a
day's new report replaces the old one), and is never lost. Where only the session dies, Youshu's answer is recorded
through another session.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.errors import ApiError, CheckFailed, ConfigError, DatabaseUnavailable, PipelineError
from retail_pipeline.vendors.failure_record import failure_record

if TYPE_CHECKING:
    import psycopg

PENDING, REPORTED, FAILED = 0, 1, 2
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """The result: ``answer`` is None where the day had been reported before (at ``reported_at``)."""

    answer: str | None
    reported_at: datetime | None = None


def deliver_once(
    connection: psycopg.Connection[Any],
    table: str,
    key: Mapping[str, Any],
    *,
    body_of: Callable[[Mapping[str, Any]], str],
    send: Callable[[str], str],
    reopen: Callable[[], AbstractContextManager[psycopg.Connection[Any]]],
    force: bool = False,
) -> Delivery:
    """Report the day that ``key`` names.

    :param table: the file of its statements in ``include/sql/youshu``: ``visit`` or ``order_summary``
    :param body_of: stored row → request body; may raise to refuse the row
    :param send: request body → Youshu's answer
    :param reopen: opens another session, in case this one dies during the call
    :raises CheckFailed: nothing is stored for the day
    :raises ApiError: Youshu did not take it; recorded with its answer, or with what was sent where no answer came
    :raises DatabaseUnavailable: Youshu took it, and that cannot be recorded yet
    :raises ConfigError: Youshu took it, and that cannot be recorded before somebody corrects what the error names
    """
    outcome: _Outcome | None = None
    try:
        with connection.transaction():
            rows = query(connection, f"youshu/{table}/lock", key)
            if not rows:
                raise CheckFailed(f"nothing is stored for {dict(key)}: clear the task before this one")
            row = rows[0]
            if row["status"] == REPORTED and not force:
                return Delivery(answer=None, reported_at=row["reported_at"])
            outcome = _sent(body_of(row), send)
            query(connection, f"youshu/{table}/record", {**key, **outcome.record, "now": clock.now()})
    except Exception as fault:
        if outcome is None:
            raise
        log.warning("%s: not recorded (%s): trying another session", dict(key), type(fault).__name__)
        _record_anew(reopen, table, key, outcome)
    if outcome.failure:
        raise outcome.failure
    return Delivery(outcome.record["response"])


@dataclass(frozen=True)
class _Outcome:
    """Youshu's answer as it is recorded; ``failure`` is the error that the caller gets."""

    record: Mapping[str, Any]
    failure: ApiError | None = None


def _sent(body: str, send: Callable[[str], str]) -> _Outcome:
    try:
        return _Outcome({"status": REPORTED, "response": send(body), "error": None, "request": body})
    except ApiError as error:
        told = {"status": FAILED, "response": failure_record(error, body), "error": str(error)}
        return _Outcome({**told, "request": body}, error)


def _record_anew(
    reopen: Callable[[], AbstractContextManager[psycopg.Connection[Any]]],
    table: str,
    key: Mapping[str, Any],
    outcome: _Outcome,
) -> None:
    """Record Youshu's answer through another session; a day that others have reported meanwhile stays reported."""
    try:
        with reopen() as connection, connection.transaction():
            row = query(connection, f"youshu/{table}/lock", key)[0]
            if row["status"] != REPORTED or not outcome.failure:
                query(connection, f"youshu/{table}/record", {**key, **outcome.record, "now": clock.now()})
    except PipelineError as fault:
        if outcome.failure:
            raise outcome.failure from None
        told = f"Youshu took {dict(key)}, which cannot be recorded"
        if isinstance(fault, (ConfigError, CheckFailed)):
            # A retry would fail in the same way each minute, and send the day once more each time.
            raise ConfigError(f"{told} before this is mended; then report it once more: {fault}") from None
        raise DatabaseUnavailable(f"{told}, so it is reported again: {fault}") from None
