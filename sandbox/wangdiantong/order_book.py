"""All after-sales orders of one account, as texts ready to be sent, sorted by modify time for both gateways."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.record_json import dump, load
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.open_choices import TAOBAO_FAMILY


class Facts(NamedTuple):
    """As the record has them, whatever type that is."""

    shop_no: Any = None
    status: Any = None
    stockin_status: Any = None
    type: Any = None
    taobao: bool = False


@dataclass(frozen=True, slots=True)
class StoredOrder:
    refund_id: int | None
    stamp: int  # modified, in milliseconds
    text: bytes  # without the wms_code
    wms_code: bytes | None
    refund_no: Any
    facts: Facts
    is_literal: bool = False

    def full_text(self) -> bytes:
        if self.wms_code is None:
            return self.text
        return b'{"wms_code":' + self.wms_code + b"," + self.text[1:]

    def record(self) -> Any:
        """The parsed record; ValueError when it is a text that is no JSON."""
        return load(self.full_text())


def store(refund_id: int | None, stamp: int, order: Mapping[str, Any]) -> StoredOrder:
    rest = {name: value for name, value in order.items() if name != "wms_code"}
    wms_code = dump(order["wms_code"]).encode() if "wms_code" in order else None
    return StoredOrder(
        refund_id, stamp, dump(rest).encode(), wms_code, order.get("refund_no"), facts_of(order)
    )


def store_literal(text: str, stamp: int) -> StoredOrder:
    """Known by its refund_id where it has one, so that it can be replaced."""
    try:
        record = load(text)
    except (ValueError, RecursionError):
        record = None
    fields = record if isinstance(record, dict) else {}
    known = fields.get("refund_id")
    refund_id = known if isinstance(known, int) and not isinstance(known, bool) else None
    return StoredOrder(refund_id, stamp, text.encode(), None, fields.get("refund_no"), facts_of(fields), True)


def facts_of(order: Mapping[str, Any]) -> Facts:
    return Facts(
        shop_no=order.get("shop_no"),
        status=order.get("status"),
        stockin_status=order.get("stockin_status"),
        type=order.get("type"),
        taobao=str(order.get("platform_id")) in map(str, TAOBAO_FAMILY),
    )


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
