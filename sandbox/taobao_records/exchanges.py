"""Exchanges: each of the first order of a trade, whose number its own follows. A status is a text in Chinese."""

from __future__ import annotations

from typing import Any

from sandbox.taobao_records.kinds import EXCHANGE, WRAPPINGS
from sandbox.taobao_records.record_model import Model, present
from sandbox.taobao_records.trade_lines import SENT
from sandbox.taobao_records.trades import trade_model

EXCHANGES = (
    "换货待处理",
    "待买家退货",
    "买家已退货，待收货",
    "换货关闭",
    "换货成功",
    "待买家修改",
    "待发出换货商品",
    "待买家收货",
    "请退款",
)
_ONE_IN = 10


def exchange_model(seed: int, index: int) -> Model | None:
    """Of trades that were sent."""
    trade = trade_model(seed, index)
    if index % _ONE_IN != 2 or trade.columns["status"] not in SENT:
        return None
    status = EXCHANGES[index // _ONE_IN % len(EXCHANGES)]
    record = {
        **_of_the_order(trade.record["orders"]["order"][0]),
        **_of_the_buyer(trade.record, sent_back=bool(index % 4)),
        "address": "浙江省^^^杭州市^^^余杭区^^^**路*号/退货组",
        "advance_status": 0,
        "alipay_no": trade.record.get("alipay_no"),
        "attributes": ";exchangeSku:1/2;",
        "created": "%(sent)s",
        "cs_status": 1,
        "desc": "颜色/尺码不合适，想换大一码🙏",
        "dispute_id": "%(exchange)d",
        "good_status": "BUYER_RECEIVED",
        "modified": "%(modified)s",
        "operation_contraint": "null",
        "reason": "尺码/颜色不符",
        "refund_phase": "aftersale",
        "refund_version": 1795399200000 + index,
        "seller_nick": trade.seller,
        "status": status,
        "time_out": "%(timeout)s",
    }
    columns = {"status": status, "seller_nick": trade.seller, "buyer_nick": trade.record["buyer_nick"]}
    return Model(present(record), columns, trade.seller, WRAPPINGS[EXCHANGE])


def _of_the_order(order: dict[str, Any]) -> dict[str, Any]:
    bought = f"{order['sku_id']}|{order['sku_properties_name']}"
    return {
        "biz_order_id": order["oid_str"],
        "bought_sku": bought,
        "exchange_sku": f"{bought};换",
        "num": order["num"],
        "price": order["price"],
        "title": order["title"],
    }


def _of_the_buyer(trade: dict[str, Any], sent_back: bool) -> dict[str, Any]:
    return {
        "buyer_address": trade["receiver_address"],
        "buyer_logistic_name": "顺丰速运" if sent_back else None,
        "buyer_logistic_no": "SF%(tail)012d" if sent_back else None,
        "buyer_name": trade["receiver_name"],
        "buyer_nick": trade["buyer_nick"],
        "buyer_open_uid": trade["buyer_open_uid"],
        "buyer_phone": trade["receiver_mobile"],
        "oaid": trade["oaid"],
    }
