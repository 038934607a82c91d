"""How long it takes to pull refund orders from the vendor's pages (200 orders, 50 ms each) into MariaDB.

``limit:fetch`` is fetching alone, one page after the other, through our own client; ``peer:dlt`` is what a user of
dlt would write. Each run is a new process; imports and connecting are not timed, and memory (``peak_mb``) is the peak
above what was in use when the modules were imported and the run began. A run that did not bring every order, or whose
certificates are not complete, ends the bench. The vendor is a sandbox of the bench's own, and so are the databases.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from bench.refund_pull import peer_venv, vendor
from bench.refund_pull.job import OWN, TARGET, VENDOR, Job, Measured, variable
from bench.refund_pull.target import Target, own_databases
from bench.refund_pull.targets import DLT, FOUR, LIMIT, ONE, OURS, judged
from bench.refund_pull.vendor import Vendor
from bench.table import Row, Sample, arguments, show, take_turns
from native.steps import LOCAL, ROOT, locked, step

SIZES = (10_000, 100_000)
ROUNDS = 3
PATIENCE = 300.0  # seconds; a runner that takes longer is run once
OURS_RUN, DLT_RUN = "bench.refund_pull.ours", "bench.refund_pull.peer_dlt"


@dataclass
class Runners:
    """Starts the runners' processes, and keeps what they measured."""

    vendor: Vendor
    target: Target
    peer: Path
    measured: dict[tuple[int, str], list[Measured]] = field(default_factory=dict)

    def all(self, orders: int) -> dict[str, Callable[[], Sample]]:
        run = partial(self._run, orders)
        return {
            LIMIT: partial(run, LIMIT, [sys.executable, "-m", OURS_RUN], "limit"),
            ONE: partial(run, ONE, [sys.executable, "-m", OURS_RUN], "load"),
            FOUR: partial(run, FOUR, [sys.executable, "-m", OURS_RUN], "load", fetchers=4),
            DLT: partial(run, DLT, [str(self.peer), "-m", DLT_RUN]),
        }

    def _run(self, orders: int, runner: str, command: list[str], *what: str, fetchers: int = 1) -> Sample:
        servers = {"sandbox": self.vendor.pid} | ({"mariadb": self.target.pid} if self.target.pid else {})
        job = Job(orders, vendor.FROM, vendor.TO, fetchers, servers)
        self.target.fresh()
        with step(f"{runner}, {orders} orders"):
            done = subprocess.run(
                [*command, *job.arguments(), *what],
                env=self._environment(), cwd=ROOT, capture_output=True, text=True, check=False,
            )  # fmt: skip
        if done.returncode:
            sys.exit(f"{runner} failed:\n{done.stderr[-3000:]}")
        measured = Measured(**json.loads(done.stdout.splitlines()[-1]))
        self.measured.setdefault((orders, runner), []).append(measured)
        return Sample(measured.seconds, measured.peak_mb)

    def _environment(self) -> dict[str, str]:
        connections = {VENDOR: self.vendor.connection(), TARGET: self.target.connection}
        return {
            **os.environ,
            **{variable(name): json.dumps(connection) for name, connection in connections.items()},
            "PYTHONPATH": str(ROOT / "plugins"),  # the peer signs as we do
        }


def main() -> None:
    """Print the table, the targets, and where the time went."""
    options = arguments(__doc__ or "")
    peer = peer_venv.interpreter()
    rows: list[Row] = []
    with (
        locked(LOCAL / "bench-aftersales.lock", "script/bench aftersales"),
        vendor.started() as shop,
        own_databases() as target,
    ):
        runners = Runners(shop, target, peer)
        for orders in SIZES[:1] if options.quick else SIZES:
            with step(f"{orders} orders at the vendor"):
                shop.fill(orders)
            rows += take_turns(runners.all(orders), n=orders, rounds=ROUNDS, patience=PATIENCE)
    show(rows, options.json, memory="MB above imports")
    print("\nTargets:", *judged(rows), sep="\n")
    print("\nWhere the time of ours went:", *_where(runners), sep="\n")


def _where(runners: Runners) -> Iterable[str]:
    """CPU seconds by process, medians; a core's worth of them beside the run's own seconds is a bottleneck."""
    for (orders, runner), measured in runners.measured.items():
        if runner not in (LIMIT, *OURS):
            continue
        seconds = median(each.seconds for each in measured)
        used = {name: median(each.cpu[name] for each in measured) for name in measured[0].cpu}
        shown = ", ".join(f"{name} {cpu:.2f} s ({cpu / seconds:.0%})" for name, cpu in used.items())
        yield f"{runner:<20} {orders:>7}: of {seconds:.2f} s, CPU {shown.replace(OWN, 'own process')}"


if __name__ == "__main__":
    main()
