"""What one call of the shop, and one look of the sender, take beside rows that are done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from psycopg.rows import dict_row

from bench.measuring.delays import Delays
from bench.order_push.job import SHOP
from bench.order_push.shop import OrderShop, enqueue
from retail_pipeline import clock
from retail_pipeline.databases.statements import statement
from retail_pipeline.pipelines.order_push.outbox import LEASE
from retail_pipeline.settings.order_push import OrderPush

PENDING, LOOKS = 20, 1_000
_PAY = "UPDATE t_store_order SET pay_time = now(), status = 'paid', last_modify_time = now() WHERE id = %s"


def enqueuing(shop: OrderShop, first: int, orders: int) -> Delays:
    """Orders whose first state is in the outbox are paid for: the call alone, in the transaction that says so.

    Timed at the client: its way to the server and back is in it.
    """
    shop.place(first, first + orders - 1)
    with shop.session() as backend:
        for number in range(first, first + orders):
            enqueue(backend, number)

        def paid(number: int) -> float:
            with backend.transaction():
                backend.execute(_PAY, [number])
                return _seconds(lambda: enqueue(backend, number))

        return _of(paid(number) for number in range(first, first + orders))


def looking(shop: OrderShop) -> Delays:
    """Look for what is due, as every drain begins; few rows are."""
    sql, values = statement("youshu/push_candidates").encode(), _values()
    with shop.session() as sender, sender.cursor(row_factory=dict_row) as cursor:
        return _of(_seconds(lambda: cursor.execute(sql, values).fetchall()) for _ in range(LOOKS))


def plan_of_a_look(shop: OrderShop) -> list[str]:
    """Return how the database looks for what is due, and what it reads for that."""
    explain = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) "
    with shop.session() as sender:
        lines = sender.execute((explain + statement("youshu/push_candidates")).encode(), _values()).fetchall()
    return [line for (line,) in lines]


def let_wait(shop: OrderShop, first: int) -> None:
    """Let few orders wait."""
    shop.place(first, first + PENDING - 1)
    with shop.session() as backend:
        for number in range(first, first + PENDING):
            enqueue(backend, number)


def _values() -> dict[str, object]:
    """Return what the outbox asks for one batch with."""
    settings, now = OrderPush(), clock.now()
    beyond = now + max(LEASE, timedelta(seconds=settings.max_retry_seconds))
    page = settings.batch_orders + 50
    every = settings.every_state
    return {
        "shop": SHOP,
        "every_state": every,
        "tried": False,
        "now": now,
        "beyond": beyond,
        "after": 0,
        "limit": page,
    }


def _of(delays: Iterator[float]) -> Delays:
    taken = list(delays)
    return Delays(taken, sum(taken))


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
