"""How long it takes to pull refund orders from the vendor's pages (200 orders, 50 ms each) into MariaDB.

``limit:fetch`` is fetching alone, one page after the other, through our own client; ``peer:dlt`` is what a user of
dlt would write. Each run is a new process; imports and connecting are not timed, and memory (``peak_mb``) is the peak
above what was in use when the modules were imported and the run began. A run that did not bring every order, or whose
certificates are not complete, ends the bench. The vendor is a sandbox of the bench's own, and so are the databases.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.measuring import peer_venv
from bench.measuring.cpu_shares import cpu_shares
from bench.measuring.job import variable
from bench.measuring.meter import Measured
from bench.measuring.own_mariadb import OwnMariaDB
from bench.measuring.run_process import run_process
from bench.measuring.table import Row, Sample, arguments, show, take_turns
from bench.refund_pull import vendor
from bench.refund_pull.job import DATABASE, DLT_DATABASE, TARGET, VENDOR, RefundPull
from bench.refund_pull.targets import DLT, FOUR, LIMIT, ONE, OURS, judged
from bench.refund_pull.vendor import Vendor
from devstack.steps import LOCAL, ROOT, locked, step

SIZES = (10_000, 100_000)
ROUNDS = 3
PATIENCE = 300.0  # seconds; a runner that takes longer is run once
OURS_RUN, DLT_RUN = "bench.refund_pull.ours", "bench.refund_pull.peer_dlt"


@dataclass
class Runners:
    """Starts the runners' processes, and keeps what they measured."""

    vendor: Vendor
    target: OwnMariaDB
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
        job = RefundPull(servers, orders, vendor.FROM, vendor.TO, fetchers)
        self.target.fresh()  # dlt makes its own databases
        title, command = f"{runner}, {orders} orders", [*command, *job.arguments(), *what]
        measured = Measured(**run_process(title, command, self._environment()))
        self.measured.setdefault((orders, runner), []).append(measured)
        return Sample(measured.seconds, measured.above_imports_mb)

    def _environment(self) -> dict[str, str]:
        connections = {VENDOR: self.vendor.connection(), TARGET: self.target.connection}
        return {
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
        OwnMariaDB(DATABASE, DLT_DATABASE, f"{DLT_DATABASE}_staging") as target,  # dlt merges from the last
    ):
        runners = Runners(shop, target, peer)
        for orders in SIZES[:1] if options.quick else SIZES:
            with step(f"{orders} orders at the vendor"):
                shop.fill(orders)
            rows += take_turns(runners.all(orders), n=orders, rounds=ROUNDS, patience=PATIENCE)
    show(rows, options.json, memory="MB above imports")
    print("\nTargets:", *judged(rows), sep="\n")
    shown = {key: runs for key, runs in runners.measured.items() if key[1] in (LIMIT, *OURS)}
    print("\nWhere the time of ours went:", *cpu_shares(shown), sep="\n")


if __name__ == "__main__":
    main()
