"""How an after-sales order changes: it moves on by itself, or a test puts one there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox import shape
from sandbox.wangdiantong.order_model import STATUSES
from sandbox.wangdiantong.order_press import OrderPress
from sandbox.wangdiantong.stored_order import StoredOrder, store, store_literal
from sandbox.wangdiantong.totals import add_up
from sandbox.wangdiantong.wall_time import read_time, time_text

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
    return int(moment.timestamp()) * 1000 if moment else now


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
    text = time_text(stamp)
    record["modified"], record["modified_date"] = stamp, text
    if record["status"] >= 30 and not record["check_time"]:
        record["check_time"] = text
    if record["status"] >= 80 and not record["settle_time"]:
        record["settle_time"] = record["current_phase_timeout"] = text
    for line in record["detail_list"][:1]:
        line["modified"], line["modified_date"] = stamp, text
