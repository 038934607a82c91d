"""A pushed trade as rows: the trade without its lists, its sub-orders, its promotions. Standard library only."""

from __future__ import annotations

from typing import Any

from bench.sys_info_load.job import ORDER, PROMOTION, TRADE

Record = dict[str, Any]


def parts_of(answer: Any) -> dict[str, list[Record]]:
    """Return the records of an answer by part, as the platform wrote them."""
    trade = dict(answer["trade_fullinfo_get_response"]["trade"])
    orders = trade.pop("orders", {}).get("order", [])
    promotions = trade.pop("promotion_details", {}).get("promotion_detail", [])
    return {TRADE: [trade], ORDER: orders, PROMOTION: promotions}


def rows_of(answer: Any, modified: object, hashcode: str) -> dict[str, list[Record]]:
    """Return the rows by part, with what the target has beyond the records: keys, and the version of the row."""
    parts = parts_of(answer)
    (trade,) = parts[TRADE]
    tid = trade["tid"]
    return {
        TRADE: [{**trade, "jdp_modified": str(modified), "jdp_hashcode": hashcode}],
        ORDER: [{"tid": tid, **order} for order in parts[ORDER]],
        PROMOTION: [{"tid": tid, "place": place, **each} for place, each in enumerate(parts[PROMOTION])],
    }
