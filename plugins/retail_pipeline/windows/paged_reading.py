"""Reads a window page by page while its records move, and knows when nothing was lost.

A source that counts pages gives no snapshot: a record that changes leaves the window, and all records after it move
up. A reader who goes from the first page to the last then skips a record at a page's edge without noticing it. So:

- pages are read from the last to the first: records that move up come into pages that are still to be read
- every page says how many records the window holds now; from that follows how many the page must have
- an attempt over the window counts only if it was quiet: no total changed, no page was short, no record came twice
- otherwise the window is read again, one page at a time. Such an attempt also counts if records only left the window,
  since reading one page at a time from the end skips nothing in that case

It cannot notice when one record leaves and another enters the same window between the same two replies. Windows lie
in the past, so a change does not bring a record into one; only a commit later than the safety delay could.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Protocol

# How many fetched pages may wait to be used, so that fetching never waits for a database.
READ_AHEAD = 8


class Page(Protocol):
    """One page: how many records the window holds at that moment, and the page's records as they came."""

    @property
    def total(self) -> int: ...

    @property
    def records(self) -> list[bytes]: ...


class Reading(Protocol):
    """One reading of everything.

    :ivar totals: how many records there were, at each page; the first from before the reading, the last from its end
    :ivar read: how many records the pages had
    """

    totals: list[int]
    read: int

    def pages(self) -> Iterator[list[bytes]]: ...

    def is_complete(self, distinct: int) -> bool: ...


Fetch = Callable[[int], Page]


@dataclass
class Attempt:
    """One reading of a window, from its last page to its first.

    :param first: the first page as it was before; it says how many pages there are, and is read again at the end
    :param alone: read one page at a time, each requested only after the one before has come
    """

    fetch: Fetch
    pool: Executor
    page_size: int
    first: Page
    alone: bool
    totals: list[int] = field(init=False)
    read: int = field(init=False, default=0)
    whole: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        self.totals = [self.first.total]

    def pages(self) -> Iterator[list[bytes]]:
        """Yield each page's records."""
        if self._is_one_page():
            yield self._judged(0, self.first)
            return
        # If the last page is full, the page after it must be empty: otherwise the total is too small.
        last = self.first.total // self.page_size
        for index, page in self._in_order(range(last, 0, -1)):
            yield self._judged(index, page)
        yield self._judged(0, self._ask(0).result())

    def is_complete(self, distinct: int) -> bool:
        """Return whether everything that the window held was read.

        :param distinct: how many different records the pages had
        """
        if not self.whole:
            return False
        if len(set(self.totals)) == 1:
            return self.read == distinct == self.totals[0]
        departed = self.totals[0] - self.totals[-1]
        only_left = all(
            later <= earlier for earlier, later in zip(self.totals, self.totals[1:], strict=False)
        )
        return self.alone and only_left and self.read - distinct <= departed

    def _is_one_page(self) -> bool:
        """Tell whether the window has one page: one reply is one moment, and nothing can move within it."""
        return self.first.total < self.page_size

    def _in_order(self, indexes: range) -> Iterator[tuple[int, Page]]:
        """Fetch in the pool, as far ahead as ``READ_AHEAD`` allows; yield the pages in the order asked for."""
        asked: deque[tuple[int, Future[Page]]] = deque()
        waiting = deque(indexes)
        try:
            while waiting or asked:
                while waiting and len(asked) < (1 if self.alone else READ_AHEAD):
                    index = waiting.popleft()
                    asked.append((index, self._ask(index)))
                index, reply = asked.popleft()
                yield index, reply.result()
        finally:
            for _, reply in asked:
                reply.cancel()

    def _ask(self, index: int) -> Future[Page]:
        return self.pool.submit(self.fetch, index)

    def _judged(self, index: int, page: Page) -> list[bytes]:
        due = min(max(page.total - index * self.page_size, 0), self.page_size)
        self.whole = self.whole and len(page.records) == due
        self.totals.append(page.total)
        self.read += len(page.records)
        return page.records


@dataclass
class AtHand:
    """The reading of records that need not be fetched; they do not move."""

    records: list[bytes]

    def __post_init__(self) -> None:
        self.read = len(self.records)
        self.totals = [self.read, self.read]

    def pages(self) -> Iterator[list[bytes]]:
        """Yield them as one page."""
        yield self.records

    def is_complete(self, distinct: int) -> bool:
        """Return True: there is nothing else to read."""
        return distinct == self.read


def attempts(
    fetch: Fetch, pool: Executor, page_size: int, first: Page, max_attempts: int
) -> Iterator[Attempt]:
    """Yield attempts at a window for as long as the caller finds them incomplete, ``max_attempts`` at most.

    :param fetch: fetches a page by its number, from 0
    :param pool: limits how many pages are fetched at once
    :param first: page 0, which the caller has fetched already
    """
    yield Attempt(fetch, pool, page_size, first, alone=False)
    for _ in range(max_attempts - 1):
        yield Attempt(fetch, pool, page_size, pool.submit(fetch, 0).result(), alone=True)
