"""Python's search for reference cycles, and when it can rest."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Rest:
    """How many threads let it rest: it is one for all of them."""

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
    """Let the cycle collector rest while records become columns, or are compared.

    Records are trees, which go when nobody holds them. The collector would look through all of them again and again,
    and through Airflow's own objects: a fifth of the time of a load, and most of that of a comparison.
    """
    _REST.begin()
    try:
        yield
    finally:
        _REST.end()
