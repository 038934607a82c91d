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
from retail_pipeline.pipelines.wangdiantong_aftersales.window import AftersalesLoader, refuse_other_times
from retail_pipeline.settings.retail import AftersalesLoadSettings, WangdiantongAccount
from retail_pipeline.vendors.attempts import in_place
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from retail_pipeline.windows.chunk_failures import ChunkFailures, shown
from retail_pipeline.windows.chunks import cut, cut_evenly, missing_intervals
from retail_pipeline.windows.failure_certificates import certify_left, certifying
from retail_pipeline.windows.ledger import REPAIR, Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.load_runs import loads_until
from retail_pipeline.windows.paged_reading import Fetch, Page, attempts
from retail_pipeline.windows.rate_limit import CallCounts, RateLimiter

log = logging.getLogger(__name__)

# While one chunk is published the next one is read.
BUFFERS = 2
# Seconds until a computing thread lets another one run.
PROMPT = 0.0005


@dataclass(frozen=True)
class Chunk:
    """A window that can be loaded in one transaction.

    :param first: its first page, if that was asked for already
    :param counts: its calls so far
    :param asked_at: the time before its first call
    """

    window: Window
    first: Page | None = None
    counts: CallCounts = field(default_factory=CallCounts)
    asked_at: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 (looked up when it is asked)


@dataclass
class AftersalesLoad:
    """Loads windows of one account for one run.

    :param pool: fetches pages; its size limits how many at once
    :param filters: of the vendor's search, beside the window
    :param until: after it no chunk but the first is begun: the next run loads the rest; None: all chunks are loaded
    """

    account: WangdiantongAccount
    settings: AftersalesLoadSettings
    client: WangdiantongClient
    limiter: RateLimiter
    pool: Executor
    filters: dict[str, str]
    until: datetime | None = None
    failures: ChunkFailures = field(default_factory=ChunkFailures)
    _begun: bool = field(default=False, init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False)

    def load(self, load_key: LoadKey, windows: list[Window]) -> list[Certificate]:
        """Load windows that leave no gap; return a certificate for each chunk, in the order of the windows.

        A chunk that cannot be loaded is certified as failed, and noted in ``failures``.
        """
        chunks = self._planned(load_key, windows)
        with ThreadPoolExecutor(BUFFERS, "buffer") as buffers:
            found = []
            for chunk, certificate in zip(
                chunks, buffers.map(self._load_chunk, [load_key] * len(chunks), chunks), strict=True
            ):
                found += certificate
                log.info("%s: %d of %d windows done", shown(chunk.window), len(found), len(chunks))
        return found

    def load_single(self, load_key: LoadKey) -> Certificate:
        """Load the orders that the filters find, whenever they were modified.

        :raises PipelineError: also certified
        """
        return self._load_window(load_key, Chunk(load_key.window), None)

    def repair(self, load_key: LoadKey, missing: list[str]) -> ChunkFailures:
        """Fetch orders by their numbers; return the failures, which say nothing about the windows.

        An order that a database trigger discards fails at every run, and must not stop new windows. Where the vendor
        cannot be reached, the other orders are left to a later run.
        """
        failures = ChunkFailures()
        for number in missing:
            if failures.hopeless:
                break
            log.info("fetching %s first: it did not arrive last time", number)
            key = replace(load_key, purpose=REPAIR, filters=f"refund_no={number}")
            with failures.of(f"order {number}"):
                replace(self, filters={"refund_no": number}).load_single(key)
                failures.loaded()
        return failures

    def _planned(self, load_key: LoadKey, windows: list[Window]) -> list[Chunk]:
        """Ask for the first page of each window: an answer shows that the vendor can be reached."""
        found: list[Chunk] = []
        for window in windows:
            if found and self._is_over():
                log.info("%s is left to the next run", shown(Window(window.start, windows[-1].end)))
                break
            if chunks := self._chunks(load_key, Chunk(window)):
                self.failures.loaded()
                found += chunks
        return found

    def _chunks(self, load_key: LoadKey, chunk: Chunk) -> list[Chunk]:
        """Cut a window that holds more than a transaction should; yield nothing where it cannot be asked for."""
        if self.failures.hopeless:
            self.failures.leave(chunk.window)
            return []
        key = replace(load_key, window=chunk.window)
        with self.failures.of(shown(chunk.window)), self._certifying(key, chunk):
            return self._cut(chunk)
        return []

    def _cut(self, chunk: Chunk) -> list[Chunk]:
        """Cut a window into equal parts; since orders are unevenly spread, aim at half of the allowed number."""
        window, limit = chunk.window, self.settings.chunk_orders
        asked_at = chunk.asked_at if chunk.first else clock.now()
        first = chunk.first or self._first(self._fetch(window, chunk.counts))
        if first.total <= limit or window.end - window.start <= SECOND:
            return [replace(chunk, first=first, asked_at=asked_at)]
        log.info("%s holds %d orders: cut", shown(window), first.total)
        start, *others = cut_evenly(window, -(-2 * first.total // limit))
        return [Chunk(start, counts=chunk.counts), *map(Chunk, others)]

    def _is_over(self) -> bool:
        return self.until is not None and clock.now() >= self.until

    def _load_chunk(self, load_key: LoadKey, chunk: Chunk) -> list[Certificate]:
        if self._begun and self._is_over():
            log.info("%s is left to the next run", shown(chunk.window))
            return []
        chunks = self._chunks(load_key, chunk)
        if len(chunks) != 1:
            return [certificate for smaller in chunks for certificate in self._load_chunk(load_key, smaller)]
        self._begun = True
        with self.failures.of(shown(chunk.window)):
            found = self._load_window(replace(load_key, window=chunk.window), chunks[0], chunk.window)
            self.failures.loaded()
            return [found]
        return []

    def _load_window(self, load_key: LoadKey, chunk: Chunk, between: Window | None) -> Certificate:
        """Read a chunk while the one before is published, then publish it.

        :param between: the window in which its orders were modified; None: any time
        """
        fetch = self._fetch(between, chunk.counts)
        with self._certifying(load_key, chunk), ExitStack() as opened:
            with self._reading:
                session = opened.enter_context(open_target(self.account.target_conn_id, stages=True))
                loader = AftersalesLoader(session, self.account.name, self.settings)
                opened.callback(loader.close)
                start = chunk.first or self._first(fetch)
                staged, count = loader.stage(
                    attempts(fetch, self.pool, self.settings.page_size, start, self.settings.max_attempts)
                )
            if between:
                refuse_other_times(staged, between, chunk.asked_at)
            return loader.publish(load_key, staged, count, chunk.counts, chunk.asked_at)

    def _certifying(self, load_key: LoadKey, chunk: Chunk) -> AbstractContextManager[None]:
        target = partial(open_target, self.account.target_conn_id)
        return certifying(target, load_key, started_at=chunk.asked_at, counts=chunk.counts)

    def _first(self, fetch: Fetch) -> Page:
        """Fetch a window's first page in the pool, which limits how many are fetched at once."""
        return self.pool.submit(fetch, 0).result()

    def _fetch(self, window: Window | None, counts: CallCounts) -> Fetch:
        filters = {**self.filters, **(_between(window) if window else {})}
        size = self.settings.page_size

        def fetch(index: int) -> Page:
            def ask() -> Page:
                return self.client.search_refunds(filters, page=index, page_size=size)

            return in_place(lambda: self.limiter.call(ask, counts))

        return fetch


def load_window(
    account: WangdiantongAccount,
    settings: AftersalesLoadSettings,
    client: WangdiantongClient,
    calls_per_minute: int,
    load_key: LoadKey,
    planned_at: datetime,
    filters: dict[str, str],
) -> list[Certificate]:
    """Load the parts of a window that are not loaded yet, or, where the filters name an order, that order.

    Orders that an earlier try found missing are fetched first, each by its own number.

    :param calls_per_minute: shared with every other task of the same connection
    :param planned_at: parts that another scheduled run has completed since then are left alone
    :raises PipelineError: also certified; all that could be loaded is loaded
    """
    with (
        _prompt_threads(),
        open_target(account.target_conn_id) as session,
        ThreadPoolExecutor(settings.fetchers, "fetch") as pool,
    ):
        ledger = WindowLedger(session)
        missing = ledger.missing_keys(load_key)
        left = missing_intervals(load_key.window, ledger.complete_windows(load_key, planned_at))
        windows = [chunk for window in left for chunk in cut(window, settings.chunk_length)]
        limiter = RateLimiter(session, account.conn_id, calls_per_minute)
        until = loads_until(load_key.purpose, planned_at, settings)
        load = AftersalesLoad(account, settings, client, limiter, pool, filters, until)
        if "refund_no" in filters:
            return [load.load_single(load_key)]
        repairs = load.repair(load_key, missing)
        found = load.load(load_key, windows)
        certify_left(partial(open_target, account.target_conn_id), load_key, load.failures)
        load.failures.raise_all(repairs)
        return found


@contextmanager
def _prompt_threads() -> Iterator[None]:
    """Let threads that wait for the network continue soon while another thread computes.

    A reply consists of many short waits, and after each of them a thread must get the interpreter back. With Python's
    usual 5 ms a page took one and a half times as long.
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
