"""All after-sales orders of one account, sorted by modify time for both gateways."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.stored_order import StoredOrder

# A stamp and a key; keys are refund_ids, and for records without one, numbers beyond them.
Entry = tuple[int, int]
Window = tuple[int, int]
_BEYOND = 1 << 62


class OrderBook:
    def __init__(self) -> None:
        self._orders: dict[int, StoredOrder] = {}
        self._all: list[Entry] = []
        self._direct: list[Entry] = []  # without the Taobao family
        self._nameless = _BEYOND
        self._largest = 0

    def replace_all(self, orders: Iterable[StoredOrder]) -> None:
        self._orders = {}
        for order in orders:
            self._orders[self._key(order)] = order
        self._all = sorted((order.stamp, key) for key, order in self._orders.items())
        self._direct = [entry for entry in self._all if not self._orders[entry[1]].facts.taobao]

    def put(self, order: StoredOrder) -> None:
        key = self._key(order)
        self._drop(key)
        self._orders[key] = order
        for entries in (self._all,) if order.facts.taobao else (self._all, self._direct):
            insort(entries, (order.stamp, key))

    def remove(self, refund_id: int) -> bool:
        return self._drop(refund_id)

    def next_id(self) -> int:
        return self._largest + 1

    def count(self, direct: bool, window: Window | None) -> int:
        _, first, last = self._slice(direct, window)
        return last - first

    def orders(
        self, direct: bool, window: Window | None = None, begin: int = 0, end: int | None = None
    ) -> list[StoredOrder]:
        """By modify time; begin and end count within the window."""
        entries, first, last = self._slice(direct, window)
        stop = last if end is None else min(last, first + end)
        return [self._orders[key] for _, key in entries[first + begin : stop]]

    def _slice(self, direct: bool, window: Window | None) -> tuple[list[Entry], int, int]:
        entries = self._direct if direct else self._all
        if window is None:
            return entries, 0, len(entries)
        upper = _BEYOND * 2 if open_choices.UPPER_BOUND_CLOSED else -1
        return entries, bisect_left(entries, (window[0], -1)), bisect_right(entries, (window[1], upper))

    def _key(self, order: StoredOrder) -> int:
        if order.refund_id is None:
            self._nameless += 1
            return self._nameless
        self._largest = max(self._largest, order.refund_id)
        return order.refund_id

    def _drop(self, key: int) -> bool:
        order = self._orders.pop(key, None)
        if order is None:
            return False
        for entries in (self._all,) if order.facts.taobao else (self._all, self._direct):
            del entries[bisect_left(entries, (order.stamp, key))]
        return True
