"""Windows of a sys_info table → the warehouse: urgent parts, parts that were read before, and new parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from retail_pipeline.business_time import Window
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.settings.retail import AheadGroup, Jushita
from retail_pipeline.vendors.taobao.sys_info import RowFilter
from retail_pipeline.windows.chunk_failures import ChunkFailures
from retail_pipeline.windows.chunks import missing_intervals
from retail_pipeline.windows.double_buffer import Begun, Buffers, DoubleBuffer, Part, Read
from retail_pipeline.windows.failure_certificates import certify_left
from retail_pipeline.windows.ledger import SCHEDULED, Certificate, LoadKey, WindowLedger


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
        return _Spans(self.route, row_filter, load_key, self.until, failures).load(spans)


@dataclass(frozen=True)
class Span(Part):
    """A part of a window.

    :param compared: it was read before, so only rows that the warehouse has not, or has differently, are read again
    :param begun: it is the rest of one whose first chunk is loaded
    """

    compared: bool = False
    begun: bool = False

    def behind(self, end: datetime) -> list[Span]:
        """Return what is left of it behind a chunk."""
        left = Window(max(end, self.window.start), self.window.end)
        return [replace(self, window=left, begun=True)] if left.start < left.end else []


class _Spans(DoubleBuffer[Span, SysInfoLoader]):
    """Parts of a window of one table, published chunk after chunk.

    A part that was read before is compared to its end, whatever the time: the next run begins at the watermark, and
    compares none of it.
    """

    def __init__(
        self,
        route: Route,
        row_filter: RowFilter,
        load_key: LoadKey,
        until: datetime | None,
        failures: ChunkFailures,
    ) -> None:
        super().__init__(partial(open_target, route.target_conn_id), load_key, until, failures)
        self._route = route
        self._row_filter = row_filter

    @contextmanager
    def opened(self) -> Iterator[Buffers[SysInfoLoader]]:
        """Open the RDS, and the warehouse."""
        with self._route.opened(self._row_filter) as opened:
            yield opened.loaders

    def read(self, loader: SysInfoLoader, part: Span, chunk: Begun) -> Read[Span]:
        """Read or compare a part's first chunk."""
        gathered = loader.compare(part.window) if part.compared else loader.read(part.window)
        return Read(
            gathered.window,
            lambda load_key: loader.publish(load_key, gathered, chunk.started_at),
            part.behind(gathered.window.end),
        )

    def may_wait(self, part: Span) -> bool:
        """Tell whether it is the rest of a part that was not read before."""
        return part.begun and not part.compared

    def behind(self, part: Span, loader: SysInfoLoader | None) -> tuple[Window, Sequence[Span]]:
        """Return the failed part, at most a chunk of it: reading continues behind it."""
        window = part.window if loader is None else self._chunk(part.window, loader.reached)
        return window, part.behind(window.end)

    def _chunk(self, window: Window, reached: datetime) -> Window:
        try:
            with self._route.opened(self._row_filter) as opened:
                end = opened.source.end_of_first(self._route.settings.chunk_rows, window)
        except PipelineError:
            return window  # nothing can be read, so the load cannot continue
        # The rows taken so far are only a part of it: the reader does not end a chunk within a second with many rows.
        return Window(window.start, max(end, reached))


def _spans(window: Window, read_until: datetime | None) -> list[Span]:
    """Cut a window into the part that was read before and the part that was not."""
    if read_until is None or read_until <= window.start:
        return [Span(window)]
    if read_until >= window.end:
        return [Span(window, compared=True)]
    return [Span(Window(window.start, read_until), compared=True), Span(Window(read_until, window.end))]
