from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.errors import CheckFailed
from retail_pipeline.pipelines.daily_reports.rows import OrderSummary, order_sum_body, visit_body

DAY = date(2022, 1, 27)


def raw_msg(body: str) -> str:
    """Return what stands between the brackets of rawMsg, byte for byte."""
    head, tail = '{"dataSourceId":"11","rawMsg":[', "]}"
    assert body.startswith(head)
    assert body.endswith(tail)
    return body[len(head) : -len(tail)]


@pytest.mark.parametrize(
    "number",
    ["12.50", "8.0", "1e2", "1E+2", "9007199254740993", "33.333333333333336", "0.10", "-0.0", "1" * 40],
)
def test_numbers_of_a_reply_keep_their_form(number):
    reply = f'{{"ref_date":"20220127","list":[{{"page_staytime_pv":{number}}}]}}'

    assert raw_msg(visit_body("11", reply)) == reply


@pytest.mark.parametrize(
    "text",
    [
        '"羽绒服 🧥"',
        r'"\u65b0\u4eba\ud83c\udf81"',
        r'"pages\/coupon"',
        r'"say\"hi\"\\back"',
        '"\u2028"',
    ],
)
def test_texts_of_a_reply_keep_their_escapes(text):
    reply = f'{{"ref_date":"20220127","list":[{{"page_path":{text}}}]}}'

    assert raw_msg(visit_body("11", reply)) == reply


def test_white_space_and_order_of_a_reply_stay():
    reply = '{ "list" : [ ] ,\n\t"ref_date":"20220127" }'

    assert raw_msg(visit_body("11", reply)) == reply


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.text(min_size=1), st.dictionaries(st.text(), JSON, max_size=4), st.booleans())
def test_a_visit_report_is_valid_json_around_the_whole_reply(source, reply, escaped):
    text = json.dumps(reply, ensure_ascii=escaped)

    body = visit_body(source, text)

    assert json.loads(body) == {"dataSourceId": source, "rawMsg": [reply]}
    assert text in body


def summary(placed: str = "1", paid: str = "1") -> OrderSummary:
    return OrderSummary(Decimal(placed), 3, Decimal(paid), 2)


def test_an_order_sum_is_an_array_of_one_day_with_its_midnight():
    body = order_sum_body("0011", DAY, summary("100.5", "80"))

    assert body == (
        '{"dataSourceId":"0011","orders":[{"ref_date":"1643212800000",'
        '"give_order_amount_sum":100.50,"give_order_num_sum":3,'
        '"payment_amount_sum":80.00,"payed_num_sum":2}]}'
    )


def test_a_day_without_orders_is_zeros():
    body = order_sum_body("11", DAY, OrderSummary(Decimal(0), 0, Decimal(0), 0))

    assert json.loads(body)["orders"][0] == {
        "ref_date": "1643212800000",
        "give_order_amount_sum": 0.0,
        "give_order_num_sum": 0,
        "payment_amount_sum": 0.0,
        "payed_num_sum": 0,
    }


def amounts(body: str) -> tuple[Decimal, Decimal]:
    day = json.loads(body, parse_float=Decimal)["orders"][0]
    return day["give_order_amount_sum"], day["payment_amount_sum"]


CENTS = st.integers(0, 10**17 - 1).map(lambda cents: Decimal(cents) / 100)


@given(CENTS, CENTS)
def test_money_arrives_to_the_cent_however_much_it_is(placed, paid):
    body = order_sum_body("11", DAY, OrderSummary(placed, 1, paid, 1))

    assert amounts(body) == (placed, paid)


@given(st.integers(0, 10**19 - 1).map(lambda parts: Decimal(parts) / 10_000))
def test_parts_of_a_cent_are_rounded_to_the_nearest_and_half_a_cent_up(amount):
    told, _ = amounts(order_sum_body("11", DAY, OrderSummary(amount, 1, amount, 1)))

    assert -told.as_tuple().exponent == 2
    assert Decimal("-0.005") < amount - told < Decimal("0.005") or told - amount == Decimal("0.005")


@pytest.mark.parametrize("amount", ["1E+3", "1000", "1000.0000", "0E-4"])
def test_no_amount_is_written_with_an_exponent(amount):
    told = order_sum_body("11", DAY, summary(amount, amount))

    assert f'"payment_amount_sum":{Decimal(amount):.2f},' in told


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["give_order_amount_sum", "payment_amount_sum"])
def test_a_sum_that_is_no_number_never_goes_out_and_is_named(name, amount):
    sums = {"give_order_amount_sum": Decimal(1), "payment_amount_sum": Decimal(1), name: Decimal(amount)}

    with pytest.raises(CheckFailed, match=f"^{name} is {amount}: .* view youshu_order"):
        order_sum_body("11", DAY, OrderSummary(give_order_num_sum=1, payed_num_sum=1, **sums))
