"""Asks again in place: one lost call must not fail the whole window that it belongs to.

Only for calls that read: asking twice for a page gives the same page. Calls that send go through an outbox, or are a
task's only work, which Airflow tries again (docs/decisions/0023-asking-again-in-place.md).

Why seven: of 100 calls 5 get lost, and a window of 20,000 orders has 400 pages and one that is read twice. A page is
lost seven times in succession with probability 0.05 ** 7 = 7.8e-10, one of 401 with 3.1e-7: less than one window in a
million. With six it would be 6.3e-6. Two attempts over the window are still 6.3e-7.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import tenacity

from retail_pipeline import clock
from retail_pipeline.errors import NotReady, RateLimited, TransientApiError

Answer = TypeVar("Answer")

ATTEMPTS = 7
# Seconds: 1, 2, 4, 8, 16, 30, each up to a second more, so that calls that got lost together are not repeated
# together. With a vendor that is down a page takes these, and seven times the transport's limit; a task's
# execution_timeout ends it all.
MAX_PAUSE = 30.0

log = logging.getLogger(__name__)


def gets_lost(error: BaseException) -> bool:
    """Return whether asking once more may help: the network, a busy vendor, an answer that never came.

    The rate limiter handles a vendor that asks to slow down; a vendor that has no data yet has none a minute later.
    """
    return isinstance(error, TransientApiError) and not isinstance(error, (RateLimited, NotReady))


def in_place(ask: Callable[[], Answer], lost: Callable[[BaseException], bool] = gets_lost) -> Answer:
    """Return the answer of the first attempt that has one.

    :param ask: the call, which only reads and may be repeated after any failure
    :param lost: returns whether a failure is worth another attempt
    """
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lost),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential_jitter(max=MAX_PAUSE),
        sleep=lambda seconds: clock.pause(seconds),  # noqa: PLW0108 (looked up when it pauses)
        before_sleep=_tell,
        reraise=True,
    )
    return attempts(ask)


def _tell(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning(
        "attempt %d of %d, next in %.0f s: %s", state.attempt_number, ATTEMPTS, state.upcoming_sleep, error
    )
