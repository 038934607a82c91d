"""The source's side of a certificate: what the records of a window say, page by page as they are decoded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from retail_pipeline.tables.description import TableFamily
from retail_pipeline.tables.value_figures import Figures, TableFigures, summed
from retail_pipeline.windows.raw_records import RawRecords, RecordKey


class Kept(NamedTuple):
    """A record that is kept, so that its figures can be made again.

    :param about: what was read beside it
    """

    key: RecordKey
    about: Any
    raw: bytes


@dataclass
class _Page:
    keys: list[RecordKey]
    figures: Figures


class SourceSide:
    """What is known of a window's records, and the records as they came. Not thread-safe.

    :param family: the tables into which they go
    :param figures_of: makes the figures of some records
    """

    def __init__(self, family: TableFamily, figures_of: Callable[[Sequence[Kept]], Figures]) -> None:
        self._tables = [table.name for table in family]
        self._figures_of = figures_of
        self._raws = RawRecords()
        self.clear()

    def clear(self) -> None:
        """Forget all of them."""
        self._raws.clear()
        self._pages: list[_Page] = []
        self._latest: dict[RecordKey, tuple[int, Any]] = {}

    def close(self) -> None:
        """Forget all of them, for good."""
        self._raws.close()

    def take(self, records: Sequence[Kept], figures: Figures) -> None:
        """Add a page; of a record that came before, only this time counts."""
        number = len(self._pages)
        self._pages.append(_Page([record.key for record in records], figures))
        self._latest.update({key: (number, about) for key, about, _ in records})
        self._raws.put([(key, raw) for key, _, raw in records])

    def figures(self, keys: Collection[RecordKey]) -> Figures:
        """Return the figures of these records; those of a page that also has other records are worked out again."""
        pages = (self._of_page(number, page, keys) for number, page in enumerate(self._pages))
        return summed([{table: TableFigures() for table in self._tables}, *pages])

    def kept(self, keys: Collection[RecordKey]) -> Iterator[Kept]:
        """Return records as they came."""
        return (Kept(key, self._latest[key][1], self._raws.get(key)) for key in keys)

    def _of_page(self, number: int, page: _Page, keys: Collection[RecordKey]) -> Figures:
        latest = self._latest
        left = dict.fromkeys(key for key in page.keys if key in keys and latest[key][0] == number)
        if len(left) == len(page.keys):
            return page.figures
        return self._figures_of(list(self.kept(left))) if left else {}
