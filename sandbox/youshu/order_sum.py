"""order/add_order_sum: the sums of one business day. Source: the add_order_sum page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox import shape
from sandbox.business_clock import SHANGHAI
from sandbox.strict_json import element_texts, member_text
from sandbox.youshu.open_choices import BATCH_LIMIT
from sandbox.youshu.reports import Report


def sum_reports(body: dict[str, Any], text: str) -> list[Report]:
    shape.record(body, "body", {"dataSourceId": shape.text, "orders": shape.anything})
    days = shape.array(body["orders"], "orders", at_least=1, at_most=BATCH_LIMIT)
    for number, day in enumerate(days):
        shape.record(day, f"orders[{number}]", _SUMS)
    raws = element_texts(member_text(text, "orders"))
    return [_report(day, raw) for day, raw in zip(days, raws, strict=True)]


def _report(day: dict[str, Any], raw: str) -> Report:
    row = {
        name: str(value) if name in _AMOUNTS else value for name, value in day.items() if name != "ref_date"
    }
    return Report("order_sum", day["ref_date"], _midnight(day["ref_date"]).date().isoformat(), raw, row)


def _check_ref_date(value: Any, where: str) -> None:
    """13 digits, Unix milliseconds of a midnight in Shanghai: the sample 1643212800000 is 2022-01-27 00:00."""
    if not (isinstance(value, str) and len(value) == 13 and value.isascii() and value.isdigit()):
        raise shape.BadShape(f"{where} must be a string of 13 digits")
    if int(value) % 1000 or _midnight(value).time() != datetime.min.time():
        raise shape.BadShape(f"{where} is not a midnight in Asia/Shanghai")


def _midnight(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) // 1000, SHANGHAI)


_AMOUNTS = ("give_order_amount_sum", "payment_amount_sum")
_SUMS: dict[str, shape.Check] = {
    "ref_date": _check_ref_date,
    "give_order_amount_sum": shape.number,
    "give_order_num_sum": shape.integer,
    "payment_amount_sum": shape.number,
    "payed_num_sum": shape.integer,
}
