"""The after-sales orders of all accounts, and everything that can be done to them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sandbox.business_clock import SHANGHAI, shanghai_day
from sandbox.wangdiantong.order_book import OrderBook, Window
from sandbox.wangdiantong.order_changes import moved, put_there, spread
from sandbox.wangdiantong.order_press import OrderPress
from sandbox.wangdiantong.stored_order import StoredOrder

_DAY_MS = 86_400_000
_FIRST_ID = {"flagship": 51_000_001, "outlet": 52_000_001}
# At the start: so many orders a day, every one of ten in the same second as the one before it.
_ORDERS_A_DAY = 120
_TWINS = 10


class Refunds:
    def __init__(self, seed: int, account: str) -> None:
        self._press = OrderPress(seed, account)
        self._first_id = _FIRST_ID[account]
        self._book: OrderBook | None = None

    def book(self, at: float) -> OrderBook:
        """Filled when it is first looked into, with the last two days before the clock; the start stays fast."""
        if self._book is None:
            self._book = OrderBook()
            self._book.replace_all(self._recent(int(at * 1000)))
        return self._book

    def fill(self, count: int, window: Window) -> None:
        """So many orders, spread evenly over the window, in whole seconds as the vendor's stamps are."""
        first, last = window
        step = (last - first) / max(1, count)
        stamps = (max(first, int(first + place * step) // 1000 * 1000) for place in range(count))
        self._book = OrderBook()
        self._book.replace_all(self._press.order(*numbered) for numbered in enumerate(stamps, self._first_id))

    def move(self, count: int, at: float, direct: bool = False, window: Window | None = None) -> list[int]:
        """So many orders change now; which is told by where they stand."""
        book = self.book(at)
        changed = [moved(order, int(at * 1000)) for order in spread(book.orders(direct, window), count)]
        kept = [order for order in changed if order is not None]
        for order in kept:
            book.put(order)
        return _ids(kept)

    def arrive(self, count: int, at: float, direct: bool, window: Window | None) -> list[int]:
        """So many orders appear that were modified within the window: what was committed late."""
        book, now = self.book(at), int(at * 1000)
        first, last = window or (now - 2 * _DAY_MS, now)
        step = (min(last, now) - first) / (count + 1)
        new: list[StoredOrder] = []
        for refund_id in itertools.count(book.next_id()):
            if len(new) == count:
                break
            order = self._press.order(refund_id, int(first + (len(new) + 1) * step) // 1000 * 1000)
            if not (direct and order.facts.taobao):
                new.append(order)
        for order in new:
            book.put(order)
        return _ids(new)

    def put(self, elements: Sequence[dict[str, Any]], at: float) -> list[int]:
        book, now = self.book(at), int(at * 1000)
        orders = [
            put_there(element, self._press, now, f"orders[{place}]") for place, element in enumerate(elements)
        ]
        for order in orders:
            book.put(order)
        return _ids(orders)

    def remove(self, refund_ids: Iterable[int], at: float) -> int:
        book = self.book(at)
        return sum([book.remove(refund_id) for refund_id in refund_ids])

    def _recent(self, now: int) -> Iterable[StoredOrder]:
        """The same all day long: three whole days are planned, and what is older or yet to come is left out."""
        today = int(_midnight(now))
        step = _DAY_MS // _ORDERS_A_DAY
        for place in range(3 * _ORDERS_A_DAY):
            slot = place - (place % _TWINS == 1)
            stamp = today - 2 * _DAY_MS + slot * step
            if now - 2 * _DAY_MS <= stamp < now:
                yield self._press.order(self._first_id + place, stamp)


def _ids(orders: Iterable[StoredOrder]) -> list[int]:
    return [order.refund_id for order in orders if order.refund_id is not None]


def _midnight(now: int) -> float:
    return datetime.combine(shanghai_day(now / 1000), time(), SHANGHAI).timestamp() * 1000


def listed(account: str, orders: Iterable[StoredOrder]) -> Iterable[bytes]:
    """As JSON texts, so that every digit of an order stays."""
    for order in orders:
        head = {"account": account, "refund_id": order.refund_id, "refund_no": order.refund_no}
        head |= {"modified": order.stamp, "direct": not order.facts.taobao}
        opened = json.dumps(head, ensure_ascii=False, default=str)[:-1]
        yield opened.encode() + b', "order": ' + _order_text(order) + b"}"


def _order_text(order: StoredOrder) -> bytes:
    """A literal that is no JSON is told as a string."""
    text = order.full_text()
    if order.is_literal:
        try:
            order.record()
        except (ValueError, RecursionError):
            return json.dumps(text.decode()).encode()
    return text
