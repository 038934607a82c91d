"""What the sandbox takes of an order: what the documents describe, and nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

LINE = {
    "external_sku_id": "S1-red", "sku_name_chinese": "衫 红", "external_spu_id": "S1", "spu_name_chinese": "衫",
    "goods_amount": 30, "payment_amount": 33.5, "goods_num": 2,
}  # fmt: skip
ORDER = {
    "external_order_id": "N1", "create_time": "1795000000000", "order_source": "wxapp", "order_type": 1,
    "goods_num_total": 2, "goods_amount_total": 30, "freight_amount": 5.0, "order_amount": 35, "payable_amount": 33.5,
    "payment_amount": 33.5, "order_status": "1150", "status_change_time": "1795000000000", "goods_info": [LINE],
    "user_info": {"open_id": "o1"},
    "payment_info": [{"payment_type": "00009", "trans_id": "4", "trans_amount": 33.5}],
}  # fmt: skip
EXPRESS = {
    "logistics_status": "3010", "goods_total_weight": 300, "receiver_name": "张三", "receiver_address": "示例路 1 号",
    "sha256_receiver_phone": "A1" * 32, "receiver_country_code": "CN", "receiver_province_code": "330000",
    "receiver_city_code": "330100", "receiver_district_code": "330106", "expected_delivery_time": "9:00-12:00",
    "expected_delivery_date": "20261123",
    "express_package_info": [{
        "express_company_code": "10003", "express_company_name": "某快递", "express_code": "288383838",
        "ship_time": "1795000000000", "express_package_info": [{"external_sku_id": "S1-red", "number": 2}],
        "express_page": {"miniprogram_path": "pages/express", "miniprogram_appid": "wx1", "miniprogram_h5": "https://e"},
    }],
}  # fmt: skip
COUPON = {
    "coupon_type": 1, "coupon_amount_total": 1.5,
    "coupon_detail": [
        {"external_coupon_id": "C1", "coupon_batch_id": "B1", "coupon_name": "满减", "coupon_amount": 1.5},
    ],
}  # fmt: skip
STORE = {"external_store_id": "9L11", "store_name": "海岸城店", "store_city": "深圳市"}
CHANNEL = {
    "chan_wxapp": {"chan_scene": "1140"}, "chan_refer_app_id": "wx1", "chan_id": "8_5a23",
    "chan_custom": {
        "chan_custom_id": "4", "chan_custom_id_desc": "四", "chan_custom_cat_3": "3", "chan_custom_cat_3_desc": "三",
        "chan_custom_cat_2": "2", "chan_custom_cat_2_desc": "二",
        "chan_custom_cat_1": "1", "chan_custom_cat_1_desc": "一",
    },
}  # fmt: skip
WHOLE = {
    **ORDER,
    "express_info": EXPRESS,
    "coupon_info": [COUPON],
    "goods_info": [{**LINE, "store_info": STORE, "chan_info": [CHANNEL]}],
}


@pytest.fixture
def add(player, flagship):
    def post(order: dict[str, Any] | str, call: str = "order/add_order") -> int:
        text = order if isinstance(order, str) else json.dumps(order)
        body = f'{{"dataSourceId":"{flagship["data_source_id"]}","orders":[{text}]}}'
        return int(player.youshu(call, flagship, body)["retcode"])

    return post


def changed(order: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a copy with one value changed; None: without it."""
    order = copy.deepcopy(order)
    part: Any = order
    for step in path[:-1]:
        part = part[step]
    part.pop(path[-1], None)
    if value is not None:
        part[path[-1]] = value
    return order


@pytest.mark.parametrize("state", ["1110", "1130", "1150", "1140", "1160", "1180"])
def test_an_order_with_every_documented_block_is_taken_in_every_state(add, state):
    assert add({**WHOLE, "order_status": state}) == 0


@pytest.mark.parametrize("number", ["5", "5.0", "5.00", "5.000", "5.000000000000001"])
def test_an_amount_has_any_number_of_decimals(add, number):
    text = json.dumps(WHOLE).replace('"freight_amount": 5.0', f'"freight_amount": {number}')
    assert number in text
    assert add(text) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payment_amount": 28.5, "payable_amount": 28.5}, 0),
        ({"payment_amount": 0, "payment_info": [], "order_status": "1110"}, 0),
        ({"payment_amount": 0, "payment_info": []}, 0),
        ({"goods_num_total": 3}, 0),
        ({"order_amount": 35.01}, 13),
        ({"payable_amount": 35.01}, 13),
        ({"payment_amount": 33.51}, 13),
        ({"payment_info": []}, 13),
    ],
)
def test_only_documented_sums_must_be_right(add, changes, code):
    assert add({**ORDER, **changes}) == code


LINE_0, PACKAGE = ("goods_info", 0), ("express_info", "express_package_info", 0)
CUSTOM = (*LINE_0, "chan_info", 0, "chan_custom")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("express_info", "receiver_phone"), "13800000000"),
        (("express_info", "sha256_receiver_phone"), "13800000000"),
        (("express_info", "expected_delivery_time"), "9-12"),
        (("express_info", "expected_delivery_date"), "2026-11-23"),
        ((*PACKAGE, "ship_time"), 1795000000000),
        ((*PACKAGE, "express_page", "miniprogram_appid"), None),
        ((*PACKAGE, "express_package_info", 0, "number"), "2"),
        (("express_info",), [EXPRESS]),
        (("coupon_info",), COUPON),
        (("coupon_info", 0, "coupon_type"), 3),
        (("coupon_info", 0, "coupon_amount_total"), "1.50"),
        (("coupon_info", 0, "coupon_detail", 0, "amount"), 1),
        (("store_info",), STORE),
        ((*LINE_0, "store_info", "store_name"), 7),
        ((*LINE_0, "chan_info"), CHANNEL),
        ((*LINE_0, "chan_info", 0, "chan_weapp"), {"chan_scene": "1140"}),
        ((*LINE_0, "chan_info", 0, "chan_wxapp", "chan_scene"), 1140),
        ((*CUSTOM, "chan_custom_id"), None),
        ((*CUSTOM, "chan_custom_cat_3"), None),
        ((*CUSTOM, "chan_custom_cat_2_desc"), None),
        (("promotion_info",), []),
        (("invoice_info",), []),
    ],
)
def test_a_block_that_is_not_as_documented_refuses_the_order(add, path, value):
    assert add(changed(WHOLE, path, value)) == 13


BACK = {
    "external_return_order_id": "R1", "external_order_id": "N1", "return_create_time": "1795000000000",
    "return_num": 3, "return_amount": 10.5, "return_freight_amount": 0, "return_order_amount": 10.5,
    "return_order_status": "1290", "status_change_time": "1795000000000",
    "return_goods_info": [{
        "external_sku_id": "S1-red", "sku_name_chinese": "衫 红", "external_spu_id": "S1", "spu_name_chinese": "衫",
        "return_goods_amount": 10.5, "return_goods_num": 2,
    }],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, 0), ({"return_amount": 10.501}, 13), ({"return_order_amount": 11}, 13)],
)
def test_of_a_return_two_decimals_and_the_documented_sum_are_wanted(add, changes, code):
    assert add({**BACK, **changes}, "return_order/add") == code


def test_a_daily_sum_has_any_number_of_decimals(player, flagship):
    assert player.report_sum(flagship, payment_amount_sum=19.900000000000002)["retcode"] == 0
