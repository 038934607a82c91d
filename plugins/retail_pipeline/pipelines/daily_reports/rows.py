"""The bodies that are sent to Youshu, as JSON text. Numbers and replies keep their exact form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from retail_pipeline.business_time import midnight_millis
from retail_pipeline.errors import CheckFailed


@dataclass(frozen=True)
class OrderSummary:
    """A day's sums by the definitions of add_order_sum.html. Money in yuan.

    :param give_order_amount_sum: payment_amount of orders placed that day, later cancelled ones included
    :param payment_amount_sum: payment_amount of orders paid that day, later cancelled or refunded ones included
    """

    give_order_amount_sum: Decimal
    give_order_num_sum: int
    payment_amount_sum: Decimal
    payed_num_sum: int


def visit_body(data_source_id: str, wechat_reply: str) -> str:
    """Return the body of a visit report: the whole WeChat reply, unchanged, as the one element of ``rawMsg``.

    The text is inserted unchanged, since decoding and encoding it again would turn ``12.50`` into ``12.5``.
    """
    return f'{{"dataSourceId":{json.dumps(data_source_id)},"rawMsg":[{wechat_reply}]}}'


def order_sum_body(data_source_id: str, day: date, summary: OrderSummary) -> str:
    """Return the body of the daily summary: an array even for one day, ``ref_date`` local midnight in ms.

    :raises CheckFailed: a sum is no number; PostgreSQL's numeric knows NaN, and JSON does not
    """
    placed, paid = (_cents(summary, name) for name in ("give_order_amount_sum", "payment_amount_sum"))
    return (
        f'{{"dataSourceId":{json.dumps(data_source_id)},"orders":[{{'
        f'"ref_date":"{midnight_millis(day)}",'
        f'"give_order_amount_sum":{placed},'
        f'"give_order_num_sum":{summary.give_order_num_sum},'
        f'"payment_amount_sum":{paid},'
        f'"payed_num_sum":{summary.payed_num_sum}}}]}}'
    )


def _cents(summary: OrderSummary, name: str) -> str:
    amount: Decimal = getattr(summary, name)
    if not amount.is_finite():
        raise CheckFailed(f"{name} is {amount}: some payment_amount of the view youshu_order is no number")
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
