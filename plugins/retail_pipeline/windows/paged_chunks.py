"""One chunk of a source that gives pages: its records are staged page by page, until an attempt was quiet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from retail_pipeline.business_time import Window, from_local_time
from retail_pipeline.errors import CheckFailed, TransientApiError
from retail_pipeline.settings.retail import PagedLoadSettings
from retail_pipeline.tables.target_tables import open_stage
from retail_pipeline.tables.value_figures import Figures
from retail_pipeline.windows import cycle_collector
from retail_pipeline.windows.chunk_failures import shown
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.paged_reading import Reading
from retail_pipeline.windows.paged_source import PagedSource, PageRows, ReadyPage
from retail_pipeline.windows.publish import Publisher
from retail_pipeline.windows.quarantine import Rejected
from retail_pipeline.windows.rate_limit import CallCounts
from retail_pipeline.windows.raw_records import RecordKey
from retail_pipeline.windows.source_side import Kept, SourceSide

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# Interval of log lines that show that a long read goes on.
PAGES_BETWEEN_LINES = 20
ANOTHER_ZONE = timedelta(minutes=30)
log = logging.getLogger(__name__)


@dataclass
class PagedChunk:
    """The result of one attempt over a window.

    :ivar row_hashes: by key, the fingerprint of key and version of each record that was read and can be used
    :ivar staged: those of them that must be in the table
    :ivar unusable: records that cannot be used, by their raw text
    :ivar refused: records that only the database refuses
    :ivar altered: a record came twice, in two versions or within one page
    :ivar modified: the earliest and the latest time at which a record was modified, as it says
    :ivar passes: how often the window was read
    """

    reading: Reading
    rows: PageRows
    row_hashes: dict[RecordKey, int] = field(default_factory=dict)
    staged: dict[RecordKey, int] = field(default_factory=dict)
    unusable: dict[bytes, Rejected] = field(default_factory=dict)
    refused: dict[RecordKey, Rejected] = field(default_factory=dict)
    altered: bool = False
    modified: tuple[str, str] | None = None
    passes: int = 1
    counts: CallCounts = field(default_factory=CallCounts)

    @property
    def known(self) -> None:
        """Return None: all records are read, whatever the table has."""

    @property
    def picked(self) -> bool:
        """Return False: too many unusable records stop even a single record's load."""
        return False

    def take(self, ready: ReadyPage) -> None:
        """Add a page."""
        times = [*ready.versions, *(self.modified or ())]
        self.modified = (min(times), max(times)) if times else None
        self.altered = (
            self.altered
            or len(ready.row_hashes) < len(ready.raws)
            or any(
                self.row_hashes.get(key, row_hash) != row_hash for key, row_hash in ready.row_hashes.items()
            )
        )
        self.row_hashes.update(ready.row_hashes)
        self.staged.update(
            {key: row_hash for key, row_hash in ready.row_hashes.items() if key not in self.refused}
        )
        self.unusable.update({rejected.raw: rejected for rejected in ready.rejected})

    def refuse(self, key: RecordKey, rejected: Rejected) -> None:
        """Take out a record that the database refuses."""
        del self.staged[key]
        self.refused[key] = rejected

    @property
    def distinct(self) -> int:
        """Return how many different records were read."""
        return len(self.row_hashes) + len(self.unusable)

    @property
    def set_aside(self) -> list[Rejected]:
        """Return the records that cannot be used."""
        return [*self.unusable.values(), *self.refused.values()]

    def source_side(self) -> Certificate:
        """Return a certificate with what the source said."""
        counts = Counter(self.rows.rule_counts)
        counts.update(rejected.reason for rejected in self.refused.values())
        return Certificate(
            "",
            source_total=self.reading.totals[-1],
            rule_counts=counts,
            pages=len(self.reading.totals) - 1,
            passes=self.passes,
            calls=self.counts.calls,
            throttles=self.counts.throttles,
        )

    def is_complete(self) -> bool:
        """Tell whether all was read that the window held."""
        return not self.altered and self.reading.is_complete(self.distinct)

    def refuse_other_times(self, window: Window, asked_at: datetime) -> None:
        """Stop where the source has searched other times than we asked for: the answer is not for the window.

        A record that was modified after the call may have a later time.

        :raises CheckFailed: the times differ by at least half an hour, the smallest difference of time zones
        """
        if not self.modified:
            return
        earliest, latest = (from_local_time(datetime.fromisoformat(text)) for text in self.modified)
        if (
            earliest < window.start - ANOTHER_ZONE
            or window.end + ANOTHER_ZONE <= latest < asked_at - ANOTHER_ZONE
        ):
            raise CheckFailed(
                f"records of {self.modified[0]} to {self.modified[1]} came for the window {shown(window)}: the "
                "vendor reads its times in another zone; nothing is published"
            )


class PagedLoader:
    """One session with its stage; loads one window after the other. Not thread-safe."""

    def __init__(self, session: Session, source: PagedSource, settings: PagedLoadSettings) -> None:
        self._source = source
        self._stage = open_stage(session, source.family, batch_rows=settings.batch_rows)
        self._said = SourceSide(source.family, self._figures_again)
        comparison = source.comparison(self._stage.zone)
        self._publisher = Publisher(session, self._stage, comparison, self._said, settings)

    def close(self) -> None:
        """Leave the session to others."""
        self._publisher.close()

    def stage(self, attempts: Iterable[Reading]) -> PagedChunk:
        """Read until an attempt is complete; return it.

        :raises TransientApiError: the window's records changed during every attempt
        :raises TooManyRejected: more records cannot be used than the settings allow
        """
        number = 0
        for number, reading in enumerate(attempts, 1):
            chunk = self._staged(reading)
            if chunk.is_complete():
                self._publisher.refuse_too_many(chunk)
                chunk.passes = number
                return chunk
            log.warning(
                "attempt %d is not complete (totals %s to %s, %d read, %d different): reading again",
                number, reading.totals[0], reading.totals[-1], reading.read, chunk.distinct,
            )  # fmt: skip
        message = f"records kept moving while the window was read {number} times: nothing is published"
        raise TransientApiError(message, vendor=self._source.vendor, method="search")

    def publish(self, load_key: LoadKey, chunk: PagedChunk, started_at: datetime) -> Certificate:
        """Publish the staged rows, as ``Publisher.publish`` does."""
        self._stage.load()
        return self._publisher.publish(load_key, chunk, started_at)

    def _staged(self, reading: Reading) -> PagedChunk:
        chunk = PagedChunk(reading, self._source.rows(self._stage.zone))
        self._publisher.begin(chunk)
        for page, records in enumerate(reading.pages(), 1):
            if page % PAGES_BETWEEN_LINES == 0:
                log.info("%d of %d records read", reading.read, reading.totals[0])
            with cycle_collector.paused():
                ready = chunk.rows.ready(records)
            if again := [head for head in ready.heads if head[-1] in chunk.staged]:
                self._stage.forget(again)  # of a record that came before, only this time counts
            chunk.take(ready)
            self._said.take([Kept(key, None, raw) for key, raw in ready.raws], ready.figures)
            for table in self._source.family:
                self._stage.add(table, ready.columns[table.name])
            self._stage.load_when_full()
            self._publisher.stop_early(chunk)
        return chunk

    def _figures_again(self, records: Sequence[Kept]) -> Figures:
        return self._source.rows(self._stage.zone).ready([each.raw for each in records]).figures
