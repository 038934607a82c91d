"""What a window came to, written down: its failure, and the records that were set aside."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from retail_pipeline import clock
from retail_pipeline.call_budget import Tally
from retail_pipeline.errors import CheckFailed, PipelineError
from retail_pipeline.quarantine import Quarantine, Rejected
from retail_pipeline.settings import WindowLoad
from retail_pipeline.target_session import transaction
from retail_pipeline.window_ledger import FAILED, STOPPED, Findings, Subject, WindowLedger

if TYPE_CHECKING:
    from retail_pipeline.target_session import Session

# A share of a handful says nothing: one bad record of three must not stop them.
LEAST_FOR_A_SHARE = 100


class TooManyRejected(CheckFailed):
    """So many records were set aside that something else must be wrong."""

    def __init__(self, message: str, rejected: list[Rejected]) -> None:
        super().__init__(message)
        self.rejected = rejected


def refuse_too_many(rejected: list[Rejected], of: int, settings: WindowLoad) -> None:
    """Stop a window of which too much cannot be used.

    :param of: how many different records there are
    :raises TooManyRejected: more than the settings allow
    """
    count, limit, share = len(rejected), settings.most_quarantined, settings.most_quarantined_share
    if count > limit or (of >= LEAST_FOR_A_SHARE and count > share * of):
        raise TooManyRejected(
            f"{count} of {of} records cannot be used (allowed: {limit}, or {share:.0%}): nothing is published; "
            f"see them with `retail quarantine list`",
            rejected,
        )


def set_aside(session: Session, subject: Subject, number: int, rejected: Iterable[Rejected]) -> None:
    """Put records into the quarantine, under a certificate's number."""
    quarantine = Quarantine(session)
    for each in rejected:
        quarantine.put(subject.pipeline, subject.account, number, each)


def bring_back(session: Session, subject: Subject, keys: Collection[str]) -> None:
    """Note of what was set aside earlier that it came again, and could be used."""
    Quarantine(session).settle_keys(subject.pipeline, subject.account, keys, clock.now())


def certify_failure(
    session: Session, subject: Subject, error: PipelineError, started_at: datetime, tally: Tally | None = None
) -> None:
    """Leave a certificate that says why a window is not loaded; nothing of the window is published.

    :param tally: of the vendor's calls, where there were any
    """
    rejected = error.rejected if isinstance(error, TooManyRejected) else []
    tally = tally or Tally()
    findings = Findings(
        STOPPED if rejected else FAILED,
        quarantined=len(rejected),
        calls=tally.calls,
        throttles=tally.throttles,
        error=str(error),
    )
    ledger = WindowLedger(session)
    with transaction(session):
        number = ledger.open(subject, started_at)
        set_aside(session, subject, number, rejected)
        ledger.close(number, findings)
