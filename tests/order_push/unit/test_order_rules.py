"""What refuses an order stands in Youshu's documents; what we merely expect is a warning, or strictly a refusal."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.order_push.order_request import order_element, return_element
from retail_pipeline.settings.order_push import STATES
from tests.order_push.unit.sent_orders import (
    LINES,
    NOON,
    exactly,
    goods_back,
    order,
    rejection,
    sent,
    sent_return,
    strictly,
    warnings,
)


@given(
    LINES,
    st.sampled_from(["goods_amount_total", "freight_amount", "order_amount"]),
    st.sampled_from([-1, 1]),
)
def test_a_documented_sum_that_is_off_by_the_least_is_never_sent(lines, field, by):
    record = order(lines)
    record[field] = float(Decimal(str(record[field])) + Decimal(by) / 100)
    assert rejection(sent, record).startswith("sum_wrong: order_amount")


@pytest.mark.parametrize("state", STATES)
@given(LINES, st.sampled_from(["payment_amount", "goods_num_total"]), st.integers(1, 500))
def test_a_sum_that_no_document_states_is_a_warning_in_every_state_and_strict_a_refusal(
    state, lines, field, less
):
    record = order(lines, freight=500, discount=600)
    if field == "goods_num_total":
        record[field] += less
    else:
        record[field] = float(Decimal(str(record[field])) - Decimal(less) / 100)
    element = exactly(sent(record, state))
    assert Decimal(element[field]) == Decimal(str(record[field]))
    [warning] = warnings(record, state)
    assert warning.startswith(f"sum_wrong: {field}")
    assert rejection(strictly, record, state) == warning


def test_waived_freight_and_an_order_of_which_nothing_is_paid_yet_are_sent():
    waived = order([(1, 1000)], freight=500)
    waived.update(payment_amount=10, payable_amount=10)
    assert warnings(waived) == ("sum_wrong: payment_amount (lines and freight) is 10, its parts are 15",)
    unpaid = {**order([(1, 1000)]), "payment_amount": 0, "payment_info": []}
    assert json.loads(sent(unpaid, "1110"))["payment_amount"] == 0


def test_an_order_that_adds_up_has_no_warning_and_is_sent_strictly_as_well():
    assert warnings(order([(2, 1999)])) == ()
    assert strictly(order([(2, 1999)])) == sent(order([(2, 1999)]))


def test_an_order_that_cost_nothing_needs_no_payment():
    free = {**order([(1, 0)], freight=0), "payment_info": []}
    assert json.loads(sent(free, "1150"))["payment_info"] == []


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("freight_amount", 5.001, "5.001"),
        ("freight_amount", 5.0000001, "5.0000001"),
        ("payment_amount", 15.000000000000002, "15.000000000000002"),
    ],
)
def test_an_amount_of_an_order_that_is_not_of_cents_goes_out_as_it_came_with_a_warning(field, given, told):
    record = {**order([(1, 1000)]), field: given}
    assert exactly(sent(record))[field] == told
    assert f"more_than_two_decimals: {field}" in warnings(record)
    assert rejection(strictly, record) == f"more_than_two_decimals: {field}"


def test_the_documented_blocks_go_out_with_their_amounts_in_two_decimals():
    record = order([(1, 1000)])
    record["coupon_info"] = [
        {"coupon_type": 1, "coupon_amount_total": 3, "coupon_detail": [{"coupon_amount": 3}]}
    ]
    record["express_info"] = {"receiver_country_code": "CN", "sha256_receiver_phone": "A" * 64}
    element = exactly(sent(record))
    assert element["coupon_info"][0]["coupon_amount_total"] == "3.00"
    assert element["coupon_info"][0]["coupon_detail"][0]["coupon_amount"] == "3.00"
    assert element["express_info"] == record["express_info"]


def test_what_was_paid_may_be_less_than_what_is_payable_and_never_more():
    record = order([(1, 1000)])
    record["payable_amount"] = 14.99
    assert rejection(sent, record) == "sum_wrong: payment_amount 15 is more than payable_amount 14.99"
    record["payable_amount"] = 16.01
    assert rejection(sent, record) == "sum_wrong: payable_amount 16.01 is more than order_amount 16"


@pytest.mark.parametrize(
    ("written", "read"),
    [("3.2181E+2", "321.81"), ("321.8100000000000000", "321.81"), ("3E+2", "300"), ("321.5", "321.50"),
     ("321.8125", "321.8125"), ("321", "321")],
)  # fmt: skip
def test_numbers_in_messages_are_as_people_write_them(written, read):
    text = json.dumps(order([(1, 1000)])).replace('"order_amount": 16', f'"order_amount": {written}')
    told = rejection(order_element, text, "1150", NOON, "N1")
    assert told == f"sum_wrong: order_amount is {read}, its parts are 16"


@pytest.mark.parametrize(
    ("came", "goes"), [("1E-7", "0.0000001"), ("3.2181E+5", "321810"), ("1E+999", "1E+999")]
)
def test_numbers_that_are_no_amounts_go_out_without_an_exponent_unless_that_would_fill_the_page(came, goes):
    text = json.dumps(order([(1, 1000)])).replace(
        '"order_type": 1', f'"order_type": 1, "goods_weight": {came}'
    )
    element = order_element(text, "1150", NOON, "N1").content.decode()
    assert f'"goods_weight":{goes},' in element


@pytest.mark.parametrize("number", ["1E+2000000", "-1E+2000000", "123456789012345678"])
def test_a_number_that_no_arithmetic_can_hold_refuses_its_order_and_no_other(number):
    text = json.dumps(order([(1, 1000)])).replace('"freight_amount": 5', f'"freight_amount": {number}')
    assert rejection(order_element, text, "1150", NOON, "N1") == "amount_too_large: freight_amount"


def test_returns_are_held_against_their_own_rules():
    element = exactly(sent_return(goods_back()))
    assert (element["return_amount"], element["return_freight_amount"]) == ("10.50", "0.00")
    one_more = json.dumps({**goods_back(), "return_num": 3})
    assert return_element(one_more, NOON).warnings == ("sum_wrong: return_num is 3, its parts are 2",)
    with pytest.raises(RecordRejected, match="return_num"):
        return_element(one_more, NOON, strict=True)
    assert (
        rejection(sent_return, {**goods_back(), "return_amount": 10.501, "return_order_amount": 10.501})
        == "more_than_two_decimals: return_amount"
    )
    assert "return_order_amount is 11" in rejection(sent_return, {**goods_back(), "return_order_amount": 11})
    assert rejection(sent_return, {**goods_back(), "return_goods_info": []}) == "missing: return_goods_info"
