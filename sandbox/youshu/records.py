"""What an order, its state, a return and a WeChat analysis look like. Sources: the pages, and models of SDKs."""

from __future__ import annotations

import re
from typing import Any

from sandbox.shape import (
    BadShape,
    Check,
    amount,
    block,
    compact_day,
    each,
    fields,
    integer,
    number,
    one_of,
    text,
)

SOURCES = ("wxapp", "app", "mobileweb", "pcweb", "offstore_pos_manual", "offstore_pos_self_help", "other")
# In the order in which an order goes through them; which of two is the older one is this sandbox's choice.
STATES = ("1110", "1130", "1150", "1140", "1160", "1180")
# From the finest to the coarsest: each needs those before it, and its own description.
_CUSTOM = ("chan_custom_id", "chan_custom_cat_3", "chan_custom_cat_2", "chan_custom_cat_1")


def _of_form(form: str, words: str) -> Check:
    pattern = re.compile(form)

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BadShape(f"{where} must be {words}")

    return check


def _custom(value: Any, where: str) -> None:
    block({}, fields({text: " ".join((*_CUSTOM, *(f"{name}_desc" for name in _CUSTOM)))}))(value, where)
    known = [name in value for name in _CUSTOM]
    if known != sorted(known, reverse=True):
        raise BadShape(f"{where}: a category needs all that are finer than it")
    for name in _CUSTOM[1:]:
        if name in value and f"{name}_desc" not in value:
            raise BadShape(f"{where}.{name}_desc is missing")


def _express_page(value: Any, where: str) -> None:
    block({}, fields({text: "miniprogram_path miniprogram_appid miniprogram_h5"}))(value, where)
    if "miniprogram_path" in value and "miniprogram_appid" not in value:
        raise BadShape(f"{where}.miniprogram_appid is missing")


_millis = _of_form("[0-9]{13}", "a string of 13 digits")
_sha256 = _of_form("[0-9a-fA-F]{64}", "64 hex digits")
_span = _of_form("[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}", 'a span as "9:00-12:00"')
_flag = one_of(0, 1)
_GOODS = "external_sku_id sku_name_chinese external_spu_id spu_name_chinese"

_package = block({}, fields({
    text: "express_company_code express_company_name express_code", _millis: "ship_time",
    _express_page: "express_page",
    each(block({}, fields({text: "external_sku_id", integer: "number"}))): "express_package_info",
}))  # fmt: skip
_express = block({}, fields({
    text: "logistics_status receiver_name receiver_address receiver_country_code receiver_province_code"
    " receiver_city_code receiver_district_code",
    number: "goods_total_weight", _sha256: "sha256_receiver_phone", _span: "expected_delivery_time",
    compact_day: "expected_delivery_date", each(_package): "express_package_info",
}))  # fmt: skip
# All coupons of one type.
_coupon = block({}, fields({
    one_of(1, 2): "coupon_type", number: "coupon_amount_total",
    each(block({}, fields({text: "external_coupon_id coupon_batch_id coupon_name", number: "coupon_amount"}))):
        "coupon_detail",
}))  # fmt: skip
_store = block({}, fields({text: "external_store_id store_name store_city"}))
_channel = block({}, fields({
    block({}, fields({text: "chan_scene"})): "chan_wxapp", _custom: "chan_custom",
    text: "chan_refer_app_id chan_id",
}))  # fmt: skip
_user = block({}, fields({
    text: "open_id app_id union_id user_id member_id card_level", _millis: "user_first_order_time",
    _sha256: "sha256_user_phone",
}))  # fmt: skip
_line = block(
    fields({text: _GOODS, number: "goods_amount payment_amount", integer: "goods_num"}),
    fields({
        text: "primary_image_url sale_unit category_id category_name", _flag: "is_gift", number: "goods_weight",
        _store: "store_info", each(_channel): "chan_info",
    }),
)  # fmt: skip
_payment = block(fields({text: "payment_type trans_id", number: "trans_amount"}))
_back = block(
    fields({text: _GOODS, amount: "return_goods_amount", integer: "return_goods_num"}), {"is_gift": _flag}
)

ORDER = fields({
    text: "external_order_id", _millis: "create_time status_change_time", one_of(*SOURCES): "order_source",
    one_of(*range(1, 9)): "order_type", one_of(*STATES): "order_status", integer: "goods_num_total",
    number: "goods_amount_total freight_amount order_amount payable_amount payment_amount", _user: "user_info",
    each(_line, at_least=1): "goods_info",
})  # fmt: skip
ORDER_OPTIONAL = fields({
    each(_payment): "payment_info", each(_coupon): "coupon_info", _express: "express_info",
    text: "brand_id brand_name", number: "goods_weight points_total", _flag: "is_deleted",
})  # fmt: skip
STATE = fields({text: "external_order_id", one_of(*STATES): "order_status", _millis: "status_change_time"})
RETURN = fields({
    text: "external_return_order_id external_order_id", _millis: "return_create_time status_change_time",
    integer: "return_num", amount: "return_amount return_freight_amount return_order_amount",
    one_of("1290"): "return_order_status", each(_back, at_least=1): "return_goods_info",
})  # fmt: skip
PAGE = block(fields({
    text: "page_path", number: "page_staytime_pv",
    integer: "page_visit_pv page_visit_uv entrypage_pv exitpage_pv page_share_pv page_share_uv",
}))  # fmt: skip
_INDEXES = (
    "access_source_session_cnt",
    "access_source_visit_uv",
    "access_staytime_info",
    "access_depth_info",
)
INDEX = block(fields({
    one_of(*_INDEXES): "index", each(block(fields({integer: "key value"}))): "item_list",
}))  # fmt: skip
