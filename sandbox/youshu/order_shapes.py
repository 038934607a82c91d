"""What an order, its state and a return look like. Sources: add_order and order_update pages, and models of SDKs."""

from __future__ import annotations

from typing import Any

from sandbox import shape
from sandbox.youshu import order_blocks
from sandbox.youshu.order_values import each, millis, one_of, sha256

SOURCES = ("wxapp", "app", "mobileweb", "pcweb", "offstore_pos_manual", "offstore_pos_self_help", "other")
# In the order in which an order goes through them; which of two is the older one is this sandbox's choice.
STATES = ("1110", "1130", "1150", "1140", "1160", "1180")


def _user(value: Any, where: str) -> None:
    known = ("open_id", "app_id", "union_id", "user_id", "member_id", "card_level")
    optional: dict[str, shape.Check] = dict.fromkeys(known, shape.text)
    shape.record(value, where, {}, {**optional, "user_first_order_time": millis, "sha256_user_phone": sha256})


def _line(value: Any, where: str) -> None:
    required = dict.fromkeys(
        ("external_sku_id", "sku_name_chinese", "external_spu_id", "spu_name_chinese"), shape.text
    )
    amounts = {"goods_amount": shape.number, "payment_amount": shape.number}
    known = ("primary_image_url", "sale_unit", "category_id", "category_name")
    optional: dict[str, shape.Check] = {
        "is_gift": one_of(0, 1),
        "goods_weight": shape.number,
        "store_info": order_blocks.store,
        "chan_info": each(order_blocks.channel, 0),
        **dict.fromkeys(known, shape.text),
    }
    shape.record(value, where, {**required, **amounts, "goods_num": shape.integer}, optional)


def _payment(value: Any, where: str) -> None:
    fields = {"payment_type": shape.text, "trans_id": shape.text, "trans_amount": shape.number}
    shape.record(value, where, fields)


def _back(value: Any, where: str) -> None:
    texts = ("external_sku_id", "sku_name_chinese", "external_spu_id", "spu_name_chinese")
    fields = {
        **dict.fromkeys(texts, shape.text),
        "return_goods_amount": shape.amount,
        "return_goods_num": shape.integer,
    }
    shape.record(value, where, fields, {"is_gift": one_of(0, 1)})


ORDER: dict[str, shape.Check] = {
    "external_order_id": shape.text,
    "create_time": millis,
    "order_source": one_of(*SOURCES),
    "order_type": one_of(*range(1, 9)),
    "goods_num_total": shape.integer,
    "goods_amount_total": shape.number,
    "freight_amount": shape.number,
    "order_amount": shape.number,
    "payable_amount": shape.number,
    "payment_amount": shape.number,
    "order_status": one_of(*STATES),
    "status_change_time": millis,
    "user_info": _user,
    "goods_info": each(_line, 1),
}
ORDER_OPTIONAL: dict[str, shape.Check] = {
    "payment_info": each(_payment, 0),
    "coupon_info": each(order_blocks.coupon, 0),
    "express_info": order_blocks.express,
    "brand_id": shape.text,
    "brand_name": shape.text,
    "goods_weight": shape.number,
    "points_total": shape.number,
    "is_deleted": one_of(0, 1),
}
STATE: dict[str, shape.Check] = {
    "external_order_id": shape.text,
    "order_status": one_of(*STATES),
    "status_change_time": millis,
}
RETURN: dict[str, shape.Check] = {
    "external_return_order_id": shape.text,
    "external_order_id": shape.text,
    "return_create_time": millis,
    "return_num": shape.integer,
    "return_amount": shape.amount,
    "return_freight_amount": shape.amount,
    "return_order_amount": shape.amount,
    "return_order_status": one_of("1290"),
    "status_change_time": millis,
    "return_goods_info": each(_back, 1),
}
