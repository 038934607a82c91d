"""The six kinds of record that are pushed, named as their tables, and what the API's answer wraps around each.

Source: the protocol's section on jdp_response. An answer is never simplified: one root, lists wrapped twice.
"""

from __future__ import annotations

from typing import NamedTuple

TRADE = "jdp_tb_trade"
REFUND = "jdp_tb_refund"
ITEM = "jdp_tb_item"
FX = "jdp_fx_trade"
JX = "jdp_jx_trade"
EXCHANGE = "jdp_exchange_refund"


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
