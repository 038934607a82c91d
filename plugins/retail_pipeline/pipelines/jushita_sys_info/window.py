"""One window of a sys_info table: gather its rows, publish them in one transaction, certify that none is missing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from retail_pipeline.business_time import SECOND, Window, from_local_time
from retail_pipeline.databases.target_session import query
from retail_pipeline.errors import SourceUnsteady
from retail_pipeline.pipelines.jushita_sys_info.gathering import Gathered, read_ahead
from retail_pipeline.pipelines.jushita_sys_info.rows import FeedRows, row_hash
from retail_pipeline.pipelines.jushita_sys_info.values import kept, row_of
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.settings.retail import SysInfoLoadSettings
from retail_pipeline.tables.batches import Key
from retail_pipeline.tables.target_tables import open_stage
from retail_pipeline.tables.value_figures import Figures
from retail_pipeline.vendors.taobao.sys_info import SourceRow, SysInfoTable
from retail_pipeline.windows import cycle_collector
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.publish import Publisher
from retail_pipeline.windows.source_side import Kept, SourceSide

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# At most so many rows wait in memory, for the stage or for their chunk to be published.
BATCH_ROWS = 5000
NOTHING: Mapping[int, int] = MappingProxyType({})
log = logging.getLogger(__name__)


class SysInfoLoader:
    """Loads windows of one table of one instance, one after the other. Not thread-safe.

    :param target: its stage needs the session to itself
    :param beside: another session with the same database, for queries while the stage is loading
    :param reader: a pool of one thread, which reads the next page while the current one is processed
    :ivar reached: the end of the rows taken so far from the latest window
    """

    reached: datetime

    def __init__(
        self,
        source: SysInfoTable,
        target: Session,
        beside: Session,
        instance: str,
        settings: SysInfoLoadSettings,
        reader: Executor,
    ) -> None:
        self._source = source
        self._beside = beside
        self._settings = settings
        self._reader = reader
        self._stage = open_stage(target, source.table.family, batch_rows=BATCH_ROWS)
        self._rows = FeedRows(source.table, instance, self._stage.zone)
        self._said = SourceSide(source.table.family, self._figures_again)
        comparison = self._rows.values.comparison()
        self._publisher = Publisher(target, self._stage, comparison, self._said, settings)
        self._warehouse = WarehouseTable(beside, source.table, instance)
        self._published = WarehouseTable(target, source.table, instance)

    def close(self) -> None:
        """Leave the session to others."""
        self._publisher.close()

    def read(self, window: Window) -> Gathered:
        """Read the first chunk of a window; return it with all of its rows."""
        gathered = self._begin(window)
        self._read(gathered)
        self._complete(gathered)
        return gathered

    def compare(self, window: Window) -> Gathered:
        """Read only the rows of a window that the warehouse is missing or has differently; return them."""
        gathered = self._begin(window)
        for listed in self._source.listing(window):
            self.reached = _second(listed[-1].modified) + SECOND
            there = self._warehouse.versions([row.key for row in listed])
            # A row without a hash may have been changed within its second: it is read again.
            same = {row.key for row in listed if there.get(row.key) == row and row.hashcode}
            known = {row.key: row_hash(row.key, row.modified) for row in listed if row.key in same}
            self._forget(gathered, gathered.seen.keys() & same)
            gathered.known.update(known)
            gathered.seen.update(known)
            self._fetch(gathered, [row.key for row in listed if row.key not in same])
        self._complete(gathered)
        return gathered

    def pick(
        self, window: Window, keys: Sequence[int], elsewhere: Callable[[int], SourceRow | None]
    ) -> Gathered:
        """Return rows by their keys, whenever they were changed, and however many of them cannot be used.

        :param window: for the certificate
        :param elsewhere: returns a row that the source no longer has, or None where it is found nowhere
        """
        gathered = self._begin(window)
        gathered.picked = True
        self._fetch(gathered, keys)
        for key in [key for key in keys if key not in gathered.seen]:
            read_at = self._reading_time()
            if row := elsewhere(key):
                self._take(gathered, [row], read_at)
        gathered.total = len(gathered.seen)
        return gathered

    def publish(
        self,
        load_key: LoadKey,
        gathered: Gathered,
        started_at: datetime,
        overruled: Mapping[int, int] = NOTHING,
    ) -> Certificate:
        """Publish the gathered rows, as ``Publisher.publish`` does.

        :param overruled: rows that are replaced whatever their version, with their origins before ``gathered`` was
            read; one that somebody has written since then is not
        """
        return self._publisher.publish(
            load_key,
            gathered,
            started_at,
            lambda keys: self._give_way(overruled, gathered, keys),
            lambda number: {"replaced": self._replaced(overruled, gathered, number)} if overruled else {},
        )

    def _give_way(self, overruled: Mapping[int, int], gathered: Gathered, keys: Sequence[Key] | None) -> None:
        """Let the rows that are about to be published replace any version: all of them, or those of some keys."""
        there = gathered.staged.keys() if keys is None else {key for (key,) in keys}
        self._published.give_way({key: overruled[key] for key in overruled.keys() & there})

    def _replaced(self, overruled: Mapping[int, int], gathered: Gathered, number: int) -> int:
        origins = self._published.origins(overruled.keys() & gathered.staged.keys())
        return sum(origin == number for origin in origins.values())

    def _begin(self, window: Window) -> Gathered:
        gathered = Gathered(window)
        self.reached = window.start
        self._publisher.begin(gathered)
        return gathered

    def _read(self, gathered: Gathered) -> None:
        """Read a window, or as much of it as fits into one transaction.

        A chunk ends between two seconds: before the last second of the last page, if that second begins in this page.
        Times as text sort like times, with milliseconds or without.
        """
        window = gathered.window
        with closing(read_ahead(self._source.pages(window), self._reading_time, self._reader)) as pages:
            for read_at, rows in pages:
                last = rows[-1].modified[: len("2026-11-22 10:00:00")]
                full = len(gathered.seen) + len(rows) >= self._settings.chunk_rows and rows[0].modified < last
                kept = [row for row in rows if row.modified < last] if full else rows
                self.reached = _second(last) + (timedelta() if full else SECOND)
                self._take(gathered, kept, read_at)
                gathered.pages += 1
                if full:
                    gathered.window = Window(window.start, self.reached)
                    break

    def _complete(self, gathered: Gathered) -> None:
        """Ask the source once more for its tally, and fetch rows that came in the meantime, until none come.

        :raises SourceUnsteady: rows kept coming
        """
        while True:
            tally = self._source.tally(gathered.window)
            gathered.total = tally.total
            if tally == gathered.tally():
                break
            unread = [
                row.key
                for listed in self._source.listing(gathered.window)
                for row in listed
                if gathered.seen.get(row.key) != row_hash(row.key, row.modified)
            ]
            if not unread:
                break  # the other rows were changed since, and belong to a later window now
            if gathered.passes == self._settings.max_attempts:
                raise SourceUnsteady(f"rows kept coming while the window was read {gathered.passes} times")
            gathered.passes += 1
            self._fetch(gathered, unread)
        self._publisher.refuse_too_many(gathered)

    def _fetch(self, gathered: Gathered, keys: Sequence[int]) -> None:
        for start in range(0, len(keys), self._settings.page_rows):
            page = keys[start : start + self._settings.page_rows]
            read_at = self._reading_time()
            self._take(gathered, self._source.by_keys(page), read_at)
            gathered.pages += 1

    def _take(self, gathered: Gathered, rows: Sequence[SourceRow], read_at: str) -> None:
        """Stage the usable rows; a row that was read before and has changed since replaces its earlier version."""
        self._forget(gathered, gathered.seen.keys() & {row.key for row in rows})
        with cycle_collector.paused():
            ready = self._rows.ready(rows, read_at)
            for block in ready.blocks:
                for table in self._source.table.family:
                    self._stage.add(table, block[table.name].values, tuple(block[table.name].names))
        usable = [row for row in rows if row.key in ready.row_hashes]
        self._said.take([kept(row) for row in usable], ready.figures)
        gathered.staged.update(ready.row_hashes)
        gathered.rejected.update(ready.rejected)
        gathered.unfit.update(ready.unfit)
        gathered.seen.update(
            {row.key: row_hash(row.key, row.modified) for row in rows if row.key in ready.rejected}
        )
        gathered.seen.update(ready.row_hashes)
        self._publisher.stop_early(gathered)
        self._stage.load_when_full()

    def _figures_again(self, records: Sequence[Kept]) -> Figures:
        return self._rows.ready([row_of(kept) for kept in records], "").figures

    def _forget(self, gathered: Gathered, keys: Collection[int]) -> None:
        if staged := gathered.forget(keys):
            self._stage.forget([(key,) for key in staged])

    def _reading_time(self) -> str:
        return str(query(self._beside, "clock/reading_time")[0]["reading_time"])[:23]


def _second(modified: str) -> datetime:
    return from_local_time(datetime.fromisoformat(modified)).replace(microsecond=0)
