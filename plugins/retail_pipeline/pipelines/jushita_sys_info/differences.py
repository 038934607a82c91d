"""Where two sides differ: checksums by range of time, divided until the differing rows are found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from retail_pipeline.business_time import SECOND, Window
from retail_pipeline.vendors.taobao.sys_info import Listed, Tally
from retail_pipeline.windows.chunks import cut_evenly

# A range with so many rows is compared row by row.
ROWS_TO_LIST = 500
# Halving would take more steps, and every step reads the rows of a differing range once more.
PARTS = 16


class Side(Protocol):
    """One of two places that should hold the same rows."""

    def version_tally(self, window: Window) -> Tally:
        """Return how many rows a window has, and a checksum over their keys and versions."""

    def listing(self, window: Window) -> Iterable[list[Listed]]:
        """Yield the rows of a window, many at once."""


class Difference(NamedTuple):
    """The source's and the warehouse's row of a key within the window; one of them may be None."""

    source: Listed | None
    here: Listed | None


def differences(source: Side, here: Side, window: Window, few: int = ROWS_TO_LIST) -> Iterator[Difference]:
    """Yield the differences of both sides, key by key; ranges that are the same are not listed."""
    ranges = [window]
    while ranges:
        window_part = ranges.pop()
        there, ours = source.version_tally(window_part), here.version_tally(window_part)
        if there == ours:
            continue
        if max(there.total, ours.total) <= few or window_part.end - window_part.start <= SECOND:
            yield from _row_by_row(source.listing(window_part), here.listing(window_part))
        else:
            ranges += reversed(cut_evenly(window_part, PARTS))


def _row_by_row(source: Iterable[list[Listed]], here: Iterable[list[Listed]]) -> Iterator[Difference]:
    theirs = {row.key: row for rows in source for row in rows}
    ours = {row.key: row for rows in here for row in rows}
    for key in sorted(theirs.keys() | ours.keys()):
        found = Difference(theirs.get(key), ours.get(key))
        if found.source != found.here:
            yield found
