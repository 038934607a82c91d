"""Windows of a sys_info table → the warehouse: what is urgent, what was read before, and what was not."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retail_pipeline import clock
from retail_pipeline.business_time import Window, local_time
from retail_pipeline.certificates import certify_failure
from retail_pipeline.errors import PipelineError, WindowIncomplete
from retail_pipeline.mysql_session import open_mysql
from retail_pipeline.settings import Jushita, PushGroup, SysInfoInstance, SysInfoReading
from retail_pipeline.slices import uncovered
from retail_pipeline.taobao.sys_info import Only, SysInfoTable
from retail_pipeline.taobao.tables import PUSHED
from retail_pipeline.target_session import open_target
from retail_pipeline.transfers.sys_info_gathering import Gathered
from retail_pipeline.transfers.sys_info_window import SysInfoLoader
from retail_pipeline.window_ledger import SCHEDULED, Findings, Subject, WindowLedger

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SysInfoLoad:
    """Loads windows of one table of one instance for one run."""

    jushita: Jushita
    settings: SysInfoReading
    instance: SysInfoInstance
    table: str

    def load(self, subject: Subject, planned_at: datetime, sellers: tuple[str, ...] = ()) -> list[Findings]:
        """Load what is not loaded yet of a window.

        :param planned_at: parts that another scheduled run has completed since then are left alone
        :param sellers: only theirs, beside what the settings say
        :raises PipelineError: certified as well; slices that were complete before stay so
        """
        with open_target(self.jushita.target_conn_id) as session:
            ledger = WindowLedger(session)
            windows = uncovered(subject.window, ledger.complete_windows(subject, planned_at))
            read_until = ledger.watermark(subject.pipeline, subject.account)
        only = Only(sellers or self.instance.sellers)
        found = []
        for group in self._ahead(subject):
            found += self._load_ahead(subject, group, only)
        compared = read_until if subject.purpose == SCHEDULED else None
        parts = [part for window in windows for part in _parts(window, compared)]
        return found + self._load_parts(subject, parts, only)

    def _ahead(self, subject: Subject) -> list[PushGroup]:
        """Return what goes first: only where a scheduled window shows that the load lags."""
        late = timedelta(minutes=self.jushita.ahead_after_minutes)
        lags = subject.purpose == SCHEDULED and subject.window.end - subject.window.start > late
        return [group for group in self.jushita.ahead if lags and group.table == self.table]

    def _load_ahead(self, subject: Subject, group: PushGroup, only: Only) -> list[Findings]:
        sellers = group.sellers or only.sellers
        if group.sellers and only.sellers:
            sellers = tuple(seller for seller in group.sellers if seller in only.sellers)
            if not sellers:
                return []
        part = replace(subject, filters=f"ahead={group.name}")
        return self._load_parts(part, [Part(subject.window)], Only(sellers, group.statuses))

    def _load_parts(self, subject: Subject, parts: Sequence[Part], only: Only) -> list[Findings]:
        found: list[Findings] = []
        started_at, left = clock.now(), subject.window
        try:
            with self._loader(only) as loader:
                for part in parts:
                    left = part.window
                    for gathered in part.gathered(loader):
                        found.append(
                            loader.publish(replace(subject, window=gathered.window), gathered, started_at)
                        )
                        log.info("%s: %d rows", _shown(gathered.window), len(gathered.seen))
                        started_at, left = clock.now(), Window(gathered.window.end, part.window.end)
        except WindowIncomplete:
            raise  # it has its certificate
        except PipelineError as error:
            self._certify(replace(subject, window=left), error, started_at)
            raise
        return found

    def _certify(self, subject: Subject, error: PipelineError, started_at: datetime) -> None:
        """Leave a certificate that says why a window is not loaded; in a session that the failure did not touch."""
        try:
            with open_target(self.jushita.target_conn_id) as session:
                certify_failure(session, subject, error, started_at)
        except Exception:
            log.exception("the failure of %s could not be certified", _shown(subject.window))

    @contextmanager
    def _loader(self, only: Only) -> Iterator[SysInfoLoader]:
        target = self.jushita.target_conn_id
        with (
            open_mysql(self.instance.conn_id) as rds,
            open_target(target) as session,
            open_target(target) as beside,
            ThreadPoolExecutor(1, "reader") as reader,
        ):
            source = SysInfoTable(rds, PUSHED[self.table], self.settings.page_rows, only)
            if not source.exists():
                log.info("there is no %s yet: nothing of it was pushed", self.table)
            loader = SysInfoLoader(source, session, beside, self.instance.name, self.settings, reader)
            try:
                yield loader
            finally:
                loader.close()


@dataclass(frozen=True)
class Part:
    """A part of a window.

    :param compared: it was read before, so only what is not in the warehouse just so is read again
    """

    window: Window
    compared: bool = False

    def gathered(self, loader: SysInfoLoader) -> Iterator[Gathered]:
        """Yield its slices, each ready to be published."""
        if self.compared:
            yield loader.compare(self.window)
        else:
            yield from loader.load(self.window)


def _parts(window: Window, read_until: datetime | None) -> list[Part]:
    """Cut a window into what was read before and what was not."""
    if read_until is None or read_until <= window.start:
        return [Part(window)]
    if read_until >= window.end:
        return [Part(window, compared=True)]
    return [Part(Window(window.start, read_until), compared=True), Part(Window(read_until, window.end))]


def _shown(window: Window) -> str:
    return f"{local_time(window.start):%Y-%m-%d %H:%M:%S} to {local_time(window.end):%Y-%m-%d %H:%M:%S}"
