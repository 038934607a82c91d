"""The chunks of a window that failed: the others are loaded all the same, and the task fails in the end, naming all.

Otherwise one chunk that can never be loaded would hold up all that comes after it. But if several chunks fail in
succession, the chunk is not the cause: a vendor or a database is down, and trying the rest would only take hours.
The same holds when somebody must correct a connection.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from retail_pipeline.business_time import Window, local_time
from retail_pipeline.errors import AuthRejected, ChunksFailed, ConfigError, told

IN_SUCCESSION = 3


class ChunkFailures:
    """The failures of one load; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[tuple[str, Exception]] = []
        self._in_succession = 0
        self._left: list[Window] = []

    @property
    def hopeless(self) -> bool:
        """Return whether the rest is not worth trying."""
        return self._in_succession >= IN_SUCCESSION or self._to_be_mended() is not None

    @contextmanager
    def of(self, chunk: str) -> Iterator[None]:
        """Note a failure inside, and go on after it.

        :param chunk: in words
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001 (raised in the end)
            self.note(chunk, error)

    def note(self, chunk: str, error: Exception) -> None:
        """Note a chunk that failed."""
        with self._lock:
            self._found.append((chunk, error))
            self._in_succession += 1

    def loaded(self) -> None:
        """Note that one was loaded."""
        with self._lock:
            self._in_succession = 0

    def leave(self, window: Window) -> None:
        """Note a chunk that is not worth trying."""
        with self._lock:
            self._left.append(window)

    @property
    def left(self) -> Window | None:
        """Return the time that was not tried, from its first moment to its last."""
        if not self._left:
            return None
        return Window(min(window.start for window in self._left), max(window.end for window in self._left))

    @property
    def last(self) -> str:
        """Return the failure that was noted last, as text that a table may hold."""
        return told(self._found[-1][1])

    def raise_all(self, *others: ChunkFailures) -> None:
        """Raise the failures of ``others`` and of this one: a single one as it is, several as ``ChunksFailed``."""
        for failures in (*others, self):
            if error := failures._to_be_mended():
                raise error
        found = [each for failures in (*others, self) for each in failures._found]
        if len(found) == 1:
            raise found[0][1]
        if found:
            each = "; ".join(f"{chunk}: {told(error)}" for chunk, error in found)
            rest = ", and what comes behind was not tried" if self.hopeless else ""
            raise ChunksFailed(f"{len(found)} chunks failed{rest}: {each}", [error for _, error in found])

    def _to_be_mended(self) -> Exception | None:
        return next(
            (error for _, error in self._found if isinstance(error, (ConfigError, AuthRejected))), None
        )


def shown(window: Window) -> str:
    """Return a window for a log or a message."""
    return f"{local_time(window.start):%Y-%m-%d %H:%M:%S} to {local_time(window.end):%Y-%m-%d %H:%M:%S}"
