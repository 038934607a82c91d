"""What trades look like: 240 models, every status, every type. Source of the fields: the reference's list."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.taobao_records.kinds import TRADE, WRAPPINGS
from sandbox.taobao_records.record_model import MODELS, Model, number, pick, present, yuan
from sandbox.taobao_records.record_texts import BUYERS, MEMOS, MESSAGES, PLACES
from sandbox.taobao_records.sellers import SELLERS, Seller
from sandbox.taobao_records.trade_lines import ENDED, SENT, Lines, trade_lines

STATUSES = (
    ("TRADE_FINISHED", 88),
    ("WAIT_SELLER_SEND_GOODS", 50),
    ("WAIT_BUYER_CONFIRM_GOODS", 40),
    ("TRADE_CLOSED", 16),
    ("TRADE_CLOSED_BY_TAOBAO", 12),
    ("WAIT_BUYER_PAY", 12),
    ("SELLER_CONSIGNED_PART", 8),
    ("TRADE_BUYER_SIGNED", 4),
    ("PAID_FORBID_CONSIGN", 4),
    ("TRADE_NO_CREATE_PAY", 2),
    ("PAY_PENDING", 2),
    ("WAIT_PRE_AUTH_CONFIRM", 2),
)
TYPES = ("fixed",) * 11 + ("step", "cod", "guarantee_trade", "auction", "fenxiao", "ec", "nopaid")
REFUNDS = ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS", "SELLER_REFUSE_BUYER")
UNPAID = ("WAIT_BUYER_PAY", "TRADE_CLOSED_BY_TAOBAO", "TRADE_NO_CREATE_PAY", "PAY_PENDING")
_FREIGHT_BELOW, _FREIGHT = 9900, 800


def trade_model(seed: int, index: int) -> Model:
    dice = Random(f"{seed}/{TRADE}/{index}")
    status = pick(index * 7 % MODELS, STATUSES)
    seller = SELLERS[index % len(SELLERS)]
    lines = trade_lines(status, _refund_status(status, index), dice)
    kind, buyer = TYPES[index % len(TYPES)], dice.choice(BUYERS)
    record = {
        **_head(status, kind, seller, buyer),
        **_money(status, kind, lines, dice),
        **_times(status),
        **_receiver(dice),
        **_words(seller, index, dice),
        "orders": {"order": lines.orders},
    }
    if lines.promotions:
        record["promotion_details"] = {"promotion_detail": lines.promotions}
    columns = {"status": status, "type": kind, "seller_nick": seller.nick, "buyer_nick": buyer}
    return Model(present(record), columns, seller.nick, WRAPPINGS[TRADE])


def _refund_status(status: str, index: int) -> str | None:
    """Of the first order."""
    if status == "TRADE_CLOSED":
        return "SUCCESS"
    if status in UNPAID or index % 12:
        return None
    return "CLOSED" if status == "TRADE_FINISHED" else REFUNDS[index // 12 % len(REFUNDS)]


def _head(status: str, kind: str, seller: Seller, buyer: str) -> dict[str, Any]:
    return {
        "tid": number("tid"),
        "tid_str": "%(tid)d",
        "sid": "%(tid)d",
        "status": status,
        "type": kind,
        "seller_nick": seller.nick,
        "title": seller.title,
        "buyer_nick": buyer,
        "buyer_open_uid": "AAH%(tail)09dkAAPNFh3AAAAB",
        "trade_from": "WAP,WAP",
        "shipping_type": "express",
        "cod_status": "NEW_CREATED" if kind == "cod" else None,
        "has_post_fee": True,
    }


def _money(status: str, kind: str, lines: Lines, dice: Random) -> dict[str, Any]:
    postage = _FREIGHT if lines.goods < _FREIGHT_BELOW else 0
    payment = lines.goods - lines.discount + postage
    done = status == "TRADE_FINISHED"
    step = kind == "step"
    return {
        "adjust_fee": "0.00",
        "alipay_id": 2088000000000000 + dice.randrange(10**11),
        "alipay_no": None if status in UNPAID else "2026%(tid)d24",
        "available_confirm_fee": "0.00" if done else yuan(payment),
        "buyer_obtain_point_fee": 0,
        "cod_fee": "0.00",
        "commission_fee": "0.00",
        "credit_card_fee": yuan(payment) if dice.random() < 0.4 else None,
        "discount_fee": yuan(lines.discount),
        "num": lines.pieces,
        "num_iid": lines.orders[0]["num_iid"],
        "payment": yuan(payment),
        "pcc_af": 0,
        "point_fee": 0,
        "post_fee": yuan(postage),
        "price": lines.orders[0]["price"],
        "real_point_fee": 0,
        "received_payment": yuan(payment) if done else "0.00",
        "step_paid_fee": yuan(payment // 10) if step else None,
        "step_trade_status": "FRONT_PAID_FINAL_PAID" if step else None,
        "total_fee": yuan(lines.goods),
    }


def _times(status: str) -> dict[str, Any]:
    return {
        "created": "%(created)s",
        "modified": "%(modified)s",
        "pay_time": None if status in UNPAID else "%(paid)s",
        "consign_time": "%(sent)s" if status in SENT else None,
        "end_time": "%(modified)s" if status in ENDED else None,
        "timeout_action_time": None if status in ENDED else "%(timeout)s",
    }


def _receiver(dice: Random) -> dict[str, Any]:
    """Masked, as every buyer's data is; `oaid` stands for what lies behind the masks."""
    state, city, district, town = dice.choice(PLACES)
    return {
        "oaid": "1gYC%(tail)09dRHjDwzSGL3tm9PibHAcNFBLuGZbRzYwA8Q7sKqkXnVJ5eUoW6iTfEbYxQv1DcPdhaN",
        "buyer_alipay_no": "***********",
        "buyer_area": f"{state}{city}电信",
        "receiver_name": dice.choice(("张**", "李*", "阿***提", "Z** O***l")),
        "receiver_state": state,
        "receiver_city": city,
        "receiver_district": district,
        "receiver_town": town if dice.random() < 0.8 else None,
        "receiver_address": f"{town}**路**号*幢***室",
        "receiver_zip": "000000",
        "receiver_mobile": "*******%(buyer)04d",
        "receiver_phone": dice.choice((None, None, "0571-****")),
    }


def _words(seller: Seller, index: int, dice: Random) -> dict[str, Any]:
    return {
        "buyer_message": dice.choice(MESSAGES),
        "buyer_rate": False,
        "can_rate": dice.random() < 0.2,
        "is_3D": False,
        "is_brand_sale": seller.seller_type == "B",
        "is_daixiao": False,
        "is_force_wlb": False,
        "is_gift": False,
        "is_lgtype": False,
        "is_part_consign": False,
        "is_sh_ship": False,
        "is_wt": False,
        "new_presell": False,
        "pic_path": "https://img.alicdn.com/bao/uploaded/i1/O1CN01%(tail)09d_!!0-item_pic.jpg",
        "platform_subsidy_fee": "0.00",
        "promise_service": "48小时内发货/72小时内揽收",
        "seller_alipay_no": "***@example.com",
        "seller_can_rate": False,
        "seller_flag": index % 6,
        "seller_memo": dice.choice(MEMOS),
        "seller_mobile": "*******0000",
        "seller_name": "示例*****有限公司",
        "seller_rate": False,
        "snapshot_url": "s:%(tid)d_1",
        "es_date": "2026-11-30" if index % 9 == 0 else None,
        "trade_attr": '{"erpHold":"0","scene":"a/b"}' if index % 4 == 0 else None,
        "top_hold": 0,
        "trade_ext": {"before_ship_flag": 1, "extra_data": "k:v"} if index % 30 == 7 else None,
        "field_of_tomorrow": {"level": 1, "say": "new/key"} if index % 20 == 3 else None,  # in no reference
        "you_xiang": False,
    }
