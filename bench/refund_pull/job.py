"""What a runner's process is told, and what it answers. Standard library only: dlt runs in an environment of its own.

The connections to the vendor and to the database are in the process's environment, as Airflow would have them.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PAGE_SIZE = 200
VENDOR, TARGET = "bench_wangdiantong", "bench_mysql"  # connection ids
DATABASE, DLT_DATABASE = "bench_aftersales", "bench_aftersales_dlt"
OWN = "own"


@dataclass(frozen=True)
class Job:
    """One run of one runner.

    :param start: the window that holds all orders, in Shanghai's time, ``yyyy-MM-dd HH:mm:ss``
    :param servers: processes whose CPU time is to be told as well, by name
    """

    orders: int
    start: str
    end: str
    fetchers: int
    servers: Mapping[str, int]

    @classmethod
    def told(cls) -> Job:
        """Return what this process was started for."""
        return cls(**json.loads(sys.argv[1]))

    def arguments(self) -> list[str]:
        return [json.dumps(asdict(self))]

    def window(self) -> dict[str, str]:
        """Return the window as the vendor's search wants it."""
        return {"modified_from": self.start, "modified_to": self.end}

    def check(self, what: str, found: int, expected: int) -> None:
        """End the bench where a runner did not do what it is measured for."""
        if found != expected:
            sys.exit(f"{found} {what} instead of {expected}")


@dataclass(frozen=True)
class Measured:
    """What a run took.

    :param peak_mb: the most memory it had, above what was in use before it began, all modules being imported
    :param cpu: seconds by process: ``own``, and the servers' by their names
    """

    seconds: float
    peak_mb: float
    cpu: Mapping[str, float]


class Meter:
    """Measures what happens within it; prints it as the last line of the process's output when told to."""

    def __init__(self, job: Job) -> None:
        self._servers = job.servers

    def __enter__(self) -> Meter:
        self._resident = _resident_mb()
        self._cpu = self._cpu_now()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cpu = {name: used - self._cpu[name] for name, used in self._cpu_now().items()}
        self._measured = Measured(seconds, max(0.0, peak - self._resident), cpu)

    def tell(self) -> None:
        print(json.dumps(asdict(self._measured)))

    def _cpu_now(self) -> dict[str, float]:
        return {OWN: time.process_time()} | {name: _cpu_of(pid) for name, pid in self._servers.items()}


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_of(pid: int) -> float:
    """Return the seconds in user and kernel mode of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connection(conn_id: str) -> dict[str, Any]:
    """Return a connection as the environment has it."""
    return dict(json.loads(os.environ[variable(conn_id)]))


def variable(conn_id: str) -> str:
    return f"AIRFLOW_CONN_{conn_id.upper()}"
