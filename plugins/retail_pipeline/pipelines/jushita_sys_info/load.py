"""Windows of a sys_info table → the warehouse: urgent parts, parts that were read before, and new parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.gathering import Gathered
from retail_pipeline.pipelines.jushita_sys_info.route import Buffers, Route
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.settings.retail import AheadGroup, Jushita
from retail_pipeline.vendors.taobao.sys_info import RowFilter
from retail_pipeline.windows.chunk_failures import ChunkFailures, shown
from retail_pipeline.windows.chunks import missing_intervals
from retail_pipeline.windows.failure_certificates import certify, certify_left
from retail_pipeline.windows.ledger import SCHEDULED, Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.rate_limit import CallCounts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SysInfoLoad:
    """Loads windows of one table of one instance for one run.

    :param jushita: its settings say which part is loaded ahead of the rest
    :param until: after it no chunk but the first is begun: the next run loads the rest; None: all chunks are loaded
    """

    jushita: Jushita
    route: Route
    until: datetime | None = None

    def load(
        self, load_key: LoadKey, planned_at: datetime, sellers: tuple[str, ...] | None = None
    ) -> list[Certificate]:
        """Load the parts of a window that are not loaded yet.

        :param planned_at: parts that another scheduled run has completed since then are left alone
        :param sellers: only their rows, whatever the settings say; None: as the settings say
        :raises PipelineError: also certified; all that could be loaded is loaded
        """
        windows, read_until = self._left(load_key, planned_at)
        row_filter = RowFilter(self.route.instance.sellers if sellers is None else sellers)
        failures = ChunkFailures()
        found = []
        for group in self._ahead(load_key) if windows else ():
            found += self._load_ahead(load_key, planned_at, group, row_filter, failures)
        compared = read_until if load_key.purpose == SCHEDULED else None
        spans = [span for window in windows for span in _spans(window, compared)]
        found += self._load_spans(load_key, spans, row_filter, failures)
        certify_left(partial(open_target, self.route.target_conn_id), load_key, failures)
        failures.raise_all()
        return found

    def _left(self, load_key: LoadKey, planned_at: datetime) -> tuple[list[Window], datetime | None]:
        """Return the parts of a window that are not loaded yet, and up to where scheduled runs have read."""
        with open_target(self.route.target_conn_id) as session:
            ledger = WindowLedger(session)
            windows = missing_intervals(load_key.window, ledger.complete_windows(load_key, planned_at))
            return windows, ledger.watermark(load_key.pipeline, load_key.account)

    def _ahead(self, load_key: LoadKey) -> list[AheadGroup]:
        """Return the groups that go first; none unless a scheduled window shows that the load lags."""
        late = timedelta(minutes=self.jushita.ahead_after_minutes)
        lags = load_key.purpose == SCHEDULED and load_key.window.end - load_key.window.start > late
        return [group for group in self.jushita.ahead if lags and group.table == self.route.table]

    def _load_ahead(
        self,
        load_key: LoadKey,
        planned_at: datetime,
        group: AheadGroup,
        row_filter: RowFilter,
        failures: ChunkFailures,
    ) -> list[Certificate]:
        sellers = row_filter.sellers if group.sellers is None else group.sellers
        if group.sellers is not None and row_filter.sellers is not None:
            sellers = tuple(seller for seller in group.sellers if seller in row_filter.sellers)
            if not sellers:
                return []
        span = replace(load_key, filters=f"ahead={group.name}")
        windows, _ = self._left(span, planned_at)
        spans = [Span(window) for window in windows]
        ahead = replace(self, until=self.until and planned_at + (self.until - planned_at) / 2)
        return ahead._load_spans(span, spans, RowFilter(sellers, group.statuses), failures)

    def _load_spans(
        self, load_key: LoadKey, spans: Sequence[Span], row_filter: RowFilter, failures: ChunkFailures
    ) -> list[Certificate]:
        """Load all that can be loaded; behind a part that fails, continue in new sessions."""
        found: list[Certificate] = []
        while spans and not failures.hopeless:
            publishing = Publishing(load_key, Chunk(Window(spans[0].window.start, spans[-1].window.end)))
            try:
                self._publish(publishing, spans, row_filter)
                spans = ()
            except Exception as error:  # noqa: BLE001 (noted, and raised in the end)
                failed = self._chunk(publishing.failed(), row_filter)
                where = replace(load_key, window=failed.window)
                certify(
                    partial(open_target, self.route.target_conn_id),
                    where,
                    error,
                    failed.started_at,
                    CallCounts(),
                )
                if publishing.found:
                    failures.loaded()
                failures.note(shown(failed.window), error)
                spans = _behind(failed.window, spans)
            found += publishing.found
        for span in spans:
            failures.leave(span.window)
        return found

    def _publish(self, publishing: Publishing, spans: Sequence[Span], row_filter: RowFilter) -> None:
        with self.route.opened(row_filter) as buffers, ThreadPoolExecutor(1, "publish") as thread:
            for span in spans:
                self._load_span(span, buffers, publishing, thread)
            publishing.wait()

    def _load_span(self, span: Span, buffers: Buffers, publishing: Publishing, thread: Executor) -> None:
        """Publish chunk after chunk; while one is published the next one is read.

        A part that was read before is compared to its end: the next run begins at the watermark, and compares none of
        it.
        """
        start = span.window.start
        while start < span.window.end:
            if self._is_over() and start > span.window.start and not span.compared:
                log.info("%s is left to the next run", shown(Window(start, span.window.end)))
                return
            loader = publishing.begin(Window(start, span.window.end), buffers.next)
            gathered = span.gathered(loader, start)
            publishing.go_on(thread, loader, gathered)
            start = gathered.window.end

    def _is_over(self) -> bool:
        return self.until is not None and clock.now() >= self.until

    def _chunk(self, failed: Chunk, row_filter: RowFilter) -> Chunk:
        """Return the failed part, at most a chunk of it: reading continues behind it."""
        if failed.reader is None:
            return failed
        try:
            with self.route.opened(row_filter) as buffers:
                end = buffers.source.end_of_first(self.route.settings.chunk_rows, failed.window)
        except PipelineError:
            return failed  # nothing can be read, so the load cannot continue
        # The rows taken so far are only a part of it: the reader does not end a chunk within a second with many rows.
        return replace(failed, window=Window(failed.window.start, max(end, failed.reader.reached)))


@dataclass(frozen=True)
class Chunk:
    """A chunk on its way.

    :ivar window: of the chunk; until it is gathered, all that is left of its part
    :ivar reader: the loader, while the chunk is read
    """

    window: Window
    started_at: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 (looked up when it is asked)
    reader: SysInfoLoader | None = None


@dataclass
class Publishing:
    """Publishes the chunks of a run, one at a time, in a thread of its own.

    :param reading: the chunk that is read at present
    """

    load_key: LoadKey
    reading: Chunk
    found: list[Certificate] = field(default_factory=list)
    _waiting: tuple[Chunk, Future[Certificate]] | None = None

    def begin(self, window: Window, next_loader: Callable[[], SysInfoLoader]) -> SysInfoLoader:
        """Note the part that is read now, and all behind it; return the loader that reads it."""
        self.reading = Chunk(window)
        loader = next_loader()
        self.reading = replace(self.reading, reader=loader)
        return loader

    def go_on(self, thread: Executor, loader: SysInfoLoader, gathered: Gathered) -> None:
        """Publish a chunk as soon as the one before is published."""
        self.wait()
        ready = replace(self.reading, window=gathered.window, reader=None)
        load_key = replace(self.load_key, window=gathered.window)
        self._waiting = (ready, thread.submit(loader.publish, load_key, gathered, ready.started_at))

    def wait(self) -> None:
        """Wait for the chunk that is being published."""
        if self._waiting:
            published, publishing = self._waiting
            self.found.append(publishing.result())
            self._waiting = None
            log.info("%s: %s rows", shown(published.window), self.found[-1].source_keys)

    def failed(self) -> Chunk:
        """Return the chunk that failed, once nothing is being published any more."""
        if self._waiting and self._waiting[1].exception():
            return self._waiting[0]
        self.wait()
        return self.reading


@dataclass(frozen=True)
class Span:
    """A part of a window.

    :param compared: it was read before, so only rows that the warehouse has not, or has differently, are read again
    """

    window: Window
    compared: bool = False

    def gathered(self, loader: SysInfoLoader, start: datetime) -> Gathered:
        """Return the chunk that begins at a moment, ready to be published."""
        window = Window(start, self.window.end)
        return loader.compare(window) if self.compared else loader.read(window)


def _spans(window: Window, read_until: datetime | None) -> list[Span]:
    """Cut a window into the part that was read before and the part that was not."""
    if read_until is None or read_until <= window.start:
        return [Span(window)]
    if read_until >= window.end:
        return [Span(window, compared=True)]
    return [Span(Window(window.start, read_until), compared=True), Span(Window(read_until, window.end))]


def _behind(failed: Window, spans: Sequence[Span]) -> list[Span]:
    """Return the part behind a chunk that failed."""
    left = [span for span in spans if span.window.end > failed.end]
    return [
        replace(span, window=Window(max(span.window.start, failed.end), span.window.end)) for span in left
    ]
