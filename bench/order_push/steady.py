"""Orders that come steadily while a sender is holding its lock: from the moment of an order until Youshu has it."""

from __future__ import annotations

import sys
import time

from bench.measuring.delays import Delays
from bench.order_push.runners import Runners
from bench.order_push.shop import OrderShop, enqueue, place
from bench.order_push.targets import LATENCY
from devstack.steps import step

A_SECOND = 20
PATIENCE = 60.0  # seconds that the last of them may take
_DELAYS = "SELECT extract(epoch FROM accepted_at - event_time)::float8 FROM t_store_youshu_request"


def steady(runners: Runners, shop: OrderShop, orders: int) -> Delays:
    """Place and enqueue orders one by one, each in a transaction of its own, as a shop's backend does."""
    title = f"{LATENCY}, {orders} orders, {A_SECOND} a second"
    shop.pile_up(0)
    with step(title), runners.holding_its_lock(shop, orders) as measured:
        started = time.perf_counter()
        _order_steadily(shop, orders, started)
        _wait_for_the_last(shop, orders)
        seconds = time.perf_counter() - started
    runners.came_once(title, shop, orders)
    return Delays([delay for (delay,) in shop.asked(_DELAYS)], seconds, measured[0].peak_mb)


def _order_steadily(shop: OrderShop, orders: int, started: float) -> None:
    with shop.session() as backend:
        for number in range(1, orders + 1):
            time.sleep(max(0.0, started + number / A_SECOND - time.perf_counter()))
            with backend.transaction():
                place(backend, number, number)
                enqueue(backend, number)


def _wait_for_the_last(shop: OrderShop, orders: int) -> None:
    end = time.monotonic() + PATIENCE
    while (accepted := shop.counted("status = 1")) < orders:
        if time.monotonic() > end:
            sys.exit(f"{LATENCY}: {orders - accepted} orders were not accepted after {PATIENCE:g} s")
        time.sleep(0.05)
