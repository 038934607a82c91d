"""A shop's day in a short time: orders are placed and go on, each change in its transaction when it happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg

from sandbox.business_clock import SHANGHAI
from sandbox.shop.orders import Course, Order, orders_of, return_of
from sandbox.shop.tables import (
    COUPON_COLUMNS,
    ITEM_COLUMNS,
    ORDER_COLUMNS,
    RETURN_COLUMNS,
    RETURN_ITEM_COLUMNS,
    TABLES,
    coupon_rows,
    item_rows,
    order_row,
    parcel,
    return_item_rows,
    return_row,
)

# When an order is placed and how it ends is the day's; how long it takes in between is the play's.
_PLACED_WITHIN = 0.6
_TIMES = {"paid": "pay_time", "shipped": "ship_time", "finished": "finish_time"}
# Nothing of a course is cut off.
_LATER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to an order, so long after the play began."""

    after: timedelta
    order: Order
    what: str


def script_of(orders: list[Order], length: timedelta, seed: int) -> list[Event]:
    """All that happens in a play of that length, in its order."""
    draw = Random(f"{seed}/play")
    events = []
    for order in orders:
        local = order.course.created.astimezone(SHANGHAI)
        share = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(days=1)
        after = length * share * _PLACED_WITHIN
        for what in _steps(order.course):
            events.append(Event(after, order, what))
            after += length * draw.uniform(0.02, (1 - _PLACED_WITHIN) / 3)
    return sorted(events, key=lambda event: (event.after, event.order.id))


def _steps(course: Course) -> Iterator[str]:
    yield "created"
    if course.paid:
        yield "paid"
    for what in ("shipped", "finished", "refunded"):
        if getattr(course, what):
            yield what
    if course.cancelled:
        yield "cancelled_paid" if course.paid else "cancelled_unpaid"


class Play:
    """Plays a shop's backend.

    :param enqueue: it calls youshu_enqueue_order and youshu_enqueue_return, in the transaction of the change
    """

    def __init__(
        self, connection: psycopg.Connection[Any], shop: str, *, enqueue: bool, now: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._shop = shop
        self._enqueue = enqueue
        self._now = now
        self._happened: dict[int, dict[str, datetime]] = {}

    def orders(self, count: int, seed: int) -> list[Order]:
        """Orders of today, with numbers that go on where the day's orders end."""
        now = self._now().astimezone(SHANGHAI)
        with self._connection.transaction():
            self._connection.execute(TABLES.read_bytes())
        [first] = list(orders_of(self._shop, now.date(), 1, seed, now + _LATER))
        free = "SELECT COALESCE(max(id) + 1, %s) FROM t_store_order WHERE shop = %s AND id >= %s AND id < %s"
        values = (first.id, self._shop, first.id, first.id + 10**6)
        [(begin,)] = self._connection.execute(free, values).fetchall()
        made = orders_of(self._shop, now.date(), count, seed, now + _LATER)
        return [replace(order, id=begin + n, code=f"0{begin + n}") for n, order in enumerate(made)]

    def run(
        self,
        events: list[Event],
        sleep: Callable[[float], None],
        tell: Callable[[int], None] = lambda _: None,
    ) -> Counter[str]:
        """Let everything happen at its time; how often what happened.

        :param tell: told after each how many have happened
        """
        began = self._now()
        done: Counter[str] = Counter()
        for event in events:
            wait = (began + event.after - self._now()).total_seconds()
            if wait > 0:
                sleep(wait)
            self.step(event)
            done[event.what] += 1
            tell(done.total())
        return done

    def step(self, event: Event) -> None:
        """Commit one change."""
        now, order = self._now(), event.order
        past = self._happened.setdefault(order.id, {})
        past[event.what] = now
        with self._connection.transaction():
            match event.what:
                case "created":
                    self._place(order, now)
                case "refunded":
                    self._give_back(order, now, past["paid"])
                case _:
                    self._go_on(order, event.what, now)
            if self._enqueue:
                self._connection.execute("SELECT youshu_enqueue_order(%s, %s)", (self._shop, order.id))

    def _place(self, order: Order, now: datetime) -> None:
        placed = replace(order, course=Course(now, "created", now), transaction_id=None)
        self._insert("t_store_order", ORDER_COLUMNS, order_row(placed))
        for row in item_rows(placed):
            self._insert("t_store_order_item", ITEM_COLUMNS, row)
        for row in coupon_rows(placed):
            self._insert("t_store_order_coupon", COUPON_COLUMNS, row)

    def _go_on(self, order: Order, what: str, now: datetime) -> None:
        paid_by = order.transaction_id if what == "paid" else None
        self._connection.execute(
            f"UPDATE t_store_order SET status = %s, {_TIMES.get(what, 'cancel_time')} = %s, last_modify_time = %s,"
            " pay_transaction_id = COALESCE(%s, pay_transaction_id) WHERE id = %s".encode(),
            (what, now, now, paid_by, order.id),
        )
        if what == "shipped":
            self._connection.execute(
                "UPDATE t_store_order SET express_company_code = %s, express_company_name = %s, express_code = %s"
                " WHERE id = %s",
                (*parcel(order), order.id),
            )

    def _give_back(self, order: Order, now: datetime, paid: datetime) -> None:
        refunded = replace(order, course=replace(order.course, paid=paid, refunded=now))
        goods_back = return_of(refunded)
        assert goods_back, "a refunded order has a return"
        self._connection.execute(
            "UPDATE t_store_order SET status = 'refunded', last_modify_time = %s WHERE id = %s",
            (now, order.id),
        )
        self._insert("t_store_order_return", RETURN_COLUMNS, return_row(refunded, goods_back))
        for row in return_item_rows(refunded, goods_back):
            self._insert("t_store_order_return_item", RETURN_ITEM_COLUMNS, row)
        if self._enqueue:
            self._connection.execute("SELECT youshu_enqueue_return(%s, %s)", (self._shop, goods_back.id))

    def _insert(self, table: str, columns: str, row: tuple[Any, ...]) -> None:
        places = ", ".join(["%s"] * len(row))
        self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})".encode(), row)
