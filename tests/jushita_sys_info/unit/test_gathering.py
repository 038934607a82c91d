"""What is gathered of a window, and pages that are read ahead of their use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from retail_pipeline.business_time import day_window
from retail_pipeline.pipelines.jushita_sys_info.gathering import Gathered, read_ahead
from retail_pipeline.vendors.taobao.sys_info import Tally
from retail_pipeline.windows.quarantine import Rejected
from tests.patience import PATIENCE

WINDOW = day_window(date(2026, 11, 22))


def gathered() -> Gathered:
    """One row in each state."""
    aside = Rejected(b"", "3", "not_json", "")
    return Gathered(WINDOW, staged={1: 10}, known={2: 20}, rejected={3: aside}, seen={1: 10, 2: 20, 3: 30})


def test_a_tally_is_of_all_that_was_seen_also_of_what_was_set_aside():
    assert gathered().tally() == Tally(total=3, checksum=60)
    assert Gathered(WINDOW).tally() == Tally(0, 0)


def test_rows_that_are_read_again_are_forgotten_and_those_on_the_stage_named():
    found = gathered()

    assert found.forget([3, 1, 2, 4]) == [1]
    assert (found.staged, found.known, found.rejected) == ({}, {}, {})


def test_other_rows_stay():
    found = gathered()

    assert found.forget([4]) == []
    assert (set(found.staged), set(found.known), set(found.rejected)) == ({1}, {2}, {3})


def test_a_print_of_nothing_is_forgotten_like_any_other():
    assert Gathered(WINDOW, staged={1: 0}).forget([1]) == [1]


def test_what_was_seen_stays_seen_until_it_is_read_anew():
    found = gathered()
    found.forget([1, 2, 3])

    assert found.tally() == Tally(3, 60)


# Reading ahead


class Source:
    """Pages that note when they are asked for, in one list with the tickets."""

    def __init__(self, *pages: str) -> None:
        self.events: list[str] = []
        self.read = {page: threading.Event() for page in pages}
        self._pages = pages
        self._reading_times = 0

    def pages(self) -> Iterator[str]:
        for page in self._pages:
            self.events.append(page)
            self.read[page].set()
            yield page
        self.events.append("end")

    def reading_time(self) -> str:
        self._reading_times += 1
        self.events.append(f"reading_time {self._reading_times}")
        return f"reading_time {self._reading_times}"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_pages_come_in_their_order_each_with_the_moment_before_it_was_asked_for(pool):
    source = Source("a", "b", "c")

    found = list(read_ahead(source.pages(), source.reading_time, pool))

    assert found == [("reading_time 1", "a"), ("reading_time 2", "b"), ("reading_time 3", "c")]
    assert source.events == [
        "reading_time 1",
        "a",
        "reading_time 2",
        "b",
        "reading_time 3",
        "c",
        "reading_time 4",
        "end",
    ]


def test_a_source_without_pages_yields_none(pool):
    source = Source()

    assert list(read_ahead(source.pages(), source.reading_time, pool)) == []


def test_the_next_page_is_read_while_one_is_used_and_no_page_beyond_it(pool):
    source = Source("a", "b", "c")
    with closing(read_ahead(source.pages(), source.reading_time, pool)) as pages:
        next(pages)
        assert source.read["b"].wait(PATIENCE)
        assert pool.submit(lambda: source.events[-1]).result() == "b"


class WhenAsked(Executor):
    """A pool that is so slow that nothing of it is done before somebody waits for it."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return _Waiting(fn)


class _Waiting(Future[Any]):
    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:
        self.exception(timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if not self.done():
            self.set_result(self._work())
        return super().exception(timeout)


def test_closing_early_waits_for_the_page_that_the_session_is_reading():
    source = Source("a", "b", "c")
    pages = read_ahead(source.pages(), source.reading_time, WhenAsked())
    next(pages)
    assert source.events == ["reading_time 1", "a"]

    pages.close()
    assert source.events == ["reading_time 1", "a", "reading_time 2", "b"]


def test_a_fault_of_the_source_comes_where_its_page_would_have(pool):
    def broken() -> Iterator[str]:
        yield "a"
        raise ConnectionError("gone")

    pages = read_ahead(broken(), lambda: "t", pool)

    assert next(pages) == ("t", "a")
    with pytest.raises(ConnectionError, match="gone"):
        next(pages)


def test_who_closes_early_does_not_hear_of_a_fault_that_came_later(pool):
    failed = threading.Event()

    def broken() -> Iterator[str]:
        yield "a"
        failed.set()
        raise ConnectionError("gone")

    pages = read_ahead(broken(), lambda: "t", pool)
    next(pages)
    assert failed.wait(PATIENCE)
    pages.close()
