"""Report a stored day to Youshu once: lock its row, send, record what came of it.

The row is locked while the report is on the wire, so a second run waits and then sees that it is done. Whoever dies
between sending and recording leaves the row as it was: the day is then reported again, which Youshu takes (the same
day replaces itself), and never lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.errors import ApiError, CheckFailed
from retail_pipeline.postgres_session import query

if TYPE_CHECKING:
    import psycopg

PENDING, REPORTED, FAILED = 0, 1, 2


@dataclass(frozen=True)
class Delivery:
    """What came of it: ``answer`` is None where the day had been reported before (at ``reported_at``)."""

    answer: str | None
    reported_at: datetime | None = None


def deliver_once(
    connection: psycopg.Connection[Any],
    table: str,
    key: Mapping[str, Any],
    *,
    body_of: Callable[[Mapping[str, Any]], str],
    send: Callable[[str], str],
    force: bool = False,
) -> Delivery:
    """Report the day that ``key`` names.

    :param table: prefix of its statements in ``include/sql/youshu``: ``visit`` or ``order_summary``
    :param body_of: stored row → request body; may raise to refuse the row
    :param send: request body → Youshu's answer
    :raises CheckFailed: nothing is stored for the day
    :raises ApiError: Youshu did not take it; recorded with its words, or with what was sent where none came
    """
    failure: ApiError | None = None
    with connection.transaction():
        rows = query(connection, f"youshu/{table}_lock", key)
        if not rows:
            raise CheckFailed(f"nothing is stored for {dict(key)}: clear the task before this one")
        row = rows[0]
        if row["status"] == REPORTED and not force:
            return Delivery(answer=None, reported_at=row["reported_at"])
        body = body_of(row)
        try:
            answer = send(body)
        except ApiError as error:
            failure = error
            record = {"status": FAILED, "response": failure_record(error, body), "error": str(error)}
        else:
            record = {"status": REPORTED, "response": answer, "error": None}
        query(connection, f"youshu/{table}_record", {**key, **record, "request": body, "now": clock.now()})
    if failure:
        raise failure
    return Delivery(answer)


def failure_record(error: ApiError, body: str) -> str:
    """Return what is kept of a report that was not accepted: the vendor's own answer, or else what was sent."""
    if error.code is not None and error.reply is not None:
        return error.reply
    return json.dumps({"no_answer": str(error), "reply": error.reply, "sent": body}, ensure_ascii=False)
