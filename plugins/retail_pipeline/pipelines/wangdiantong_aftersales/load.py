"""Windows of Wangdiantong's refund orders → MySQL: one is read while another is published."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from retail_pipeline import clock
from retail_pipeline.business_time import SECOND, Window, local_time
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.wangdiantong_aftersales.window import WindowLoader, refuse_other_times
from retail_pipeline.settings.retail import AftersalesReading, WangdiantongAccount
from retail_pipeline.vendors.attempts import in_place
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from retail_pipeline.windows.certificates import certify_left, certifying
from retail_pipeline.windows.chunk_failures import ChunkFailures, shown
from retail_pipeline.windows.ledger import REPAIR, Findings, Subject, WindowLedger
from retail_pipeline.windows.load_runs import loads_until
from retail_pipeline.windows.paged_reading import Fetch, Page, passes
from retail_pipeline.windows.rate_limit import CallBudget, Tally
from retail_pipeline.windows.slices import cut, cut_evenly, uncovered

log = logging.getLogger(__name__)

# While one chunk is published the next one is read.
LANES = 2
# Seconds until a thread that computes lets another one go on.
PROMPT = 0.0005


@dataclass(frozen=True)
class Piece:
    """A window that can be loaded in one transaction.

    :param first: its first page where that was asked for already
    :param tally: what it has cost so far
    :param asked_at: before anything of it was asked for
    """

    window: Window
    first: Page | None = None
    tally: Tally = field(default_factory=Tally)
    asked_at: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 (looked up when it is asked)


@dataclass
class AftersalesLoad:
    """Loads windows of one account for one run.

    :param pool: fetches pages; its size bounds how many at once
    :param filters: of the vendor's search, beside the window
    :param until: no piece but the first is begun later: what is left is due to the next run; None: all are
    """

    account: WangdiantongAccount
    settings: AftersalesReading
    client: WangdiantongClient
    budget: CallBudget
    pool: Executor
    filters: dict[str, str]
    until: datetime | None = None
    failures: ChunkFailures = field(default_factory=ChunkFailures)
    _begun: bool = field(default=False, init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False)

    def load(self, subject: Subject, windows: list[Window]) -> list[Findings]:
        """Load windows that leave no gap; return a certificate for each piece, in the order of the windows.

        One that cannot be loaded is certified as failed, and noted in ``failures``.
        """
        pieces = self._planned(subject, windows)
        with ThreadPoolExecutor(LANES, "lane") as lanes:
            found = []
            for piece, findings in zip(
                pieces, lanes.map(self._load_piece, [subject] * len(pieces), pieces), strict=True
            ):
                found += findings
                log.info("%s: %d of %d windows done", shown(piece.window), len(found), len(pieces))
        return found

    def load_single(self, subject: Subject) -> Findings:
        """Load what the filters find, whenever it was modified.

        :raises PipelineError: certified as well
        """
        return self._load_window(subject, Piece(subject.window), None)

    def repair(self, subject: Subject, missing: list[str]) -> ChunkFailures:
        """Fetch orders by their numbers; return what failed, which says nothing of the windows.

        An order that a trigger swallows fails at every run, and must not end what is new. Where the vendor is gone
        the rest comes with its windows.
        """
        failures = ChunkFailures()
        for number in missing:
            if failures.hopeless:
                break
            log.info("fetching %s first: it did not arrive last time", number)
            part = replace(subject, purpose=REPAIR, filters=f"refund_no={number}")
            with failures.of(f"order {number}"):
                replace(self, filters={"refund_no": number}).load_single(part)
                failures.loaded()
        return failures

    def _planned(self, subject: Subject, windows: list[Window]) -> list[Piece]:
        """Ask for the first page of each window: one that comes shows that the vendor is there."""
        found: list[Piece] = []
        for window in windows:
            if found and self._is_over():
                log.info("%s is left to the next run", shown(Window(window.start, windows[-1].end)))
                break
            if pieces := self._pieces(subject, Piece(window)):
                self.failures.loaded()
                found += pieces
        return found

    def _pieces(self, subject: Subject, piece: Piece) -> list[Piece]:
        """Cut a window that holds more than a transaction should; none where it cannot be asked for."""
        if self.failures.hopeless:
            self.failures.leave(piece.window)
            return []
        part = replace(subject, window=piece.window)
        with self.failures.of(shown(piece.window)), self._certifying(part, piece):
            return self._cut(piece)
        return []

    def _cut(self, piece: Piece) -> list[Piece]:
        """Pieces are even, so aim at half of what is allowed."""
        window, limit = piece.window, self.settings.slice_orders
        asked_at = piece.asked_at if piece.first else clock.now()
        first = piece.first or self._first(self._fetch(window, piece.tally))
        if first.total <= limit or window.end - window.start <= SECOND:
            return [replace(piece, first=first, asked_at=asked_at)]
        log.info("%s holds %d orders: cut", shown(window), first.total)
        start, *others = cut_evenly(window, -(-2 * first.total // limit))
        return [Piece(start, tally=piece.tally), *map(Piece, others)]

    def _is_over(self) -> bool:
        return self.until is not None and clock.now() >= self.until

    def _load_piece(self, subject: Subject, piece: Piece) -> list[Findings]:
        if self._begun and self._is_over():
            log.info("%s is left to the next run", shown(piece.window))
            return []
        pieces = self._pieces(subject, piece)
        if len(pieces) != 1:
            return [findings for smaller in pieces for findings in self._load_piece(subject, smaller)]
        self._begun = True
        with self.failures.of(shown(piece.window)):
            found = self._load_window(replace(subject, window=piece.window), pieces[0], piece.window)
            self.failures.loaded()
            return [found]
        return []

    def _load_window(self, subject: Subject, piece: Piece, between: Window | None) -> Findings:
        """Read a piece while the one before is published, then publish it.

        :param between: when its orders were modified; None: whenever
        """
        fetch = self._fetch(between, piece.tally)
        with self._certifying(subject, piece), ExitStack() as opened:
            with self._reading:
                session = opened.enter_context(open_target(self.account.target_conn_id, stages=True))
                loader = WindowLoader(session, self.account.name, self.settings)
                opened.callback(loader.close)
                start = piece.first or self._first(fetch)
                staged, count = loader.stage(
                    passes(fetch, self.pool, self.settings.page_size, start, self.settings.most_passes)
                )
            if between:
                refuse_other_times(staged, between, piece.asked_at)
            return loader.publish(subject, staged, count, piece.tally, piece.asked_at)

    def _certifying(self, subject: Subject, piece: Piece) -> AbstractContextManager[None]:
        target = partial(open_target, self.account.target_conn_id)
        return certifying(target, subject, started_at=piece.asked_at, tally=piece.tally)

    def _first(self, fetch: Fetch) -> Page:
        """Fetch a window's first page in the pool, which bounds how many are fetched at once."""
        return self.pool.submit(fetch, 0).result()

    def _fetch(self, window: Window | None, tally: Tally) -> Fetch:
        filters = {**self.filters, **(_between(window) if window else {})}
        size = self.settings.page_size

        def fetch(index: int) -> Page:
            def ask() -> Page:
                return self.client.search_refunds(filters, page=index, page_size=size)

            return in_place(lambda: self.budget.call(ask, tally))

        return fetch


def load_window(
    account: WangdiantongAccount,
    settings: AftersalesReading,
    client: WangdiantongClient,
    calls_per_minute: int,
    subject: Subject,
    planned_at: datetime,
    filters: dict[str, str],
) -> list[Findings]:
    """Load what is not loaded yet of a window, or, where the filters name an order, that one.

    What an earlier try found missing is fetched first, each by its own number.

    :param calls_per_minute: shared with every other task of the same connection
    :param planned_at: parts that another scheduled run has completed since then are left alone
    :raises PipelineError: certified as well; what could be loaded is loaded
    """
    with (
        _prompt_threads(),
        open_target(account.target_conn_id) as session,
        ThreadPoolExecutor(settings.fetchers, "fetch") as pool,
    ):
        ledger = WindowLedger(session)
        missing = ledger.missing_keys(subject)
        left = uncovered(subject.window, ledger.complete_windows(subject, planned_at))
        windows = [piece for window in left for piece in cut(window, settings.slice_length)]
        budget = CallBudget(session, account.conn_id, calls_per_minute)
        until = loads_until(subject.purpose, planned_at, settings)
        load = AftersalesLoad(account, settings, client, budget, pool, filters, until)
        if "refund_no" in filters:
            return [load.load_single(subject)]
        repairs = load.repair(subject, missing)
        found = load.load(subject, windows)
        certify_left(partial(open_target, account.target_conn_id), subject, load.failures)
        load.failures.raise_all(repairs)
        return found


@contextmanager
def _prompt_threads() -> Iterator[None]:
    """Let who waits for the network go on soon while another thread computes.

    A reply is many short waits, and after each of them a thread must get the interpreter back. With Python's usual
    5 ms that added half to the time of a page.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(PROMPT)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _between(window: Window) -> dict[str, str]:
    ends = {"modified_from": window.start, "modified_to": window.end}
    return {name: f"{local_time(moment):%Y-%m-%d %H:%M:%S}" for name, moment in ends.items()}
