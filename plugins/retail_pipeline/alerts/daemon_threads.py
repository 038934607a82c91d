"""Threads that nobody has to wait for, and that end with their process: whatever a channel or a database does
holds up nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from types import TracebackType
from typing import Self, TypeVar

Result = TypeVar("Result")
# Who ends lets his last job go on for so long: less than Airflow lets a task that was stopped. What is not done then,
# another process does.
_LAST_WORDS = 3.0
log = logging.getLogger(__name__)


def begin(work: Callable[[], Result]) -> Future[Result]:
    """Do something in a thread of its own, and return at once."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as fault:  # noqa: BLE001 (whoever asks for the result gets it)
            future.set_exception(fault)

    Thread(target=run, name="alerts", daemon=True).start()
    return future


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what something returns; it goes on in its thread where it takes longer.

    No socket has a limit on the whole: a name that is looked up, a header that drips, a mail server that stutters.

    :raises TimeoutError: it took longer
    """
    return begin(work).result(timeout=seconds)


class Aside:
    """Does jobs beside its owner, one after the other; of those of one name that wait, only the latest.

    The owner never waits for a job while it works, and it need not know what came of it.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, Callable[[], object]] = {}
        self._changed = Condition()
        self._ends = False
        self._thread = Thread(target=self._run, name="alerts", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the jobs that were given be done, if they are done soon."""
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
