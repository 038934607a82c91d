"""Loads windows of a source that gives pages; what an earlier try found missing is fetched first, by its number."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from retail_pipeline.business_time import SECOND, Window
from retail_pipeline.settings.retail import PagedLoadSettings
from retail_pipeline.vendors.attempts import in_place
from retail_pipeline.windows.chunk_failures import ChunkFailures, shown
from retail_pipeline.windows.chunks import cut, cut_evenly, missing_intervals
from retail_pipeline.windows.double_buffer import Begun, Buffers, DoubleBuffer, Part, Read
from retail_pipeline.windows.failure_certificates import certify_left, certifying
from retail_pipeline.windows.ledger import REPAIR, Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.load_runs import loads_until
from retail_pipeline.windows.paged_chunks import PagedChunk, PagedLoader
from retail_pipeline.windows.paged_reading import Fetch, Page, attempts
from retail_pipeline.windows.paged_source import PagedSource, Search
from retail_pipeline.windows.rate_limit import CallCounts, RateLimiter

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# Seconds until a computing thread lets another one run.
PROMPT = 0.0005
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PagedLoad:
    """How one account's records are loaded.

    :param open_target: opens a session with the target; ``stages=True`` if rows are staged in it
    :param limit: the rate limiter's name and its calls a minute, shared with every other task of that name
    :param filters: of the source's search, beside the window
    """

    source: PagedSource
    search: Search
    settings: PagedLoadSettings
    open_target: Callable[..., AbstractContextManager[Session]]
    limit: tuple[str, int]
    filters: dict[str, str]

    def load(self, load_key: LoadKey, planned_at: datetime) -> list[Certificate]:
        """Load the parts of a window that are not loaded yet, or, where the filters name a record, that record.

        :param planned_at: parts that another scheduled run has completed since then are left alone
        :raises PipelineError: also certified; all that could be loaded is loaded
        """
        with (
            _prompt_threads(),
            self.open_target() as session,
            ThreadPoolExecutor(self.settings.fetchers, "fetch") as pool,
        ):
            ledger = WindowLedger(session)
            missing = ledger.missing_keys(load_key)
            left = missing_intervals(load_key.window, ledger.complete_windows(load_key, planned_at))
            failures = ChunkFailures()
            until = loads_until(load_key.purpose, planned_at, self.settings)
            chunks = PagedChunks(self, RateLimiter(session, *self.limit), pool, load_key, until, failures)
            if self.source.lookup in self.filters:
                return [chunks.load_single(load_key, self.filters)]
            repairs = chunks.repair(missing)
            found = chunks.load([Part(each) for gap in left for each in cut(gap, self.settings.chunk_length)])
            certify_left(self.open_target, load_key, failures)
            failures.raise_all(repairs)
            return found


class PagedChunks(DoubleBuffer[Part, PagedLoader]):
    """Chunks of one run.

    :param pool: fetches pages; its size limits how many at once
    """

    def __init__(
        self,
        load: PagedLoad,
        limiter: RateLimiter,
        pool: Executor,
        load_key: LoadKey,
        until: datetime | None,
        failures: ChunkFailures,
    ) -> None:
        super().__init__(load.open_target, load_key, until, failures)
        self._paged = load
        self._limits = load.settings
        self._limiter = limiter
        self._pool = pool
        self._begun = False
        self._chunk: tuple[Window, list[Part]]

    @contextmanager
    def opened(self) -> Iterator[Buffers[PagedLoader]]:
        """Return what opens loaders: the source has no session."""
        with Buffers(self._loader) as buffers:
            yield buffers

    def read(self, loader: PagedLoader, part: Part, chunk: Begun) -> Read[Part]:
        """Read a chunk; of a part that holds more than a transaction should, the first of equal chunks."""
        self._begun = True
        self._chunk = part.window, []
        first = self._first(chunk.counts)
        while first.total > self._limits.chunk_orders and self._chunk[0].end - self._chunk[0].start > SECOND:
            log.info("%s holds %d records: cut", shown(self._chunk[0]), first.total)
            # Records are unevenly spread, so half of the allowed number is aimed at.
            start, *others = cut_evenly(self._chunk[0], -(-2 * first.total // self._limits.chunk_orders))
            self._chunk = start, [*map(Part, others), *self._chunk[1]]
            first = self._first(chunk.counts)
        window, left = self._chunk
        staged = self._staged(loader, self._between(window), first, chunk)
        staged.refuse_other_times(window, chunk.started_at)
        return Read(window, lambda load_key: loader.publish(load_key, staged, chunk.started_at), left)

    def may_wait(self, part: Part) -> bool:  # noqa: ARG002
        """Tell whether a chunk was begun before."""
        return self._begun

    def behind(self, part: Part, loader: PagedLoader | None) -> tuple[Window, Sequence[Part]]:
        """Return the chunk that failed, and those into which the rest of its part was cut."""
        return (part.window, ()) if loader is None else self._chunk

    def load_single(self, load_key: LoadKey, filters: Mapping[str, str]) -> Certificate:
        """Load the records that the filters find, whenever they were modified.

        :raises PipelineError: also certified
        """
        chunk = Begun(load_key.window)
        certified = certifying(self._open_session, load_key, started_at=chunk.started_at, counts=chunk.counts)
        with certified, self._loader() as loader:
            first = self._pool.submit(self._fetch(filters, chunk.counts), 0).result()
            staged = self._staged(loader, filters, first, chunk)
            return loader.publish(load_key, staged, chunk.started_at)

    def repair(self, missing: Sequence[str]) -> ChunkFailures:
        """Fetch records by their numbers; return the failures, which say nothing about the windows.

        A record that a database trigger discards fails at every run, and must not stop new windows. Where the vendor
        cannot be reached, the other records are left to a later run.
        """
        failures, lookup = ChunkFailures(), self._paged.source.lookup
        for number in missing if lookup else ():
            if failures.hopeless:
                break
            log.info("fetching %s first: it did not arrive last time", number)
            key = replace(self._key, purpose=REPAIR, filters=f"{lookup}={number}")
            with failures.of(f"record {number}"):
                self.load_single(key, {lookup: number})
                failures.loaded()
        return failures

    def _staged(
        self, loader: PagedLoader, filters: Mapping[str, str], first: Page, chunk: Begun
    ) -> PagedChunk:
        fetch, limits = self._fetch(filters, chunk.counts), self._limits
        staged = loader.stage(attempts(fetch, self._pool, limits.page_size, first, limits.max_attempts))
        staged.counts = chunk.counts
        return staged

    def _first(self, counts: CallCounts) -> Page:
        """Fetch a chunk's first page in the pool, which limits how many are fetched at once."""
        return self._pool.submit(self._fetch(self._between(self._chunk[0]), counts), 0).result()

    def _fetch(self, filters: Mapping[str, str], counts: CallCounts) -> Fetch:
        search, size = self._paged.search, self._limits.page_size

        def fetch(index: int) -> Page:
            return in_place(
                lambda: self._limiter.call(lambda: search(filters, page=index, page_size=size), counts)
            )

        return fetch

    def _between(self, window: Window) -> dict[str, str]:
        return {**self._paged.filters, **self._paged.source.between(window)}

    @contextmanager
    def _loader(self) -> Iterator[PagedLoader]:
        with (
            self._paged.open_target(stages=True) as session,
            closing(PagedLoader(session, self._paged.source, self._limits)) as loader,
        ):
            yield loader


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
