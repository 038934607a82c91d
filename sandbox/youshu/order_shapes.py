"""What an order, its state and a return look like. Sources: add_order and order_update pages, and models of SDKs."""

from __future__ import annotations

import re
from typing import Any

from sandbox import shape

_MILLIS = re.compile("[0-9]{13}")
_SHA256 = re.compile("[0-9a-f]{64}")
SOURCES = ("wxapp", "app", "mobileweb", "pcweb", "offstore_pos_manual", "offstore_pos_self_help", "other")
# In the order in which an order goes through them; which of two is the older one is this sandbox's choice.
STATES = ("1110", "1130", "1150", "1140", "1160", "1180")


def millis(value: Any, where: str) -> None:
    if not isinstance(value, str) or not _MILLIS.fullmatch(value):
        raise shape.BadShape(f"{where} must be a string of 13 digits")


def sha256(value: Any, where: str) -> None:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise shape.BadShape(f"{where} must be 64 lowercase hex digits")


def cents(value: Any, where: str) -> None:
    """An amount as the documents' samples write it: with both decimals."""
    shape.amount(value, where)
    if getattr(value, "as_tuple", lambda: None)() is None or value.as_tuple().exponent != -2:
        raise shape.BadShape(f"{where} must have two decimals")


def one_of(*allowed: Any) -> shape.Check:
    def check(value: Any, where: str) -> None:
        if value not in allowed or isinstance(value, bool):
            raise shape.BadShape(f"{where} must be one of {', '.join(map(str, allowed))}")

    return check


def _user(value: Any, where: str) -> None:
    known = ("open_id", "app_id", "union_id", "user_id", "member_id", "card_level")
    optional: dict[str, shape.Check] = dict.fromkeys(known, shape.text)
    shape.record(value, where, {}, {**optional, "user_first_order_time": millis, "sha256_user_phone": sha256})


def _line(value: Any, where: str) -> None:
    required = dict.fromkeys(
        ("external_sku_id", "sku_name_chinese", "external_spu_id", "spu_name_chinese"), shape.text
    )
    amounts = {"goods_amount": cents, "payment_amount": cents}
    known = ("primary_image_url", "sale_unit", "category_id", "category_name")
    optional = {"is_gift": one_of(0, 1), "goods_weight": shape.number, **dict.fromkeys(known, shape.text)}
    shape.record(value, where, {**required, **amounts, "goods_num": shape.integer}, optional)


def _payment(value: Any, where: str) -> None:
    fields = {"payment_type": shape.text, "trans_id": shape.text, "trans_amount": cents}
    shape.record(value, where, fields)


def _each(check: shape.Check, at_least: int) -> shape.Check:
    def check_all(value: Any, where: str) -> None:
        for number, element in enumerate(shape.array(value, where, at_least=at_least)):
            check(element, f"{where}[{number}]")

    return check_all


def _back(value: Any, where: str) -> None:
    texts = ("external_sku_id", "sku_name_chinese", "external_spu_id", "spu_name_chinese")
    fields = {
        **dict.fromkeys(texts, shape.text),
        "return_goods_amount": cents,
        "return_goods_num": shape.integer,
    }
    shape.record(value, where, fields, {"is_gift": one_of(0, 1)})


ORDER: dict[str, shape.Check] = {
    "external_order_id": shape.text,
    "create_time": millis,
    "order_source": one_of(*SOURCES),
    "order_type": one_of(*range(1, 9)),
    "goods_num_total": shape.integer,
    "goods_amount_total": cents,
    "freight_amount": cents,
    "order_amount": cents,
    "payable_amount": cents,
    "payment_amount": cents,
    "order_status": one_of(*STATES),
    "status_change_time": millis,
    "user_info": _user,
    "goods_info": _each(_line, 1),
}
ORDER_OPTIONAL: dict[str, shape.Check] = {
    "payment_info": _each(_payment, 0),
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
    "return_amount": cents,
    "return_freight_amount": cents,
    "return_order_amount": cents,
    "return_order_status": one_of("1290"),
    "status_change_time": millis,
    "return_goods_info": _each(_back, 1),
}
