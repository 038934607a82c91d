"""Orders that distributors pass on to a supplier, who sends them (fx)."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.taobao_records.goods import GOODS
from sandbox.taobao_records.kinds import FX, WRAPPINGS
from sandbox.taobao_records.record_model import MODELS, Model, number, present, yuan
from sandbox.taobao_records.record_texts import MEMOS, PLACES
from sandbox.taobao_records.sellers import SELLERS

FX_STATUSES = (
    "WAIT_BUYER_PAY",
    "WAIT_SELLER_SEND_GOODS",
    "WAIT_BUYER_CONFIRM_GOODS",
    "PAID_FORBID_CONSIGN",
    "TRADE_FINISHED",
    "TRADE_CLOSED",
    "WAIT_BUYER_CONFIRM_GOODS_ACOUNTED",
    "PAY_ACOUNTED_GOODS_CONFIRM",
    "PAY_WAIT_ACOUNT_GOODS_CONFIRM",
)
DISTRIBUTORS = ("分销商A", "一件代发_小李", "海外🌏代购")
_ALWAYS = {
    "buyer_nick": "t**1",
    "created": "%(created)s",
    "distributor_from": "taobao",
    "fenxiao_id": number(),
    "id": number(),
    "modified": "%(modified)s",
    "pay_type": "ALIPAY_SURETY",
    "post_fee": "0.00",
    "shipping": "EXPRESS",
    "snapshot_url": "http://trade.taobao.com/trade/snap.htm?id=%(id)d",
    "supplier_from": "taobao",
    "tc_order_id": number(),
    "trade_type": "AGENT",
}


def fx_model(seed: int, index: int) -> Model:
    dice = Random(f"{seed}/{FX}/{index}")
    status = FX_STATUSES[index * 7 % MODELS % len(FX_STATUSES)]
    who = {
        "supplier_username": SELLERS[index % len(SELLERS)].nick,
        "distributor_username": dice.choice(DISTRIBUTORS),
    }
    lines = [_line(place, status, dice) for place in range(1, dice.choice((1, 1, 2, 3)) + 1)]
    total = sum(line.pop("fen") for line in lines)
    record = {
        **_ALWAYS,
        **_state(status),
        **who,
        "buyer_payment": yuan(_resold(total)),
        "distributor_payment": yuan(total),
        "memo": dice.choice(MEMOS),
        "receiver": masked_receiver(dice),
        "sub_purchase_orders": {"sub_purchase_order": lines},
        "supplier_flag": index % 6,
        "supplier_memo": dice.choice(MEMOS),
        "total_fee": yuan(total),
    }
    columns = {"tc_order_id": "%(id)d", "status": status, **who}
    return Model(present(record), columns, who["supplier_username"], WRAPPINGS[FX])


def masked_receiver(dice: Random) -> dict[str, Any]:
    state, city, district, town = dice.choice(PLACES)
    return {
        "address": f"{town}**路**号",
        "city": city,
        "district": district,
        "mobile_phone": "*******%(buyer)04d",
        "name": "李*",
        "state": state,
        "zip": "000000",
    }


def _state(status: str) -> dict[str, Any]:
    paid, sent = status != "WAIT_BUYER_PAY", "CONFIRM" in status
    return {
        "alipay_no": "2026%(id)d24" if paid else None,
        "consign_time": "%(sent)s" if sent else None,
        "end_time": "%(modified)s" if status in ("TRADE_FINISHED", "TRADE_CLOSED") else None,
        "logistics_company_name": "顺丰速运" if sent else None,
        "pay_time": "%(paid)s" if paid else None,
        "status": status,
    }


def _line(place: int, status: str, dice: Random) -> dict[str, Any]:
    good, num = dice.choice(GOODS), dice.choice((1, 1, 2))
    own = number(f"oid{place}")
    return {
        "auction_price": yuan(_resold(good.price)),
        "bill_fee": "0.00",
        "buyer_payment": yuan(_resold(good.price * num)),
        "created": "%(created)s",
        "distributor_payment": yuan(good.price * num),
        "fen": good.price * num,
        "fenxiao_id": own,
        "id": own,
        "item_id": 620000000000 + dice.randrange(10**10),
        "item_outer_id": good.outer_id,
        "num": num,
        "order_200_status": status,
        "price": yuan(good.price),
        "refund_fee": "0.00",
        "sku_id": 4_800_000_000_000 + dice.randrange(10**10),
        "sku_outer_id": good.outer_sku(good.sizes[0]),
        "sku_properties": good.properties(good.sizes[0]),
        "status": status,
        "tc_order_id": own,
        "title": good.title,
        "total_fee": yuan(good.price * num),
    }


def _resold(fen: int) -> int:
    return fen * 12 // 10
