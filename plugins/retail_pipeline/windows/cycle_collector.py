"""Pauses Python's search for reference cycles."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Rest:
    """Counts the threads that pause the collector: all threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resting = 0
        self._was_on = False

    def begin(self) -> None:
        with self._lock:
            if not self._resting:
                self._was_on = gc.isenabled()
                gc.disable()
            self._resting += 1

    def end(self) -> None:
        with self._lock:
            self._resting -= 1
            if not self._resting and self._was_on:
                gc.enable()


_REST = _Rest()


@contextmanager
def paused() -> Iterator[None]:
    """Pause the cycle collector while records become columns, or are compared.

    Records are trees, which Python frees as soon as nothing refers to them. The collector would look through all of
    them again and again, and through Airflow's own objects. That took a fifth of a load's time, and most of a
    comparison's.
    """
    _REST.begin()
    try:
        yield
    finally:
        _REST.end()
