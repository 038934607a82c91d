"""How a record changes while it lies in sys_info: its status goes on, its orders come and go."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE, Content
from sandbox.taobao.records import STATUSES

# Where a status leads to; the last of each stays, and a memo changes instead.
COURSES: dict[str, Sequence[str]] = {
    TRADE: (
        "TRADE_NO_CREATE_PAY",
        "WAIT_BUYER_PAY",
        "PAY_PENDING",
        "WAIT_SELLER_SEND_GOODS",
        "SELLER_CONSIGNED_PART",
        "WAIT_BUYER_CONFIRM_GOODS",
        "TRADE_FINISHED",
    ),
    REFUND: ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS", "SUCCESS"),
    ITEM: ("instock", "onsale"),
    FX: STATUSES[FX][:5],
    JX: STATUSES[JX][2:8],
    EXCHANGE: STATUSES[EXCHANGE][:5],
}
_MEMOS = {TRADE: "seller_memo", REFUND: "desc", ITEM: "sell_point", FX: "memo", JX: "supplier_memo"}


def go_on(table: str, record: Content, status_field: str, now: str) -> None:
    course, status = COURSES[table], record.get(status_field)
    if status in course[:-1]:
        following = course[course.index(status) + 1]
        record[status_field] = following
        for line in _lines(record) if table == TRADE else ():
            line["status"] = following
        if table == TRADE:
            _date(record, following, now)
    else:
        memo = _MEMOS.get(table, "desc")
        record[memo] = _changed_once_more(record.get(memo) or "")


def lose_line(record: Content) -> bool:
    """The last order of a trade vanishes, and its promotions with it; false when it has but one."""
    lines = _lines(record)
    if len(lines) < 2:
        return False
    gone = lines.pop()["oid"]
    details = record.get("promotion_details", {}).get("promotion_detail", [])
    kept = [detail for detail in details if detail["id"] != gone]
    if kept:
        record["promotion_details"] = {"promotion_detail": kept}
    else:
        record.pop("promotion_details", None)
    _add_up(record)
    return True


def gain_line(record: Content) -> bool:
    """One more order like the first comes to a trade; false when it has four, for which alone there are numbers."""
    lines = _lines(record)
    free = {record["tid"] + place for place in range(1, 5)} - {line["oid"] for line in lines}
    if not lines or len(lines) > 3:
        return False
    new = {**lines[0], "oid": min(free), "oid_str": str(min(free)), "refund_status": "NO_REFUND"}
    new.pop("refund_id", None)
    lines.append(new)
    _add_up(record)
    return True


def _changed_once_more(memo: str) -> str:
    """With a count at its end, so that two changes in one second differ, too."""
    head, sign, count = memo.rpartition("改")
    return f"{head}改{int(count) + 1}" if sign and count.isdecimal() else f"{memo}改1"


def _lines(record: Content) -> list[Content]:
    orders = record.get("orders")
    lines = orders.get("order") if isinstance(orders, dict) else None
    return lines if isinstance(lines, list) else []


def _date(record: Content, status: str, now: str) -> None:
    if status == "WAIT_SELLER_SEND_GOODS":
        record["pay_time"] = now
    elif status in ("SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS"):
        record["consign_time"] = now
    elif status == "TRADE_FINISHED":
        record["end_time"], record["received_payment"] = now, record["payment"]
        record.pop("timeout_action_time", None)


def _add_up(record: Content) -> None:
    lines = _lines(record)
    goods = sum(Decimal(line["price"]) * line["num"] for line in lines)
    paid = sum(Decimal(line["divide_order_fee"]) for line in lines)
    record["num"] = sum(line["num"] for line in lines)
    record["total_fee"], record["discount_fee"] = f"{goods:.2f}", f"{goods - paid:.2f}"
    record["payment"] = f"{paid + Decimal(record['post_fee']):.2f}"
