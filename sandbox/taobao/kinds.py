"""The six kinds of record that are pushed, named as their tables, and what the API's answer wraps around each.

Source: the protocol's section on jdp_response. An answer is never simplified: one root, lists wrapped twice.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sandbox import record_json

TRADE = "jdp_tb_trade"
REFUND = "jdp_tb_refund"
ITEM = "jdp_tb_item"
FX = "jdp_fx_trade"
JX = "jdp_jx_trade"
EXCHANGE = "jdp_exchange_refund"

Content = dict[str, Any]


class Wrapping(NamedTuple):
    head: str
    tail: str


WRAPPINGS = {
    TRADE: Wrapping('{"trade_fullinfo_get_response":{"trade":', "}}"),
    REFUND: Wrapping('{"refund_get_response":{"refund":', "}}"),
    ITEM: Wrapping('{"item_seller_get_response":{"item":', "}}"),
    FX: Wrapping(
        '{"fenxiao_orders_get_response":{"purchase_orders":{"purchase_order":[', ']},"total_results":1}}'
    ),
    JX: Wrapping(
        '{"fenxiao_dealer_requisitionorder_query_response":{"dealer_orders":{"dealer_order":[', "]}}}"
    ),
    EXCHANGE: Wrapping('{"tmall_exchange_get_response":{"result":{"exchange":', ',"success":true}}}'),
}
# Rows of 2014 have the root of taobao.item.get; rows of either root lie side by side.
OLD_ITEM = Wrapping('{"item_get_response":{"item":', "}}")


def records_in(table: str, answer: Any) -> list[Content]:
    """The records of a whole answer; none at all where it is no answer of that kind."""
    root, *path = re.findall(r"\w+", WRAPPINGS[table].head)
    roots = (root, "item_get_response") if table == ITEM else (root,)
    try:
        ((found_root, found),) = answer.items()
        for step in path:
            found = found[step]
    except (AttributeError, ValueError, LookupError, TypeError):
        return []
    records = found if isinstance(found, list) else [found]
    return [record for record in records if found_root in roots and isinstance(record, dict)]


def dump(value: Any) -> str:
    """JSON as it lies in jdp_response: keys in order, no spaces, slashes escaped, every digit kept."""
    return record_json.dump(value, sort_keys=True).replace("/", "\\/")
