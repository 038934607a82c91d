"""Measures a runner within its own process. Standard library only: the peers run in an environment of their own."""

from __future__ import annotations

import json
import os
import re
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

OWN = "own"


@dataclass(frozen=True)
class Measured:
    """What a run took.

    :param peak_mb: the most memory that the process had, or one that it had started, whichever had more
    :param imported_mb: what was in use before the run began, all modules being imported
    :param cpu: seconds by process: ``own`` with those that it had started, and the servers' by their names
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
        self._servers_before = _cpu_of(self._servers)
        self._own_before = _own_cpu()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._started
        own = _own_cpu() - self._own_before
        servers = {name: cpu - self._servers_before[name] for name, cpu in _cpu_of(self._servers).items()}
        peak_of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        peak = max(_memory_mb("VmHWM"), peak_of_children)
        self.measured = Measured(seconds, peak, self._imported, {OWN: own, **servers})

    def tell(self, **facts: object) -> None:
        """:param facts: what else the bench must know"""
        print(json.dumps({**asdict(self.measured), **facts}))


def _memory_mb(what: str) -> float:
    """Read from /proc: getrusage's maximum begins with what the parent had when it started this process."""
    found = re.search(rf"^{what}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def _own_cpu() -> float:
    """Return the seconds of this process and of those children that have ended."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _cpu_of(servers: Mapping[str, int]) -> dict[str, float]:
    """Return the seconds in user and kernel mode of all their threads and all their children, ended or not."""
    ticks = dict.fromkeys(servers, 0)
    for fields in _processes():
        for name, pid in servers.items():
            if pid in (int(fields[0]), int(fields[3])):
                ticks[name] += sum(map(int, fields[13:17]))
    return {name: count / os.sysconf("SC_CLK_TCK") for name, count in ticks.items()}


def _processes() -> Iterator[list[str]]:
    """Yield the fields of /proc/PID/stat, the name of the program emptied: it may hold anything."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it has ended meanwhile
            continue
        yield re.sub(r"\(.*\)", "()", text, flags=re.DOTALL).split()
