"""Asks again in place: one call that got lost must not cost the whole window that it was a part of.

Only for what reads: whoever asks twice for a page has one page. What sends goes through an outbox, or is all that a
task does, and that Airflow tries again (docs/decisions/0023-asking-again-in-place.md).

Why seven: of 100 calls 5 get lost, and a window of 20,000 orders has 400 pages and one that is read twice. A page is
lost seven times in succession with 0.05 ** 7 = 7.8e-10, one of 401 with 3.1e-7: less than one window in a million.
Six would be 6.3e-6. Two passes over the window are still 6.3e-7.
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
# Seconds: 1, 2, 4, 8, 16, 30, each up to a second more, so that what got lost together does not come back together. A
# vendor that is down costs a page these, and seven times the transport's limit; a task's execution_timeout ends all.
MAX_PAUSE = 30.0

log = logging.getLogger(__name__)


def gets_lost(error: BaseException) -> bool:
    """Return whether asking once more may cure it: a network, a busy vendor, an answer that never came.

    A vendor that asks to slow down is the rate limiter's; one that has nothing yet has nothing in a minute.
    """
    return isinstance(error, TransientApiError) and not isinstance(error, (RateLimited, NotReady))


def in_place(ask: Callable[[], Answer], lost: Callable[[BaseException], bool] = gets_lost) -> Answer:
    """Return the answer of the first attempt that has one.

    :param ask: reads; may be called again after any failure
    :param lost: says of a failure whether it is worth another attempt
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
