"""What each call must bring, and what it reports.

Sources: the pages of the calls, the FAQ of the order_update page (16), the 2019 distribution page, and WeChat's own
pages for the shape of its elements.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox import shape
from sandbox.business_clock import SHANGHAI
from sandbox.strict_json import element_texts, member_text
from sandbox.vendor import Reply
from sandbox.youshu.apps import App
from sandbox.youshu.envelope import Refused, good
from sandbox.youshu.memory import Report
from sandbox.youshu.open_choices import BAD_FORMAT, BATCH_LIMIT, FOREIGN_MERCHANT
from sandbox.youshu.records import INDEX, ORDER, ORDER_OPTIONAL, PAGE, RETURN, STATE

# Formerly one source per type; since 2021-04-29 a source has none, old clients still send it.
GET_PARAMETERS = ("merchantId", "dataSourceType")


def add(app: App, body: dict[str, Any]) -> Reply:
    shape.record(body, "body", {"merchantId": shape.text}, {"dataSourceType": shape.integer})
    _check_merchant(app, body["merchantId"])
    if app.data_source_id is not None:
        raise Refused(16)
    return good({"dataSource": {"id": app.add_data_source(), "merchantId": app.merchant_id}})


def get(app: App, query: Mapping[str, str]) -> Reply:
    if "merchantId" in query:
        _check_merchant(app, query["merchantId"])
    if not query.get("dataSourceType", "0").isdecimal():
        raise Refused(BAD_FORMAT, "dataSourceType must be an integer")
    sources = [{"id": app.data_source_id, "merchantId": app.merchant_id}] if app.data_source_id else []
    return good({"dataSources": sources})


def _check_merchant(app: App, merchant_id: str) -> None:
    if merchant_id != app.merchant_id:
        raise Refused(FOREIGN_MERCHANT)


def page_reports(body: dict[str, Any], text: str) -> list[Report]:
    return _reports("visit_page", body, text, PAGE)


def distribution_reports(body: dict[str, Any], text: str) -> list[Report]:
    return _reports("visit_distribution", body, text, INDEX)


def _reports(kind: str, body: dict[str, Any], text: str, check: shape.Check) -> list[Report]:
    shape.record(body, "body", {"dataSourceId": shape.text, "rawMsg": shape.anything})
    replies = shape.array(body["rawMsg"], "rawMsg", at_least=1, at_most=BATCH_LIMIT)
    for number, reply in enumerate(replies):
        where = f"rawMsg[{number}]"
        shape.record(reply, where, {"ref_date": shape.compact_day, "list": shape.each(check)})
    raws = element_texts(member_text(text, "rawMsg"))
    return [
        Report(kind, r["ref_date"], _day(r["ref_date"]), raw) for r, raw in zip(replies, raws, strict=True)
    ]


def _day(ref_date: str) -> str:
    return date(int(ref_date[:4]), int(ref_date[4:6]), int(ref_date[6:])).isoformat()


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


# From a body, and the orders that are known, to the elements of the batch.
Reader = Callable[[dict[str, Any], Container[str]], list[dict[str, Any]]]


def added(body: dict[str, Any], _known: Container[str]) -> list[dict[str, Any]]:
    orders = _elements(body, "external_order_id")
    for number, order in enumerate(orders):
        where = f"orders[{number}]"
        shape.record(order, where, ORDER, ORDER_OPTIONAL)
        _check_order(order, where)
    return orders


def updated(body: dict[str, Any], known: Container[str]) -> list[dict[str, Any]]:
    orders = _elements(body, "external_order_id")
    for number, order in enumerate(orders):
        shape.record(order, f"orders[{number}]", STATE)
        if order["external_order_id"] not in known:
            raise shape.BadShape(f"orders[{number}].external_order_id is unknown")
    return orders


def returned(body: dict[str, Any], _known: Container[str]) -> list[dict[str, Any]]:
    returns = _elements(body, "external_return_order_id")
    for number, back in enumerate(returns):
        where = f"orders[{number}]"
        shape.record(back, where, RETURN)
        _same(f"{where}.return_order_amount", back["return_order_amount"],
              back["return_amount"] + back["return_freight_amount"])  # fmt: skip
    return returns


def _elements(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    shape.record(body, "body", {"dataSourceId": shape.text, "orders": shape.anything})
    elements = shape.array(body["orders"], "orders", at_least=1, at_most=BATCH_LIMIT)
    keys = [element.get(key) for element in elements if isinstance(element, dict)]
    if len(set(map(str, keys))) != len(elements):
        raise shape.BadShape(f"orders: an {key} occurs twice, or an element is no object")
    return elements


def _check_order(order: dict[str, Any], where: str) -> None:
    if order["order_source"] == "wxapp" and "open_id" not in order["user_info"]:
        raise shape.BadShape(f"{where}.user_info.open_id is missing")
    if order["order_status"] not in ("1110", "1130") and not _tells_of_payment(order):
        raise shape.BadShape(f"{where}.payment_info is missing")
    _same(
        f"{where}.order_amount", order["order_amount"], order["goods_amount_total"] + order["freight_amount"]
    )
    for less, more in (("payment_amount", "payable_amount"), ("payable_amount", "order_amount")):
        if order[less] > order[more] and not _same_cent(order[less], order[more]):
            raise shape.BadShape(f"{where}.{less} is more than {more}")


def _tells_of_payment(order: dict[str, Any]) -> bool:
    return bool(order.get("payment_info")) or ("payment_info" in order and order["payment_amount"] == 0)


def _same_cent(one: Any, other: Any) -> bool:
    return bool(abs(one - other) < Decimal("0.005"))


def _same(where: str, told: Any, parts: Any) -> None:
    if not _same_cent(told, parts):
        raise shape.BadShape(f"{where} is {told}, its parts are {parts}")
