"""Starts senders, each in a process of its own, and checks that every order came exactly once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import PIPE, Popen

from bench.measuring.job import variable
from bench.measuring.meter import Measured
from bench.measuring.own_postgres import OwnPostgres
from bench.measuring.run_process import run_process
from bench.measuring.table import Sample
from bench.order_push.job import ON_POST, SHOP, STORE, YOUSHU, Sending
from bench.order_push.shop import OrderShop
from bench.order_push.targets import BACKLOG, SEED
from bench.order_push.vendor import Vendor
from native.steps import ROOT, step
from retail_pipeline.youshu.push_post import Post

_SENDER, _SEED = "bench.order_push.sender", "bench.order_push.seed_design"


@dataclass
class Runners:
    """:ivar at_once: the most calls that were at the vendor at the same time"""

    database: OwnPostgres
    vendor: Vendor
    measured: dict[tuple[int, str], list[Measured]] = field(default_factory=dict)
    at_once: int = 0

    def backlog(self, shop: OrderShop, orders: int) -> Sample:
        """Let a sender empty an outbox in which so many orders wait."""
        return self._drain(shop, orders, BACKLOG, _SENDER, "once")

    def seed_design(self, shop: OrderShop, orders: int) -> Sample:
        """Let the first design have so many orders, and a turn of its clock for each 50 of them."""
        return self._drain(shop, orders, SEED, _SEED)

    def _drain(self, shop: OrderShop, orders: int, runner: str, module: str, *what: str) -> Sample:
        title = f"{runner}, {orders} orders"
        with step(f"{orders} orders in the outbox"):
            shop.pile_up(orders)
        command = [sys.executable, "-m", module, *self._job(orders).arguments(), *what]
        measured = Measured(**run_process(title, command, self._environment()))
        self.came_once(title, shop, orders)
        self.measured.setdefault((orders, runner), []).append(measured)
        return Sample(measured.seconds, measured.peak_mb)

    @contextmanager
    def on_its_post(self, shop: OrderShop, orders: int) -> Iterator[list[Measured]]:
        """Have a sender as in production, that listens; it is relieved at the end, and measured then."""
        command = [sys.executable, "-m", _SENDER, *self._job(orders).arguments(), "stay"]
        environment, measured = {**os.environ, **self._environment()}, list[Measured]()
        with Popen(command, env=environment, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as process:
            try:
                assert process.stdout
                if any(line.strip() == ON_POST for line in process.stdout):
                    yield measured
                    with shop.session() as session:
                        Post(session, SHOP).take(most_seconds=30)
                told, faults = process.communicate(timeout=30)
            finally:
                process.terminate()
        if process.returncode or not told:
            sys.exit(f"the sender failed:\n{faults[-3000:]}")
        measured.append(Measured(**json.loads(told.splitlines()[-1])))

    def came_once(self, title: str, shop: OrderShop, orders: int) -> None:
        """End the bench where not every order was taken exactly once."""
        seen = self.vendor.seen()
        self.at_once = max(self.at_once, seen.at_once)
        found = {"sent": seen.orders, "distinct": seen.distinct, "recorded": shop.counted("status = 1")}
        if wrong := {what: count for what, count in found.items() if count != orders}:
            sys.exit(f"{title}: {wrong} instead of {orders} orders")

    def _job(self, orders: int) -> Sending:
        servers = {"vendor": self.vendor.pid} | ({"postgres": self.database.pid} if self.database.pid else {})
        return Sending(servers, orders)

    def _environment(self) -> dict[str, str]:
        return {
            variable(STORE): self.database.url,
            variable(YOUSHU): json.dumps(self.vendor.connection()),
            "PYTHONPATH": str(ROOT / "plugins"),
        }
