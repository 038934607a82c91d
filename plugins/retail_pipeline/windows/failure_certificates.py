"""A window that fails leaves a certificate that says why, and its records go into the quarantine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from retail_pipeline import clock
from retail_pipeline.business_time import SECOND, Window
from retail_pipeline.databases.target_session import transaction
from retail_pipeline.errors import NotTried, told
from retail_pipeline.windows.chunk_failures import ChunkFailures
from retail_pipeline.windows.ledger import FAILED, STOPPED, Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.quarantine import TooManyRejected, set_aside
from retail_pipeline.windows.rate_limit import CallCounts

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

    OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]

log = logging.getLogger(__name__)


@contextmanager
def certifying(
    open_session: OpenSession,
    load_key: LoadKey,
    *,
    started_at: datetime | None = None,
    counts: CallCounts | None = None,
    stops: tuple[type[BaseException], ...] = (Exception,),
) -> Iterator[None]:
    """Write one certificate that says why a window is not loaded, whatever the reason.

    It is written in a session of its own, which the failure did not touch. If the target cannot be reached, no
    certificate is written; the failure is raised either way.

    :param open_session: opens a session with the target
    :param started_at: when the load began, if that was before now
    :param counts: the calls to the vendor, if there were any
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
    """Write the certificate of a failure, as ``certifying`` does."""
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
    """Write one certificate for everything that was not tried, if there is anything."""
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
    """Return the key with a window: if a run failed before it knew its own, all time since the watermark."""
    start, end = load_key.window
    if start < end or load_key.filters:
        return load_key
    watermark = ledger.watermark(load_key.pipeline, load_key.account) or end
    return replace(load_key, window=Window(min(watermark, end - SECOND), end))
