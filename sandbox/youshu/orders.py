"""order/add_order, order/update and return_order/add: what is judged of a batch before any of it is taken."""

from __future__ import annotations

from collections.abc import Callable, Container
from decimal import Decimal
from typing import Any

from sandbox import shape
from sandbox.youshu.open_choices import BATCH_LIMIT
from sandbox.youshu.order_shapes import ORDER, ORDER_OPTIONAL, RETURN, STATE

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
