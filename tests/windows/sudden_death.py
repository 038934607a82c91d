"""A process that dies between any two steps: from then on it neither asks the source nor the database anything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymysql.connections import Connection

from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient

Method = tuple[type, str]


class Died(BaseException):
    """Not an Exception: nothing of ours may catch it and go on."""


class SuddenDeath:
    """Counts the steps of a run, and ends it at one of them.

    A step is a call to the source or a command to a database. The connection of a dead process is closed, as the
    kernel would do, and so its server rolls back what was not committed.

    :param asks: the method that asks the source
    :param steps: more methods that are a step each
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        asks: Method = (WangdiantongClient, "search_refunds"),
        steps: Iterable[Method] = (),
    ) -> None:
        self._lock = threading.Lock()
        self._watching = False
        self._left: int | None = None
        self._done_first = False
        self._dead = False
        self._at_call: tuple[int, Callable[[], None]] | None = None
        self._calls = 0
        for owner, name in ((Connection, "_execute_command"), *steps):
            patch.setattr(owner, name, self._counted(getattr(owner, name)))
        patch.setattr(*asks, self._counted(self._interrupted(getattr(*asks))))

    @contextmanager
    def after(self, steps: int | None, *, step_is_done: bool = False) -> Iterator[None]:
        """Die at a step, before it is done or just after; None: live on."""
        self._watching, self._left, self._done_first, self._dead = True, steps, step_is_done, False
        try:
            yield
        except Died:
            pass
        finally:
            self._watching = False

    @contextmanager
    def meanwhile(self, calls: int, happening: Callable[[], None]) -> Iterator[None]:
        """Let something happen once, after so many calls to the source, while the run waits for its answer."""
        self._at_call, self._calls = (calls, happening), 0
        try:
            yield
        finally:
            self._at_call = None

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """What happens inside is done by somebody else."""
        watching, self._watching = self._watching, False
        try:
            yield
        finally:
            self._watching = watching

    def _counted(self, step: Any) -> Any:
        def counted(owner: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._watching:
                return step(owner, *args, **kwargs)
            last = self._is_last()
            if not last or self._done_first:
                result = step(owner, *args, **kwargs)
            if last:
                raise Died
            return result

        return counted

    def _interrupted(self, ask: Any) -> Any:
        def interrupted(owner: Any, *args: Any, **kwargs: Any) -> Any:
            answer = ask(owner, *args, **kwargs)
            with self._lock:
                self._calls += 1
                happening = self._at_call[1] if self._at_call and self._calls == self._at_call[0] else None
            if happening:
                happening()
            return answer

        return interrupted

    def _is_last(self) -> bool:
        with self._lock:
            if self._dead:
                raise Died
            if self._left is None:
                return False
            self._left -= 1
            self._dead = self._left < 0
            return self._dead
