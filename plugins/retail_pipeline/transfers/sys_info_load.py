"""Windows of a sys_info table → the warehouse: what is urgent, what was read before, and what was not."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from retail_pipeline import clock
from retail_pipeline.business_time import Window, local_time
from retail_pipeline.certificates import certify_failure
from retail_pipeline.errors import PipelineError, WindowIncomplete
from retail_pipeline.settings import Jushita, PushGroup
from retail_pipeline.slices import uncovered
from retail_pipeline.taobao.sys_info import Only
from retail_pipeline.target_session import open_target
from retail_pipeline.transfers.sys_info_gathering import Gathered
from retail_pipeline.transfers.sys_info_lanes import Ends, Lanes
from retail_pipeline.transfers.sys_info_window import SysInfoLoader
from retail_pipeline.window_ledger import SCHEDULED, Findings, Subject, WindowLedger

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SysInfoLoad:
    """Loads windows of one table of one instance for one run.

    :param jushita: says what goes ahead of the rest
    """

    jushita: Jushita
    ends: Ends

    def load(self, subject: Subject, planned_at: datetime, sellers: tuple[str, ...] = ()) -> list[Findings]:
        """Load what is not loaded yet of a window.

        :param planned_at: parts that another scheduled run has completed since then are left alone
        :param sellers: only theirs, beside what the settings say
        :raises PipelineError: certified as well; slices that were complete before stay so
        """
        windows, read_until = self._left(subject, planned_at)
        only = Only(sellers or self.ends.instance.sellers)
        found = []
        for group in self._ahead(subject) if windows else ():
            found += self._load_ahead(subject, planned_at, group, only)
        compared = read_until if subject.purpose == SCHEDULED else None
        parts = [part for window in windows for part in _parts(window, compared)]
        return found + self._load_parts(subject, parts, only)

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
        self, subject: Subject, planned_at: datetime, group: PushGroup, only: Only
    ) -> list[Findings]:
        sellers = group.sellers or only.sellers
        if group.sellers and only.sellers:
            sellers = tuple(seller for seller in group.sellers if seller in only.sellers)
            if not sellers:
                return []
        part = replace(subject, filters=f"ahead={group.name}")
        windows, _ = self._left(part, planned_at)
        return self._load_parts(part, [Part(window) for window in windows], Only(sellers, group.statuses))

    def _load_parts(self, subject: Subject, parts: Sequence[Part], only: Only) -> list[Findings]:
        if not parts:
            return []
        publishing = Publishing(subject)
        try:
            with self.ends.opened(only) as lanes, ThreadPoolExecutor(1, "publish") as thread:
                for part in parts:
                    self._load_part(part, lanes, publishing, thread)
                publishing.wait()
        except WindowIncomplete:
            raise  # it has its certificate
        except PipelineError as error:
            self._certify(publishing.left(), error, publishing.started_at)
            raise
        return publishing.found

    def _load_part(self, part: Part, lanes: Lanes, publishing: Publishing, thread: Executor) -> None:
        """Publish slice after slice; while one is published the next one is read."""
        start = part.window.start
        while start < part.window.end:
            publishing.begin(Window(start, part.window.end))
            loader = lanes.next()
            gathered = part.gathered(loader, start)
            publishing.go_on(thread, loader, gathered)
            start = gathered.window.end

    def _certify(self, subject: Subject, error: PipelineError, started_at: datetime) -> None:
        """Leave a certificate that says why a window is not loaded; in a session that the failure did not touch."""
        try:
            with open_target(self.ends.target_conn_id) as session:
                certify_failure(session, subject, error, started_at)
        except Exception:
            log.exception("the failure of %s could not be certified", _shown(subject.window))


@dataclass
class Publishing:
    """What is published of a run, one slice at a time, by a thread of its own.

    :ivar started_at: when the slice that is read at present was begun
    """

    subject: Subject
    found: list[Findings] = field(default_factory=list)
    started_at: datetime = field(default_factory=clock.now)
    _window: Window | None = None
    _waiting: tuple[Window, Future[Findings]] | None = None

    def begin(self, window: Window) -> None:
        """Note what is read now, and all behind it."""
        self._window, self.started_at = window, clock.now()

    def go_on(self, thread: Executor, loader: SysInfoLoader, gathered: Gathered) -> None:
        """Publish a slice, once the one before is published."""
        self.wait()
        subject = replace(self.subject, window=gathered.window)
        self._waiting = (gathered.window, thread.submit(loader.publish, subject, gathered, self.started_at))

    def wait(self) -> None:
        """Wait for the slice that is being published."""
        if self._waiting:
            window, publishing = self._waiting
            self.found.append(publishing.result())
            self._waiting = None
            log.info("%s: %s rows", _shown(window), self.found[-1].source_keys)

    def left(self) -> Subject:
        """Return what is not published, now that nothing is being published any more: from what failed on."""
        window = self._window or self.subject.window
        if self._waiting and self._waiting[1].exception():
            window = Window(self._waiting[0].start, max(window.end, self._waiting[0].end))
        return replace(self.subject, window=window)


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


def _shown(window: Window) -> str:
    return f"{local_time(window.start):%Y-%m-%d %H:%M:%S} to {local_time(window.end):%Y-%m-%d %H:%M:%S}"
