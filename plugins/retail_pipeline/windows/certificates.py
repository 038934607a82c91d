"""What a window came to, written down: its failure, and the records that were set aside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from retail_pipeline import clock
from retail_pipeline.business_time import SECOND, Window
from retail_pipeline.databases.target_session import transaction
from retail_pipeline.errors import CheckFailed, NotTried, told
from retail_pipeline.settings.retail import WindowLoad
from retail_pipeline.windows.chunk_failures import ChunkFailures
from retail_pipeline.windows.ledger import FAILED, STOPPED, Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.quarantine import Quarantine, Rejected
from retail_pipeline.windows.rate_limit import CallCounts

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

    OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]

log = logging.getLogger(__name__)

# A share of a handful says nothing: one bad record of three must not stop them.
MIN_FOR_A_SHARE = 100


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
    count, limit, share = len(rejected), settings.max_quarantined, settings.max_quarantined_share
    if count > limit or (of >= MIN_FOR_A_SHARE and count > share * of):
        raise TooManyRejected(
            f"{count} of {of} records cannot be used (allowed: {limit}, or {share:.0%}): nothing is published; "
            f"see them with `retail quarantine list`",
            rejected,
        )


def set_aside(session: Session, load_key: LoadKey, number: int, rejected: Iterable[Rejected]) -> None:
    """Put records into the quarantine, under a certificate's number."""
    quarantine = Quarantine(session)
    for each in rejected:
        quarantine.put(load_key.pipeline, load_key.account, number, each)


def bring_back(session: Session, load_key: LoadKey, keys: Collection[str], read_since: datetime) -> None:
    """Note of what was set aside earlier that it came again, and could be used.

    :param read_since: what was set aside after that may be newer than what came
    """
    Quarantine(session).settle_keys(load_key.pipeline, load_key.account, keys, read_since)


@contextmanager
def certifying(
    open_session: OpenSession,
    load_key: LoadKey,
    *,
    started_at: datetime | None = None,
    counts: CallCounts | None = None,
    stops: tuple[type[BaseException], ...] = (Exception,),
) -> Iterator[None]:
    """Leave a certificate that says why a window is not loaded, whatever the reason; once.

    It is written in a session that the failure did not touch. Where the target cannot be reached nothing can be
    written, and the failure goes on all the same.

    :param open_session: with the target
    :param started_at: where that was before now
    :param tally: of the vendor's calls, where there were any
    :param stops: what counts as a failure
    """
    started_at = started_at or clock.now()
    try:
        yield
    except stops as error:
        certify(open_session, load_key, error, started_at, counts or CallCounts())
        raise


def certify(
    open_session: OpenSession,
    load_key: LoadKey,
    error: BaseException,
    started_at: datetime,
    counts: CallCounts,
) -> None:
    """Leave a certificate of a failure, as ``certifying`` does."""
    if getattr(error, "certified", False):
        return
    try:
        with open_session() as session:
            _write(session, load_key, error, started_at, counts)
    except Exception:
        log.exception("this failure could not be certified: %s", told(error))
    else:
        error.__dict__["certified"] = True


def certify_left(open_session: OpenSession, load_key: LoadKey, failures: ChunkFailures) -> None:
    """Leave one certificate of all that was not tried, if there is any."""
    if window := failures.left:
        why = NotTried(f"not tried: what comes before it failed: {failures.last}")
        certify(open_session, replace(load_key, window=window), why, clock.now(), CallCounts())


def _write(
    session: Session, load_key: LoadKey, error: BaseException, started_at: datetime, counts: CallCounts
) -> None:
    rejected = error.rejected if isinstance(error, TooManyRejected) else []
    certificate = Certificate(
        STOPPED if rejected else FAILED,
        quarantined=len(rejected),
        calls=counts.calls,
        throttles=counts.throttles,
        error=told(error),
    )
    ledger = WindowLedger(session)
    with transaction(session):
        number = ledger.open(_planned(ledger, load_key), started_at)
        set_aside(session, load_key, number, rejected)
        ledger.close(number, certificate)


def _planned(ledger: WindowLedger, load_key: LoadKey) -> LoadKey:
    """Where a run failed before it knew its window, that is all from the watermark on."""
    start, end = load_key.window
    if start < end or load_key.filters:
        return load_key
    watermark = ledger.watermark(load_key.pipeline, load_key.account) or end
    return replace(load_key, window=Window(min(watermark, end - SECOND), end))
