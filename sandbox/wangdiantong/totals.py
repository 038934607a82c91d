"""What an after-sales order says of its own lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

EXCHANGE = 3


def add_up(order: dict[str, Any]) -> None:
    """An exchange gives goods for goods, so its goods line has no money."""
    lines, money = order["detail_list"], order["amount_detail_list"]
    order["return_goods_count"] = _sum(lines, "refund_num")
    order["return_goods_amount"] = _sum(lines, "total_amount")
    goods = order["return_goods_amount"] if order["type"] != EXCHANGE else Decimal(0)
    for line in money:
        if line["refund_type"] == 1:
            line["refund_amount"] = goods
    order["actual_refund_amount"] = _sum(money, "refund_amount")
    order["guarantee_refund_amount"] = _sum([line for line in money if line["is_guarantee"]], "refund_amount")
    order["direct_refund_amount"] = order["actual_refund_amount"] - order["guarantee_refund_amount"]
    order["receive_amount"] = _sum(money, "receive_amount")


def _sum(lines: list[dict[str, Any]], name: str) -> Decimal:
    return sum((line[name] for line in lines), Decimal(0))
