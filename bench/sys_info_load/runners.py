"""Starts the runners, each a module of this folder in a process of its own, and checks what they brought."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from bench.measuring.job import variable
from bench.measuring.meter import Measured
from bench.measuring.own_mariadb import OwnMariaDB
from bench.measuring.own_postgres import OwnPostgres
from bench.measuring.run_process import run_process
from bench.measuring.table import Sample
from bench.sys_info_load.arrivals import shortcomings
from bench.sys_info_load.job import SOURCE, TARGET, TRADE, SysInfoLoad
from bench.sys_info_load.source import FROM, TO
from bench.sys_info_load.targets import COPY, DECODE, DLT, ONE, PANDAS, READ, ROWS, TWO
from devstack.steps import ROOT

_LIMITS = {READ: "limit_read", DECODE: "limit_decode", COPY: "limit_copy"}
_OURS = {ONE: "ours", TWO: "ours"}
_PEERS = {ROWS: "peer_row_by_row", PANDAS: "peer_pandas", DLT: "peer_dlt"}


@dataclass
class Runners:
    """:param peer: the Python of the environment in which the peers are"""

    source: OwnMariaDB
    target: OwnPostgres
    peer: Path
    measured: dict[tuple[int, str], list[Measured]] = field(default_factory=dict)

    def all(self, expected: Mapping[str, int], folder: str) -> dict[str, Callable[[], Sample]]:
        """Return them in the order in which they take turns. Ours are among them as soon as there is that module."""
        ours = _OURS if find_spec(_module("ours")) else {}
        return {
            runner: partial(self._run, runner, module, self._job(expected, folder, 2 if runner == TWO else 1))
            for runner, module in {**_LIMITS, **ours, **_PEERS}.items()
        }

    def prepare(self, expected: Mapping[str, int], folder: str) -> None:
        """Write what the limits need, and which fields occur, into the folder."""
        command = [sys.executable, "-m", _module("prepare"), *self._job(expected, folder, 1).arguments()]
        run_process("rows made ready for the limits", command, self._environment())

    def _run(self, runner: str, module: str, job: SysInfoLoad) -> Sample:
        n = job.expected[TRADE]
        title = f"{runner}, {n} trades"
        python = str(self.peer) if runner in _PEERS else sys.executable
        self.target.fresh()
        told = run_process(title, [python, "-m", _module(module), *job.arguments()], self._environment())
        if runner not in (READ, DECODE) and (
            wrong := shortcomings(self.target.url, told.pop("tables"), job.expected)
        ):
            sys.exit(f"{title}: {'; '.join(wrong)}")
        measured = Measured(**told)
        self.measured.setdefault((n, runner), []).append(measured)
        return Sample(measured.seconds, measured.peak_mb)

    def _job(self, expected: Mapping[str, int], folder: str, processes: int) -> SysInfoLoad:
        pids = {"mariadb": self.source.pid, "postgres": self.target.pid}
        servers = {name: pid for name, pid in pids.items() if pid}
        return SysInfoLoad(servers, FROM, TO, expected, folder, processes)

    def _environment(self) -> dict[str, str]:
        return {
            variable(SOURCE): self.source.url,
            variable(TARGET): self.target.url,
            "PYTHONPATH": str(ROOT / "plugins"),
        }


def _module(name: str) -> str:
    return f"bench.sys_info_load.{name}"
