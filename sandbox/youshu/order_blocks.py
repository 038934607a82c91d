"""Blocks that an order may hold: express, coupons, and of each line store and channel. Sources: models of SDKs."""

from __future__ import annotations

import re
from typing import Any

from sandbox import shape
from sandbox.youshu.order_values import each, millis, one_of, sha256

_SPAN = re.compile("[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}")
# From the finest to the coarsest: each needs those before it, and its own description.
_CUSTOM = ("chan_custom_id", "chan_custom_cat_3", "chan_custom_cat_2", "chan_custom_cat_1")


def express(value: Any, where: str) -> None:
    texts = (
        "logistics_status", "receiver_name", "receiver_address", "receiver_country_code", "receiver_province_code",
        "receiver_city_code", "receiver_district_code",
    )  # fmt: skip
    optional: dict[str, shape.Check] = {
        **dict.fromkeys(texts, shape.text),
        "goods_total_weight": shape.number,
        "sha256_receiver_phone": sha256,
        "expected_delivery_time": _span,
        "expected_delivery_date": shape.compact_day,
        "express_package_info": each(_package, 0),
    }
    shape.record(value, where, {}, optional)


def coupon(value: Any, where: str) -> None:
    """All coupons of one type."""
    optional: dict[str, shape.Check] = {
        "coupon_type": one_of(1, 2),
        "coupon_amount_total": shape.number,
        "coupon_detail": each(_coupon_detail, 0),
    }
    shape.record(value, where, {}, optional)


def store(value: Any, where: str) -> None:
    shape.record(
        value, where, {}, dict.fromkeys(("external_store_id", "store_name", "store_city"), shape.text)
    )


def channel(value: Any, where: str) -> None:
    optional: dict[str, shape.Check] = {
        "chan_wxapp": lambda part, place: _record_of_texts(part, place, "chan_scene"),
        "chan_custom": _custom,
        "chan_refer_app_id": shape.text,
        "chan_id": shape.text,
    }
    shape.record(value, where, {}, optional)


def _custom(value: Any, where: str) -> None:
    _record_of_texts(value, where, *_CUSTOM, *(f"{name}_desc" for name in _CUSTOM))
    known = [name in value for name in _CUSTOM]
    if known != sorted(known, reverse=True):
        raise shape.BadShape(f"{where}: a category needs all that are finer than it")
    for name in _CUSTOM[1:]:
        if name in value and f"{name}_desc" not in value:
            raise shape.BadShape(f"{where}.{name}_desc is missing")


def _package(value: Any, where: str) -> None:
    texts = ("express_company_code", "express_company_name", "express_code")
    optional: dict[str, shape.Check] = {
        **dict.fromkeys(texts, shape.text),
        "ship_time": millis,
        "express_page": _page,
        "express_package_info": each(_packed, 0),
    }
    shape.record(value, where, {}, optional)


def _page(value: Any, where: str) -> None:
    _record_of_texts(value, where, "miniprogram_path", "miniprogram_appid", "miniprogram_h5")
    if "miniprogram_path" in value and "miniprogram_appid" not in value:
        raise shape.BadShape(f"{where}.miniprogram_appid is missing")


def _packed(value: Any, where: str) -> None:
    shape.record(value, where, {}, {"external_sku_id": shape.text, "number": shape.integer})


def _coupon_detail(value: Any, where: str) -> None:
    texts = dict.fromkeys(("external_coupon_id", "coupon_batch_id", "coupon_name"), shape.text)
    shape.record(value, where, {}, {**texts, "coupon_amount": shape.number})


def _span(value: Any, where: str) -> None:
    if not isinstance(value, str) or not _SPAN.fullmatch(value):
        raise shape.BadShape(f'{where} must be a span as "9:00-12:00"')


def _record_of_texts(value: Any, where: str, *names: str) -> None:
    shape.record(value, where, {}, dict.fromkeys(names, shape.text))
