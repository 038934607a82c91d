"""Python's search for reference cycles, and when it can rest."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Let the cycle collector rest while a page of records becomes columns.

    Records are trees, which go when nobody holds them. The collector would look through all of them again and again,
    and through Airflow's own objects: a fifth of the time of a load.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
