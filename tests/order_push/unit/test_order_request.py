"""A row of the outbox as Youshu is sent it: exact to the cent, and never one that does not add up."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.pipelines.order_push.order_request import (
    Element,
    body,
    millis,
    order_element,
    status_element,
)
from tests.order_push.unit.sent_orders import (
    CENTS,
    LINES,
    NOON,
    exactly,
    goods_back,
    order,
    rejection,
    sent,
    sent_return,
)


@given(LINES, CENTS, st.integers(0, 5000))
def test_every_order_that_adds_up_goes_out_exact_to_the_cent_with_two_decimals(lines, freight, discount):
    element = exactly(sent(order(lines, freight, discount)))
    assert [line["payment_amount"] for line in element["goods_info"]] == [
        f"{Decimal(cents) / 100:.2f}" for _, cents in lines
    ]
    paid = sum(cents for _, cents in lines) + freight
    assert (
        element["payment_amount"]
        == element["payment_info"][0]["trans_amount"]
        == f"{Decimal(paid) / 100:.2f}"
    )
    assert element["goods_num_total"] == str(sum(count for count, _ in lines))


def test_state_and_its_time_come_from_the_row_whatever_the_order_says():
    element = json.loads(sent({**order([(1, 1)]), "order_status": "1110", "status_change_time": "0"}, "1160"))
    assert (element["order_status"], element["status_change_time"]) == ("1160", "1795406400000")
    assert json.loads(status_element("N1", "1180", NOON).content) == {
        "external_order_id": "N1",
        "order_status": "1180",
        "status_change_time": "1795406400000",
    }
    back = json.loads(sent_return(goods_back()))
    assert (back["return_order_status"], back["status_change_time"]) == ("1290", "1795406400000")


def test_what_is_not_named_goes_out_as_it_came():
    extra = {"wx_ext": {"deep": [1, "二", None, True]}, "goods_weight": 1.234, "coupon_amount_total": 3}
    element = exactly(sent({**order([(1, 1)]), **extra}))
    assert element["wx_ext"] == {"deep": ["1", "二", None, True]}
    assert (element["goods_weight"], element["coupon_amount_total"]) == ("1.234", "3.00")


@pytest.mark.parametrize(
    "path",
    [
        ("external_order_id",), ("create_time",), ("order_source",), ("order_type",), ("goods_num_total",),
        ("goods_amount_total",), ("freight_amount",), ("order_amount",), ("payable_amount",), ("payment_amount",),
        ("user_info",), ("user_info", "open_id"), ("goods_info",), ("payment_info",),
        ("goods_info", 0, "external_sku_id"), ("goods_info", 0, "sku_name_chinese"),
        ("goods_info", 0, "external_spu_id"), ("goods_info", 0, "spu_name_chinese"),
        ("goods_info", 0, "goods_amount"), ("goods_info", 0, "payment_amount"), ("goods_info", 0, "goods_num"),
    ],
)  # fmt: skip
def test_a_required_field_that_is_missing_or_null_is_named(path):
    for spoil in (lambda part, key: part.pop(key), lambda part, key: part.update({key: None})):
        record = copy.deepcopy(order([(1, 1)]))
        part: Any = record
        for step in path[:-1]:
            part = part[step]
        spoil(part, path[-1])
        told = rejection(sent, record)
        assert told.startswith("missing: ")
        assert str(path[-1]) in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"external_order_id": "N2"}, "other_order: external_order_id is not the row's order_code"),
        ({"create_time": 1795000000000}, "wrong_type: create_time: 13 digits as text"),
        ({"create_time": "1795000000"}, "wrong_type: create_time: 13 digits as text"),
        ({"order_type": "1"}, "wrong_type: order_type"),
        ({"goods_num_total": True}, "wrong_type: goods_num_total"),
        ({"freight_amount": "5.00"}, "wrong_type: freight_amount"),
        ({"freight_amount": 1e300}, "amount_too_large: freight_amount"),
        ({"coupon_info": [{"coupon_amount_total": "3"}]}, "wrong_type: coupon_amount_total"),
        ({"express_info": {"receiver_phone": "13800000000"}}, "plain_phone: receiver_phone"),
        ({"goods_info": []}, "missing: goods_info"),
        ({"goods_info": ["S1"]}, "wrong_type: goods_info[0]"),
        ({"user_info": {"open_id": "o", "user_phone": "13800000000"}}, "plain_phone: user_phone"),
        ({"user_info": {"open_id": "o", "sha256_user_phone": "13800000000"}}, "no_sha256: sha256_user_phone"),
        ({"payment_info": []}, "missing: payment_info"),
    ],
)
def test_what_youshu_would_not_take_is_told_without_what_it_holds(changes, told):
    assert rejection(sent, {**order([(1, 1)]), **changes}) == told


@pytest.mark.parametrize("state", ["1110", "1130"])
def test_of_an_unpaid_order_no_payment_is_wanted(state):
    record = order([(1, 1)])
    del record["payment_info"]
    assert "payment_info" not in json.loads(sent(record, state))


def test_only_mini_program_orders_need_an_open_id():
    record = {**order([(1, 1)]), "order_source": "app", "user_info": {"user_id": "7"}}
    assert json.loads(sent(record))["user_info"] == {"user_id": "7"}


@pytest.mark.parametrize("text", [None, "", "{", "[" * 100_000, '"order"', "[]", "1"])
def test_what_is_no_object_is_told(text):
    assert rejection(order_element, text, "1150", NOON, "N1") in (
        "no_json: request_info",
        "no_object: request_info",
    )


@given(st.integers(0, 5 * 10**8), st.integers(0, 999_999), st.integers(-12, 14))
def test_times_are_thirteen_digits_and_the_same_moment_in_any_zone(seconds, micros, hours):
    aware = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micros)
    text = millis(aware.astimezone(timezone(timedelta(hours=hours))))
    assert len(text) == 13
    assert timedelta(0) <= aware - datetime.fromtimestamp(int(text) / 1000, UTC) < timedelta(milliseconds=2)


def test_a_body_holds_the_elements_as_they_are():
    text = body('源"1', [Element(sent(order([(1, 1)]))), Element(sent(order([(2, 2)])))])
    assert json.loads(text)["dataSourceId"] == '源"1'
    assert sent(order([(2, 2)])).decode() in text
