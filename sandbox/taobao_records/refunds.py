"""Refunds: each of the first order of a trade, whose number its own follows."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.taobao_records.kinds import REFUND, WRAPPINGS
from sandbox.taobao_records.record_model import Model, number, present
from sandbox.taobao_records.record_texts import CARRIERS, REASONS
from sandbox.taobao_records.trades import trade_model


def refund_model(seed: int, index: int) -> Model | None:
    trade = trade_model(seed, index)
    order = trade.record["orders"]["order"][0]
    status = order["refund_status"]
    if status == "NO_REFUND":
        return None
    dice = Random(f"{seed}/{REFUND}/{index}")
    record = {
        **_of_the_order(order),
        **_state(status, dice),
        "alipay_no": trade.record.get("alipay_no"),
        "attribute": ";reason:400/1;gaia:2;",
        "buyer_nick": trade.record["buyer_nick"],
        "buyer_open_uid": trade.record["buyer_open_uid"],
        "created": "%(paid)s",
        "cs_status": 1,
        "desc": dice.choice((None, "起球了😡，要求\n退款/换货", "")),
        "modified": "%(modified)s",
        "reason": dice.choice(REASONS),
        # old answers have a number here, the reference says String
        "refund_id": number("refund") if index % 2 else "%(refund)d",
        "refund_remind_timeout": {"exist_timeout": True, "remind_type": 11, "timeout": "%(timeout)s"},
        "refund_version": 1795399200000 + index,
        "seller_nick": trade.seller,
        "shipping_type": "express",
        "tid": number("tid"),
    }
    columns = {
        "status": status,
        "seller_nick": trade.seller,
        "buyer_nick": trade.record["buyer_nick"],
        "tid": "%(tid)d",
        "oid": order["oid_str"],
    }
    return Model(present(record), columns, trade.seller, WRAPPINGS[REFUND])


def _of_the_order(order: dict[str, Any]) -> dict[str, Any]:
    same = ("num", "num_iid", "oid", "payment", "price", "title", "total_fee")
    return {
        **{name: order[name] for name in same},
        "order_status": order["status"],
        "outer_id": order["outer_iid"],
        "refund_fee": order["divide_order_fee"],
        "sku": f"{order['sku_id']}|{order['sku_properties_name']}",
    }


def _state(status: str, dice: Random) -> dict[str, Any]:
    returned = status in ("WAIT_SELLER_CONFIRM_GOODS", "SUCCESS")
    return {
        "advance_status": 0,
        "company_name": dice.choice(CARRIERS)[0] if returned else None,
        "dispute_type": "REFUND_AND_RETURN" if returned else "REFUND",
        "good_return_time": "%(sent)s" if returned else None,
        "good_status": "BUYER_RETURNED_GOODS" if returned else "BUYER_NOT_RECEIVED",
        "has_good_return": returned,
        "refund_phase": "onsale" if status in ("WAIT_SELLER_AGREE", "SUCCESS") else "aftersale",
        "sid": "%(tail)012d" if returned else None,
        "status": status,
    }
