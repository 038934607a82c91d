"""Where in a whole answer the records are."""

from __future__ import annotations

from typing import Any

from sandbox.taobao_records.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE

Content = dict[str, Any]
_ROOTS = {
    TRADE: ("trade_fullinfo_get_response",),
    REFUND: ("refund_get_response",),
    ITEM: ("item_seller_get_response", "item_get_response"),
    FX: ("fenxiao_orders_get_response",),
    JX: ("fenxiao_dealer_requisitionorder_query_response",),
    EXCHANGE: ("tmall_exchange_get_response",),
}
_PATHS = {
    TRADE: ("trade",),
    REFUND: ("refund",),
    ITEM: ("item",),
    FX: ("purchase_orders", "purchase_order"),
    JX: ("dealer_orders", "dealer_order"),
    EXCHANGE: ("result", "exchange"),
}


def records_in(table: str, answer: Any) -> list[Content]:
    """None at all where it is no answer of that kind."""
    try:
        ((root, found),) = answer.items()
        for step in _PATHS[table]:
            found = found[step]
    except (AttributeError, ValueError, LookupError, TypeError):
        return []
    records = found if isinstance(found, list) else [found]
    return [record for record in records if root in _ROOTS[table] and isinstance(record, dict)]
