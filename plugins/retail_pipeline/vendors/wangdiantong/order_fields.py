"""A refund order as it came → its fields and those of its lists, for the certificate. Pure.

It shares the names of the tables with ``rows``, and none of its code, so that a change made by it is found.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from retail_pipeline.vendors.wangdiantong.tables import (
    AMOUNT_DETAIL,
    DETAIL,
    GOV_SUBSIDY,
    HEAD,
    SWAP_DETAIL,
    SWAP_ORDER,
)

Record = dict[str, Any]
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_LITERAL = msgspec.json.Decoder(dict[str, Any], float_hook=str)


def fields_in(raw: bytes, *, literal: bool = False) -> dict[str, list[Record]]:
    """Return the records of an order by table: its own, and its lists in their order.

    :param literal: numbers with decimals stay the text that came
    """
    order = (_LITERAL if literal else _DECODER).decode(raw)
    swaps = _taken(order, "swap_order")
    return {
        DETAIL.name: _taken(order, "detail_list"),
        AMOUNT_DETAIL.name: _taken(order, "amount_detail_list"),
        GOV_SUBSIDY.name: _taken(order, "gov_subsidy_info"),
        SWAP_DETAIL.name: [line for swap in swaps for line in _taken(swap, "swap_order_detail_list")],
        SWAP_ORDER.name: swaps,
        HEAD.name: [order],
    }


def _taken(record: Record, name: str) -> list[Record]:
    value = record.pop(name, None)
    return value if isinstance(value, list) else [value] if value else []
