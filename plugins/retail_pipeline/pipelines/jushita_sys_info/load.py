"""Windows of a sys_info table → the warehouse: what is urgent, what was read before, and what was not."""

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
from retail_pipeline.pipelines.jushita_sys_info.lanes import Ends, Lanes
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.settings.retail import Jushita, PushGroup
from retail_pipeline.vendors.taobao.sys_info import Only
from retail_pipeline.windows.certificates import certify, certify_left
from retail_pipeline.windows.chunk_failures import ChunkFailures, shown
from retail_pipeline.windows.ledger import SCHEDULED, Findings, Subject, WindowLedger
from retail_pipeline.windows.rate_limit import Tally
from retail_pipeline.windows.slices import uncovered

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SysInfoLoad:
    """Loads windows of one table of one instance for one run.

    :param jushita: says what goes ahead of the rest
    :param until: no slice but the first is begun later: what is left is due to the next run; None: all are
    """

    jushita: Jushita
    ends: Ends
    until: datetime | None = None

    def load(
        self, subject: Subject, planned_at: datetime, sellers: tuple[str, ...] | None = None
    ) -> list[Findings]:
        """Load what is not loaded yet of a window.

        :param planned_at: parts that another scheduled run has completed since then are left alone
        :param sellers: only theirs, whatever the settings say; None: as these say
        :raises PipelineError: certified as well; what could be loaded is loaded
        """
        windows, read_until = self._left(subject, planned_at)
        only = Only(self.ends.instance.sellers if sellers is None else sellers)
        failures = ChunkFailures()
        found = []
        for group in self._ahead(subject) if windows else ():
            found += self._load_ahead(subject, planned_at, group, only, failures)
        compared = read_until if subject.purpose == SCHEDULED else None
        parts = [part for window in windows for part in _parts(window, compared)]
        found += self._load_parts(subject, parts, only, failures)
        certify_left(partial(open_target, self.ends.target_conn_id), subject, failures)
        failures.raise_all()
        return found

    def _left(self, subject: Subject, planned_at: datetime) -> tuple[list[Window], datetime | None]:
        """Return what is not loaded yet of a window, and up to where the schedule has read."""
        with open_target(self.ends.target_conn_id) as session:
            ledger = WindowLedger(session)
            windows = uncovered(subject.window, ledger.complete_windows(subject, planned_at))
            return windows, ledger.watermark(subject.pipeline, subject.account)

    def _ahead(self, subject: Subject) -> list[PushGroup]:
        """Return what goes first: only where a scheduled window shows that the load lags."""
        late = timedelta(minutes=self.jushita.ahead_after_minutes)
        lags = subject.purpose == SCHEDULED and subject.window.end - subject.window.start > late
        return [group for group in self.jushita.ahead if lags and group.table == self.ends.table]

    def _load_ahead(
        self, subject: Subject, planned_at: datetime, group: PushGroup, only: Only, failures: ChunkFailures
    ) -> list[Findings]:
        sellers = only.sellers if group.sellers is None else group.sellers
        if group.sellers is not None and only.sellers is not None:
            sellers = tuple(seller for seller in group.sellers if seller in only.sellers)
            if not sellers:
                return []
        part = replace(subject, filters=f"ahead={group.name}")
        windows, _ = self._left(part, planned_at)
        parts = [Part(window) for window in windows]
        ahead = replace(self, until=self.until and planned_at + (self.until - planned_at) / 2)
        return ahead._load_parts(part, parts, Only(sellers, group.statuses), failures)

    def _load_parts(
        self, subject: Subject, parts: Sequence[Part], only: Only, failures: ChunkFailures
    ) -> list[Findings]:
        """Load what can be loaded; in new sessions behind what cannot."""
        found: list[Findings] = []
        while parts and not failures.hopeless:
            publishing = Publishing(subject, Slice(Window(parts[0].window.start, parts[-1].window.end)))
            try:
                self._publish(publishing, parts, only)
                parts = ()
            except Exception as error:  # noqa: BLE001 (noted, and raised in the end)
                failed = self._slice(publishing.failed(), only)
                where = replace(subject, window=failed.window)
                certify(
                    partial(open_target, self.ends.target_conn_id), where, error, failed.started_at, Tally()
                )
                if publishing.found:
                    failures.loaded()
                failures.note(shown(failed.window), error)
                parts = _behind(failed.window, parts)
            found += publishing.found
        for part in parts:
            failures.leave(part.window)
        return found

    def _publish(self, publishing: Publishing, parts: Sequence[Part], only: Only) -> None:
        with self.ends.opened(only) as lanes, ThreadPoolExecutor(1, "publish") as thread:
            for part in parts:
                self._load_part(part, lanes, publishing, thread)
            publishing.wait()

    def _load_part(self, part: Part, lanes: Lanes, publishing: Publishing, thread: Executor) -> None:
        """Publish slice after slice; while one is published the next one is read.

        What was read before is compared to its end: the next run begins at the watermark, and compares no more of it.
        """
        start = part.window.start
        while start < part.window.end:
            if self._is_over() and start > part.window.start and not part.compared:
                log.info("%s is left to the next run", shown(Window(start, part.window.end)))
                return
            loader = publishing.begin(Window(start, part.window.end), lanes.next)
            gathered = part.gathered(loader, start)
            publishing.go_on(thread, loader, gathered)
            start = gathered.window.end

    def _is_over(self) -> bool:
        return self.until is not None and clock.now() >= self.until

    def _slice(self, failed: Slice, only: Only) -> Slice:
        """Return as much of what failed as makes a slice: reading goes on behind it."""
        if failed.reader is None:
            return failed
        try:
            with self.ends.opened(only) as lanes:
                end = lanes.source.end_of_first(self.ends.settings.slice_rows, failed.window)
        except PipelineError:
            return failed  # nothing can be read, so there is nothing to go on with
        # What was taken is a part of it: of a second with many rows the reader makes no end.
        return replace(failed, window=Window(failed.window.start, max(end, failed.reader.reached)))


@dataclass(frozen=True)
class Slice:
    """A slice on its way.

    :ivar window: it, or until it is gathered, all that is left of its part
    :ivar reader: while it is read, who reads it
    """

    window: Window
    started_at: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 (looked up when it is asked)
    reader: SysInfoLoader | None = None


@dataclass
class Publishing:
    """What is published of a run, one slice at a time, by a thread of its own.

    :param reading: the slice that is read at present
    """

    subject: Subject
    reading: Slice
    found: list[Findings] = field(default_factory=list)
    _waiting: tuple[Slice, Future[Findings]] | None = None

    def begin(self, window: Window, next_loader: Callable[[], SysInfoLoader]) -> SysInfoLoader:
        """Note what is read now, and all behind it; return who reads it."""
        self.reading = Slice(window)
        loader = next_loader()
        self.reading = replace(self.reading, reader=loader)
        return loader

    def go_on(self, thread: Executor, loader: SysInfoLoader, gathered: Gathered) -> None:
        """Publish a slice, once the one before is published."""
        self.wait()
        ready = replace(self.reading, window=gathered.window, reader=None)
        subject = replace(self.subject, window=gathered.window)
        self._waiting = (ready, thread.submit(loader.publish, subject, gathered, ready.started_at))

    def wait(self) -> None:
        """Wait for the slice that is being published."""
        if self._waiting:
            published, publishing = self._waiting
            self.found.append(publishing.result())
            self._waiting = None
            log.info("%s: %s rows", shown(published.window), self.found[-1].source_keys)

    def failed(self) -> Slice:
        """Return the slice that failed, now that nothing is being published any more."""
        if self._waiting and self._waiting[1].exception():
            return self._waiting[0]
        self.wait()
        return self.reading


@dataclass(frozen=True)
class Part:
    """A part of a window.

    :param compared: it was read before, so only what is not in the warehouse just so is read again
    """

    window: Window
    compared: bool = False

    def gathered(self, loader: SysInfoLoader, start: datetime) -> Gathered:
        """Return the slice from a moment on, ready to be published."""
        window = Window(start, self.window.end)
        return loader.compare(window) if self.compared else loader.read(window)


def _parts(window: Window, read_until: datetime | None) -> list[Part]:
    """Cut a window into what was read before and what was not."""
    if read_until is None or read_until <= window.start:
        return [Part(window)]
    if read_until >= window.end:
        return [Part(window, compared=True)]
    return [Part(Window(window.start, read_until), compared=True), Part(Window(read_until, window.end))]


def _behind(failed: Window, parts: Sequence[Part]) -> list[Part]:
    """Return what lies behind a slice that failed."""
    left = [part for part in parts if part.window.end > failed.end]
    return [
        replace(part, window=Window(max(part.window.start, failed.end), part.window.end)) for part in left
    ]
