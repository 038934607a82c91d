"""Orders by which a distributor buys from a supplier (jx)."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.taobao_records.distribution import DISTRIBUTORS, masked_receiver
from sandbox.taobao_records.goods import GOODS
from sandbox.taobao_records.kinds import JX, WRAPPINGS
from sandbox.taobao_records.record_model import MODELS, Model, number, present, yuan
from sandbox.taobao_records.record_texts import MEMOS
from sandbox.taobao_records.sellers import SELLERS

JX_STATUSES = (
    "WAIT_FOR_SUPPLIER_AUDIT1",
    "SUPPLIER_REFUSE",
    "WAIT_FOR_APPLIER_AUDIT",
    "WAIT_FOR_SUPPLIER_AUDIT2",
    "BOTH_AGREE_WAIT_PAY",
    "WAIT_FOR_SUPPLIER_DELIVER",
    "WAIT_FOR_APPLIER_STORAGE",
    "TRADE_FINISHED",
    "TRADE_CLOSED",
)
_PAID = JX_STATUSES[5:8]


def jx_model(seed: int, index: int) -> Model:
    dice = Random(f"{seed}/{JX}/{index}")
    status = JX_STATUSES[index * 7 % MODELS % len(JX_STATUSES)]
    who = {"supplier_nick": SELLERS[index % len(SELLERS)].nick, "applier_nick": dice.choice(DISTRIBUTORS)}
    lines = [_line(place, dice) for place in range(1, dice.choice((1, 2, 3)) + 1)]
    total = sum(line.pop("fen") for line in lines)
    record = {
        **who,
        "applied_time": "%(created)s",
        "audit_time_supplier": "%(paid)s" if status != "WAIT_FOR_SUPPLIER_AUDIT1" else None,
        "close_reason": "分销商/取消" if status == "TRADE_CLOSED" else None,
        "dealer_order_details": {"dealer_order_detail": lines},
        "dealer_order_id": number(),
        "delivered_quantity_count": 0,
        "logistics_fee": "0.00",
        "logistics_type": "SELF_PICKUP",
        "modified_time": "%(modified)s",
        "order_status": status,
        "pay_time": "%(sent)s" if status in _PAID else None,
        "pay_type": "ALIPAY_SURETY",
        "quantity_count": sum(line["quantity"] for line in lines),
        "rebate_fee": "0.00",
        "receiver": {**masked_receiver(dice), "card_id": "3301**********0000"},
        "refuse_reason_supplier": "库存不足😥" if status == "SUPPLIER_REFUSE" else None,
        "supplier_memo": dice.choice(MEMOS),
        "supplier_memo_flag": index % 6,
        "total_price": yuan(total),
    }
    return Model(present(record), {"order_status": status, **who}, who["supplier_nick"], WRAPPINGS[JX])


def _line(place: int, dice: Random) -> dict[str, Any]:
    good, quantity = dice.choice(GOODS), dice.choice((1, 10, 200))
    return {
        "dealer_detail_id": number(f"oid{place}"),
        "dealer_order_id": number(),
        "fen": good.price * quantity,
        "final_price": yuan(good.price),
        "is_deleted": False,
        "original_price": yuan(good.price),
        "price_count": yuan(good.price * quantity),
        "product_id": 500000 + dice.randrange(10**6),
        "product_title": good.title,
        "quantity": quantity,
        "sku_id": 4_800_000_000_000 + dice.randrange(10**10),
        "sku_number": good.outer_sku(good.sizes[0]),
        "sku_spec": good.properties(good.sizes[0]),
    }
