"""The rows of a window of a sys_info table that are gathered before they are published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from retail_pipeline.business_time import Window
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.vendors.taobao.sys_info import Tally
from retail_pipeline.windows.ledger import Certificate
from retail_pipeline.windows.quarantine import Rejected

Page = TypeVar("Page")


@dataclass
class Gathered:
    """One chunk of a window; its mappings are by the rows' keys.

    :ivar window: the time that the chunk covers
    :ivar staged: fingerprints of the rows on the stage
    :ivar known: fingerprints of rows that the warehouse already has, unchanged
    :ivar rejected: records that cannot be used
    :ivar unfit: fields that are in ``extra`` since their columns cannot hold them
    :ivar seen: fingerprints of all of these
    :ivar total: rows of the window that the source counted in the end
    :ivar picked: the rows were asked for by key: all of them may be unusable, so no limit on their share applies
    """

    window: Window
    staged: dict[int, int] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    unfit: dict[int, list[str]] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    total: int = 0
    pages: int = 0
    passes: int = 1
    picked: bool = False

    def tally(self) -> Tally:
        """Return the tally of a source that held exactly these rows."""
        return Tally(len(self.seen), sum_of(self.seen.values()))

    @property
    def distinct(self) -> int:
        """Return how many different rows were read."""
        return len(self.seen)

    @property
    def set_aside(self) -> list[Rejected]:
        """Return the records that cannot be used."""
        return list(self.rejected.values())

    def refuse(self, key: int, rejected: Rejected) -> None:
        """Take out a row that only the database refuses."""
        del self.staged[key]
        self.rejected[key] = rejected

    def source_side(self) -> Certificate:
        """Return a certificate with what the source said."""
        counts = self._rule_counts()
        return Certificate("", self.total, rule_counts=counts, pages=self.pages, passes=self.passes)

    def _rule_counts(self) -> Counter[str]:
        """Return how often each field did not fit, and how many rows were set aside for each reason."""
        counts = Counter(f"{name}_unfit" for fields in self.unfit.values() for name in fields)
        counts.update(rejected.reason for rejected in self.rejected.values())
        return counts

    def forget(self, keys: Collection[int]) -> list[int]:
        """Forget rows that are read again; return those that wait on the stage."""
        found: dict[int, Any]
        for found in (self.known, self.rejected, self.unfit):
            for key in keys:
                found.pop(key, None)
        return [key for key in keys if self.staged.pop(key, None) is not None]


def read_ahead(
    pages: Iterator[Page], reading_time: Callable[[], str], pool: Executor
) -> Generator[tuple[str, Page]]:
    """Yield each page with the moment before it was asked for; while one is used the next one is read.

    :param reading_time: gives that moment, by the clock that orders all readings
    """

    def ask() -> tuple[str, Page | None]:
        return reading_time(), next(pages, None)

    coming = pool.submit(ask)
    while True:
        read_at, page = coming.result()
        if page is None:
            return
        coming = pool.submit(ask)
        try:
            yield read_at, page
        except GeneratorExit:
            coming.exception()  # until the read ends, the session is busy
            raise
