"""A source whose records move while it is read, and pools that fetch in an order a test decides on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from random import Random
from typing import Any

from retail_pipeline.windows.paged_reading import Attempt


@dataclass(frozen=True)
class GivenPage:
    total: int
    records: list[bytes]


@dataclass(frozen=True)
class Change:
    """One record leaves the window, or comes into it.

    :param where: 0 is the window's beginning, 1 its end
    """

    arrives: bool
    where: float


@dataclass
class MovingSource:
    """A window of a source.

    :param changes: what happens before each fetch after the first
    :param distort: what the source gets wrong, by the number of the fetch
    """

    count: int
    page_size: int
    changes: Sequence[Sequence[Change]] = ()
    distort: dict[int, Callable[[GivenPage], GivenPage]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = [b"%d" % number for number in range(self.count)]
        self.all_the_time = set(self.records)
        self._next = self.count

    def fetch(self, index: int) -> GivenPage:
        number = len(self.asked)
        self.asked.append(index)
        for change in self.changes[number - 1] if 0 < number <= len(self.changes) else ():
            self._change(change)
        start = index * self.page_size
        page = GivenPage(len(self.records), self.records[start : start + self.page_size])
        return self.distort.get(number, lambda same: same)(page)

    def _change(self, change: Change) -> None:
        if change.arrives:
            self.records.insert(round(change.where * len(self.records)), b"%d" % self._next)
            self._next += 1
        elif self.records:
            gone = self.records.pop(round(change.where * (len(self.records) - 1)))
            self.all_the_time.discard(gone)


class AtOnce(Executor):
    """Fetches when asked to."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except ConnectionError as error:
            future.set_exception(error)
        return future


class AnyOrder(Executor):
    """Fetches when somebody waits for it, and then as any number of threads might: in any order.

    :ivar max_waiting: how many fetches were asked for at the same time
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._waiting: list[tuple[Future[Any], Callable[..., Any], Any]] = []
        self.max_waiting = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = Awaited(self)
        self._waiting.append((future, fn, args))
        self.max_waiting = max(self.max_waiting, len(self._waiting))
        return future

    def work_until(self, wanted: Future[Any]) -> None:
        while not wanted.done():
            self._work_off(self._random.randrange(len(self._waiting)))

    def work_off_all(self) -> None:
        while self._waiting:
            self._work_off(0)

    def _work_off(self, position: int) -> None:
        future, fetch, args = self._waiting.pop(position)
        if future.set_running_or_notify_cancel():
            future.set_result(fetch(*args))


class Awaited(Future[Any]):
    """Sets its pool to work when it is waited for."""

    def __init__(self, pool: AnyOrder) -> None:
        super().__init__()
        self._pool = pool

    def result(self, timeout: float | None = None) -> Any:
        self._pool.work_until(self)
        return super().result(0)


def read(source: MovingSource, pool: Executor, *, alone: bool) -> tuple[Attempt, list[bytes], bool]:
    """Read a window once; return the pass, what it read, and whether it says that this is all."""
    reading = Attempt(source.fetch, pool, source.page_size, source.fetch(0), alone)
    records = [record for page in reading.pages() for record in page]
    return reading, records, reading.is_complete(len(set(records)))
