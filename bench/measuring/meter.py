"""Measures a runner within its own process. Standard library only: the peers run in an environment of their own."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

OWN = "own"


@dataclass(frozen=True)
class Measured:
    """What a run took.

    :param peak_mb: the most memory that the process had
    :param imported_mb: what of it was in use before the run began, all modules being imported
    :param cpu: seconds by process: ``own``, and the servers' by their names
    """

    seconds: float
    peak_mb: float
    imported_mb: float
    cpu: Mapping[str, float]

    @property
    def above_imports_mb(self) -> float:
        return max(0.0, self.peak_mb - self.imported_mb)


class Meter:
    """Measures what happens within it; prints it as the last line of the process's output when told to."""

    def __init__(self, servers: Mapping[str, int]) -> None:
        self._servers = servers

    def __enter__(self) -> Meter:
        self._imported = _memory_mb("VmRSS")
        self._cpu = self._cpu_now()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._started
        cpu = {name: used - self._cpu[name] for name, used in self._cpu_now().items()}
        self._measured = Measured(seconds, _memory_mb("VmHWM"), self._imported, cpu)

    def tell(self) -> None:
        print(json.dumps(asdict(self._measured)))

    def _cpu_now(self) -> dict[str, float]:
        return {OWN: time.process_time()} | {name: _cpu_of(pid) for name, pid in self._servers.items()}


def _memory_mb(what: str) -> float:
    """Read from /proc: getrusage's maximum begins with what the parent had when it started this process."""
    found = re.search(rf"^{what}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def _cpu_of(pid: int) -> float:
    """Return the seconds in user and kernel mode of all its threads and all its children, ended or not."""
    family = [fields for fields in _processes() if pid in (int(fields[0]), int(fields[3]))]
    ticks = sum(int(ticks) for fields in family for ticks in fields[13:17])
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[list[str]]:
    """Yield the fields of /proc/PID/stat, the name of the program emptied: it may hold anything."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it has ended meanwhile
            continue
        yield re.sub(r"\(.*\)", "()", text, flags=re.DOTALL).split()
