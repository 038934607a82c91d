"""A limit for tests that hang, which a test cannot hit by being slow: it counts the time that the machine has for it.

On a machine that twenty processes share, a second of the clock is a twentieth of a second's work. So when the time
is up by the clock, a little work is done to see how much of the machine the tests get, and only so much is counted.
"""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest
from pytest_timeout import timeout_sigalrm

PATIENCE = 600.0  # seconds that nothing takes which comes at all, however busy the machine is
_WORK = 0.02  # seconds of a processor


def share_of_the_machine() -> float:
    """Say how much work is done in a second."""
    began, done = time.monotonic(), time.thread_time()
    while time.thread_time() - done < _WORK:
        pass
    return min(1.0, _WORK / (time.monotonic() - began))


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool:
    """In place of pytest-timeout's own timer; the stacks of all threads are shown as there."""
    left = settings.timeout
    waiting = left

    def look(*_: object) -> None:
        nonlocal left, waiting
        left -= waiting * share_of_the_machine()
        if left < 0.01 * settings.timeout:
            timeout_sigalrm(item, settings)
            return
        waiting = left
        signal.setitimer(signal.ITIMER_REAL, waiting)

    def cancel() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    item.cancel_timeout = cancel
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, waiting)
    return True
