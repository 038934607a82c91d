"""Starts senders, each in a process of its own, and checks that every order came exactly once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from subprocess import PIPE, Popen

from bench.measuring.job import variable
from bench.measuring.meter import Measured
from bench.measuring.own_postgres import OwnPostgres
from bench.measuring.run_process import run_process
from bench.measuring.table import Sample
from bench.order_push.job import HOLDS_LOCK, SHOP, STORE, YOUSHU, Sending
from bench.order_push.shop import FOUR_STATES, ONE_STATE, OrderShop
from bench.order_push.targets import BACKLOG, SEED, STATES
from bench.order_push.vendor import Vendor
from devstack.airflow_settings import shared_settings
from devstack.steps import ROOT, step
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock

_SENDER, _SEED = "bench.order_push.sender", "bench.order_push.seed_design"


@dataclass
class Runners:
    """:ivar at_once: the most calls that were at the vendor at the same time"""

    database: OwnPostgres
    vendor: Vendor
    measured: dict[tuple[int, str], list[Measured]] = field(default_factory=dict)
    at_once: int = 0

    def backlogs(self, shop: OrderShop, rows: int) -> dict[str, Callable[[], Sample]]:
        """Return senders that empty an outbox: one state of so many orders, or four of a quarter of them."""
        run = partial(self._drain, shop, rows, [_SENDER, "once"])
        return {BACKLOG: partial(run, BACKLOG), STATES: partial(run, STATES, states=FOUR_STATES)}

    def seed_design(self, shop: OrderShop, rows: int) -> dict[str, Callable[[], Sample]]:
        """Return the first design, which takes a turn of its clock for each 50 rows."""
        return {SEED: partial(self._drain, shop, rows, [_SEED], SEED)}

    def _drain(
        self,
        shop: OrderShop,
        rows: int,
        module: Sequence[str],
        runner: str,
        states: Sequence[str] = ONE_STATE,
    ) -> Sample:
        title = f"{runner}, {rows} rows"
        with step(f"{rows} rows in the outbox"):
            shop.pile_up(rows, states=states)
        name, *what = module
        command = [sys.executable, "-m", name, *self._job(rows).arguments(), *what]
        measured = Measured(**run_process(title, command, self._environment()))
        self.came_once(title, shop, rows)
        self.measured.setdefault((rows, runner), []).append(measured)
        return Sample(measured.seconds, measured.peak_mb)

    @contextmanager
    def holding_its_lock(self, shop: OrderShop, orders: int) -> Iterator[list[Measured]]:
        """Have a sender as in production, that listens; it hands over at the end, and measured then."""
        command = [sys.executable, "-m", _SENDER, *self._job(orders).arguments(), "stay"]
        environment, measured = {**os.environ, **self._environment()}, list[Measured]()
        with Popen(command, env=environment, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as process:
            try:
                assert process.stdout
                if any(line.strip() == HOLDS_LOCK for line in process.stdout):
                    yield measured
                    with shop.session() as session:
                        SenderLock(session, SHOP, rank=2).take(max_seconds=30)
                told, faults = process.communicate(timeout=30)
            finally:
                process.terminate()
        if process.returncode or not told:
            sys.exit(f"the sender failed:\n{faults[-3000:]}")
        measured.append(Measured(**json.loads(told.splitlines()[-1])))

    def came_once(self, title: str, shop: OrderShop, rows: int) -> None:
        """End the bench where not every row was taken exactly once."""
        seen = self.vendor.seen()
        self.at_once = max(self.at_once, seen.at_once)
        found = {"sent": seen.orders, "distinct": seen.distinct, "recorded": shop.counted("status = 1")}
        if wrong := {what: count for what, count in found.items() if count != rows}:
            sys.exit(f"{title}: {wrong} instead of {rows} rows")

    def _job(self, orders: int) -> Sending:
        servers = {"vendor": self.vendor.pid} | ({"postgres": self.database.pid} if self.database.pid else {})
        return Sending(servers, orders)

    def _environment(self) -> dict[str, str]:
        return {
            "MALLOC_ARENA_MAX": shared_settings()["MALLOC_ARENA_MAX"],  # as Airflow's processes have it
            variable(STORE): self.database.url,
            variable(YOUSHU): json.dumps(self.vendor.connection()),
            "PYTHONPATH": str(ROOT / "plugins"),
        }
