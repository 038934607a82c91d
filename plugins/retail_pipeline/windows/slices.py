"""Cuts windows of time into pieces that leave no gap and do not overlap. Pure; whole seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from retail_pipeline.business_time import SECOND, Window


def cut(window: Window, longest: timedelta) -> list[Window]:
    """Cut into pieces of ``longest``, the last one may be shorter.

    >>> from datetime import date
    >>> from retail_pipeline.business_time import day_window
    >>> len(cut(day_window(date(2026, 11, 22)), timedelta(hours=7)))
    4
    """
    pieces = []
    start = window.start
    while start < window.end:
        end = min(start + longest, window.end)
        pieces.append(Window(start, end))
        start = end
    return pieces


def cut_evenly(window: Window, count: int) -> list[Window]:
    """Cut into at most ``count`` pieces of the same length; none is shorter than a second."""
    seconds = (window.end - window.start) // SECOND
    return cut(window, SECOND * max(1, -(-seconds // count)))


def uncovered(window: Window, done: Iterable[Window]) -> list[Window]:
    """Return what is left of a window without the parts that are done."""
    left = []
    start = window.start
    for part in sorted(done):
        if part.start > start:
            left.append(Window(start, min(part.start, window.end)))
        start = max(start, part.end)
        if start >= window.end:
            return left
    return [*left, Window(start, window.end)]
