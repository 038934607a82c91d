"""One line per step with the time it took, and errors that say how to fix them. Standard library only."""

from __future__ import annotations

import fcntl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"


class StackError(Exception):
    """Something the reader can fix; the text says how."""


@contextmanager
def step(text: str) -> Iterator[None]:
    """Write lines to stderr: stdout is for a script's output (`script/services env`)."""
    started = time.monotonic()
    yield
    print(f"  {text:<58} {time.monotonic() - started:6.1f} s", file=sys.stderr, flush=True)


@contextmanager
def shared(path: Path) -> Iterator[Callable[[], bool]]:
    """Share something among several runs; each may ask at its end whether it is the last, and then clean up."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield lambda: _taken(file)


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path, who: str = "") -> Iterator[None]:
    """Make two runs in one checkout wait for each other; the kernel frees the lock of a killed run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _taken(file):
            if who:
                print(f"  waiting for another {who} in this checkout", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
