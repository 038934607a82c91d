"""Daemon threads, which end with their process: a slow channel or database holds up no task."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Condition, Thread
from types import TracebackType
from typing import Self, TypeVar

Result = TypeVar("Result")
# In seconds: how long the owner waits for the last jobs at its end, less than Airflow gives a stopped task. Another
# process does what is not done by then.
_LAST_WORDS = 3.0
log = logging.getLogger(__name__)


def begin(work: Callable[[], Result]) -> Future[Result]:
    """Do something in a thread of its own, and return at once."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as fault:  # noqa: BLE001 (the caller of result() gets it)
            future.set_exception(fault)

    _thread(run).start()
    return future


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return the result of ``work``; if it takes longer, it goes on in its thread.

    A socket's timeout does not limit the whole exchange: a slow look-up of a name, a header that comes byte by byte,
    a mail server that pauses again and again.

    :raises TimeoutError: it took longer than ``seconds``
    """
    return begin(work).result(timeout=seconds)


class Aside:
    """Does jobs in a thread beside its owner, one at a time; of waiting jobs with the same name, only the latest.

    The owner never waits for a job while it works, and it does not get the result.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, Callable[[], object]] = {}
        self._changed = Condition()
        self._ends = False
        self._thread = _thread(self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait a short time for the jobs that were given."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        self._thread.join(_LAST_WORDS)

    def do(self, name: str, job: Callable[[], object]) -> None:
        """Have a job done."""
        with self._changed:
            self._jobs[name] = job
            self._changed.notify()

    def _run(self) -> None:
        while job := self._next():
            try:
                job()
            except Exception:
                log.exception("what was done aside has failed")

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._ends)
            return self._jobs.pop(next(iter(self._jobs))) if self._jobs else None


def _thread(work: Callable[[], object]) -> Thread:
    """Return a thread in the context of whoever makes it, by which the log knows whose it is."""
    return Thread(target=copy_context().run, args=[work], name="aside", daemon=True)
