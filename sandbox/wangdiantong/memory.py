"""The after-sales orders of all accounts, and everything that can happen to them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sandbox import shape
from sandbox.business_clock import SHANGHAI, read_time, shanghai_day, time_text
from sandbox.wangdiantong.order_book import OrderBook, StoredOrder, Window, store, store_literal
from sandbox.wangdiantong.press import OrderPress
from sandbox.wangdiantong.records import STATUSES, add_up

CANCELLED = 10


def spread(orders: Sequence[StoredOrder], count: int) -> list[StoredOrder]:
    """So many of them, evenly from first to last, of those that can move."""
    whole = [order for order in orders if order.refund_id is not None]
    step = max(1.0, len(whole) / count) if count else 1.0
    return [whole[int((place + 0.5) * step)] for place in range(min(count, len(whole)))]


def moved(order: StoredOrder, now: int) -> StoredOrder | None:
    """The order one state on, with other lines; None when a test has made it one that cannot be."""
    try:
        record = order.record()
        _advance(record)
        _change_lines(record)
        add_up(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    stamp = max(now, order.stamp + 1)
    _date(record, stamp)
    return store(order.refund_id, stamp, record)


def put_there(element: dict[str, Any], press: OrderPress, now: int, where: str) -> StoredOrder:
    """From one element of refunds_put: a literal text, or fields over a generated order."""
    if "literal" in element:
        shape.record(element, where, {"literal": shape.text}, {"modified": shape.integer})
        return store_literal(element["literal"], element.get("modified", now))
    refund_id = element.get("refund_id")
    shape.integer(refund_id, f"{where}.refund_id")
    fields = dict(element)
    without = shape.array(fields.pop("without", []), f"{where}.without")
    stamp = _stamp(fields.get("modified"), now)
    record = press.order(int(str(refund_id)), stamp).record() | fields
    for name in without:
        record.pop(name, None)
    return store(int(str(refund_id)), stamp, record)


def _stamp(modified: Any, now: int) -> int:
    if isinstance(modified, int) and not isinstance(modified, bool):
        return modified
    moment = read_time(modified) if isinstance(modified, str) else None
    return now if moment is None else moment * 1000


def _advance(record: dict[str, Any]) -> None:
    status = record["status"]
    if status != CANCELLED:
        place = STATUSES.index(status)
        record["status"] = STATUSES[min(place + 1, len(STATUSES) - 1)]
    record["note_count"] += 1


def _change_lines(record: dict[str, Any]) -> None:
    """One line has one piece more; at every third time a line goes, at every third one comes."""
    lines = record["detail_list"]
    if lines and (turn := record["note_count"] % 3):
        if turn == 1 and len(lines) > 1:
            lines.pop()
        elif turn == 2:
            lines.append({**lines[-1], "rec_id": lines[-1]["rec_id"] + 1})
    if lines:
        first = lines[0]
        first["num"] += 1
        first["refund_num"] += 1
        first["total_amount"] = first["price"] * first["refund_num"]


def _date(record: dict[str, Any], stamp: int) -> None:
    text = time_text(stamp // 1000)
    record["modified"], record["modified_date"] = stamp, text
    if record["status"] >= 30 and not record["check_time"]:
        record["check_time"] = text
    if record["status"] >= 80 and not record["settle_time"]:
        record["settle_time"] = record["current_phase_timeout"] = text
    for line in record["detail_list"][:1]:
        line["modified"], line["modified_date"] = stamp, text


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
