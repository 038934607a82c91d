"""Cuts windows of time into chunks that leave no gap and do not overlap. Pure; whole seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from retail_pipeline.business_time import SECOND, Window


def cut(window: Window, longest: timedelta) -> list[Window]:
    """Cut into chunks of ``longest``, the last one may be shorter.

    >>> from datetime import date
    >>> from retail_pipeline.business_time import day_window
    >>> len(cut(day_window(date(2026, 11, 22)), timedelta(hours=7)))
    4
    """
    chunks = []
    start = window.start
    while start < window.end:
        end = min(start + longest, window.end)
        chunks.append(Window(start, end))
        start = end
    return chunks


def cut_evenly(window: Window, count: int) -> list[Window]:
    """Cut into at most ``count`` chunks of the same length; none is shorter than a second."""
    seconds = (window.end - window.start) // SECOND
    return cut(window, SECOND * max(1, -(-seconds // count)))


def missing_intervals(window: Window, done: Iterable[Window]) -> list[Window]:
    """Return what is left of a window without the parts that are done."""
    left = []
    start = window.start
    for done_window in sorted(done):
        if done_window.start > start:
            left.append(Window(start, min(done_window.start, window.end)))
        start = max(start, done_window.end)
        if start >= window.end:
            return left
    return [*left, Window(start, window.end)]
