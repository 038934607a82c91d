"""Loads chunk after chunk: while one is published the next one is read.

Reading waits for a source and publishing for a target. So two loaders take turns, each with a session and a stage of
its own. A chunk that fails holds up no other: it is certified and noted, its session is replaced, and the load goes
on behind it.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import told
from retail_pipeline.windows.chunk_failures import ChunkFailures, shown
from retail_pipeline.windows.failure_certificates import certify
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.rate_limit import CallCounts

if TYPE_CHECKING:
    from retail_pipeline.windows.failure_certificates import OpenSession

BUFFERS = 2
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """A part of a window that is still to be loaded: a chunk, or more than one."""

    window: Window


PartT = TypeVar("PartT", bound=Part)
Loader = TypeVar("Loader")
# Publishes one chunk that was read, under its load key.
Publish = Callable[[LoadKey], Certificate]


class Buffers(Generic[Loader]):
    """Loaders that take turns: while one publishes, the next one reads. Leaving the context closes them.

    :param opening: opens a loader, which is closed with its context
    """

    def __init__(self, opening: Callable[[], AbstractContextManager[Loader]]) -> None:
        self._opening = opening
        self._opened = ExitStack()
        self._loaders: deque[tuple[Loader, ExitStack]] = deque()

    def __enter__(self) -> Buffers[Loader]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._opened.__exit__(kind, error, trace)

    def next(self) -> Loader:
        """Return the loader whose turn it is; the other one may still publish."""
        if len(self._loaders) < BUFFERS:
            own = ExitStack()
            self._loaders.append((own.enter_context(self._opening()), own))
            self._opened.push(own)
        else:
            self._loaders.rotate(-1)
        return self._loaders[-1][0]

    def discard(self, loader: Loader, error: Exception) -> Exception:
        """Close a loader that failed; return the error as its session's context tells it."""
        [(_, own)] = [each for each in self._loaders if each[0] is loader]
        self._loaders = deque(each for each in self._loaders if each[0] is not loader)
        try:
            with own:
                raise error
        except Exception as classed:  # noqa: BLE001 (returned)
            return classed
        return error


@dataclass
class Begun:
    """A chunk on its way.

    :ivar window: of the chunk; until it is read, of all that is left of its part
    """

    window: Window
    started_at: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 (looked up when it is asked)
    counts: CallCounts = field(default_factory=CallCounts)


class Read(NamedTuple, Generic[PartT]):
    """What a loader has read.

    :ivar window: of the chunk
    :ivar left: what is left of the part behind it
    """

    window: Window
    publish: Publish
    left: Sequence[PartT] = ()


class _Publishing(NamedTuple):
    chunk: Begun
    loader: Any
    certificate: Future[Certificate]


class DoubleBuffer(ABC, Generic[PartT, Loader]):
    """Loads parts of a window for one run; a subclass says how its source is opened and read.

    :param open_session: opens a session with the target, for the certificates of failures
    :param until: after it only what may not wait is begun: the next run loads the rest; None: all is loaded
    :param failures: takes the chunks that could not be loaded, each certified
    """

    def __init__(
        self,
        open_session: OpenSession,
        load_key: LoadKey,
        until: datetime | None,
        failures: ChunkFailures,
    ) -> None:
        self._open_session = open_session
        self._key = load_key
        self._until = until
        self._found: list[Certificate] = []
        self._publishing: _Publishing | None = None
        self._reading: tuple[Begun, Loader | None] | None = None
        self._settled = True
        self.failures = failures

    @abstractmethod
    def opened(self) -> AbstractContextManager[Buffers[Loader]]:
        """Open the source, and what opens loaders."""

    @abstractmethod
    def read(self, loader: Loader, part: PartT, chunk: Begun) -> Read[PartT]:
        """Read a part's first chunk.

        :param chunk: counts the calls to the source
        """

    @abstractmethod
    def may_wait(self, part: PartT) -> bool:
        """Tell whether a part is left to the next run when the time is over."""

    def behind(self, part: PartT, loader: Loader | None) -> tuple[Window, Sequence[PartT]]:  # noqa: ARG002
        """Return the window of a chunk that could not be read, and what is left of its part behind it.

        :param loader: that tried; None if it could not be opened
        """
        return part.window, ()

    def load(self, parts: Iterable[PartT]) -> list[Certificate]:
        """Load all that can be loaded; return a certificate for each chunk, in their order."""
        waiting = deque(parts)
        while waiting and not self.failures.hopeless:
            self._reading, self._settled = None, True
            try:
                self._load(waiting)
            except Exception as error:
                if not waiting:
                    raise  # all is published, and something could not be closed
                if self._settled:
                    self._go_on_behind(waiting, error)
                else:  # what failed the chunk before may have failed this one: it is read again in new sessions
                    log.warning("%s is read again: %s", shown(waiting[0].window), told(error))
        for part in waiting:
            self.failures.leave(part.window)
        found, self._found = self._found, []
        return found

    def _load(self, waiting: deque[PartT]) -> None:
        with self.opened() as buffers, ThreadPoolExecutor(1, "publish") as thread:
            while waiting and not self.failures.hopeless:
                if self._is_over() and self.may_wait(waiting[0]):
                    log.info("%s is left to the next run", shown(waiting.popleft().window))
                    continue
                chunk = Begun(waiting[0].window)
                self._reading = chunk, None
                try:
                    loader = buffers.next()
                    self._reading = chunk, loader
                    read = self.read(loader, waiting[0], chunk)
                finally:
                    self._settled = self._settle(buffers)
                self._reading = None
                waiting.popleft()
                waiting.extendleft(reversed(read.left))
                chunk = replace(chunk, window=read.window)
                done = thread.submit(read.publish, replace(self._key, window=read.window))
                self._publishing = _Publishing(chunk, loader, done)
            self._settle(buffers)

    def _settle(self, buffers: Buffers[Loader]) -> bool:
        """Wait for the chunk that is being published; return False if it failed, which concerns no other."""
        publishing, self._publishing = self._publishing, None
        if publishing is None:
            return True
        try:
            certificate = publishing.certificate.result()
        except Exception as error:  # noqa: BLE001 (noted, and raised in the end)
            self._fail(publishing.chunk, buffers.discard(publishing.loader, error))
            return False
        self._found.append(certificate)
        self.failures.loaded()
        log.info("%s: %s records", shown(publishing.chunk.window), certificate.source_keys)
        return True

    def _go_on_behind(self, waiting: deque[PartT], error: Exception) -> None:
        """Note the chunk that could not be read; where nothing could be opened, that is all that waits."""
        if self._reading is None:
            chunk = Begun(Window(waiting[0].window.start, waiting[-1].window.end))
            waiting.clear()
        else:
            chunk, loader = self._reading
            window, left = self.behind(waiting.popleft(), loader)
            chunk = replace(chunk, window=window)
            waiting.extendleft(reversed(left))
        self._fail(chunk, error)

    def _fail(self, chunk: Begun, error: Exception) -> None:
        key = replace(self._key, window=chunk.window)
        certify(self._open_session, key, error, chunk.started_at, chunk.counts)
        self.failures.note(shown(chunk.window), error)

    def _is_over(self) -> bool:
        return self._until is not None and clock.now() >= self._until
