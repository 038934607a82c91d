"""The checklist before acceptance: each point lacks where its records lack, and only then."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.order_push.rehearsal import Point, ReturnSample, Sample, checklist, chosen
from retail_pipeline.settings.order_push import STATES

NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
PATHS = (("1110", "1130"), ("1110", "1150", "1140"), ("1110", "1150", "1160", "1180"))


def order(
    number: int, *states: str, counts: tuple[int, ...] = (1, 2), spu: str = "S1", **changes: Any
) -> Sample:
    """Return an order of as many lines as there are counts; a piece is paid with 10."""
    lines = [
        {"external_sku_id": f"{spu}-{count}", "sku_name_chinese": "衫 红", "external_spu_id": spu,
         "spu_name_chinese": "衫", "goods_amount": 10, "payment_amount": 10 * count, "goods_num": count}
        for count in counts
    ]  # fmt: skip
    total = 10 * sum(counts)
    detail = {
        "external_order_id": f"N{number}", "create_time": "1795000000000", "order_source": "wxapp", "order_type": 1,
        "goods_num_total": sum(counts), "goods_amount_total": total, "freight_amount": 0, "order_amount": total,
        "payable_amount": total, "payment_amount": total, "user_info": {"open_id": "o"}, "goods_info": lines,
        "payment_info": [{"payment_type": "00009", "trans_id": "4", "trans_amount": total}],
    }  # fmt: skip
    return Sample(number, f"N{number}", dict.fromkeys(states, NOON), json.dumps({**detail, **changes}), NOON)


def goods_back(number: int) -> ReturnSample:
    line = {"external_sku_id": "S1-1", "sku_name_chinese": "衫 红", "external_spu_id": "S1", "spu_name_chinese": "衫",
            "return_goods_amount": 10, "return_goods_num": 1}  # fmt: skip
    detail = {"external_return_order_id": f"R{number}", "external_order_id": "N1", "return_num": 1,
              "return_create_time": "1795000000000", "return_amount": 10, "return_freight_amount": 0,
              "return_order_amount": 10, "return_goods_info": [line]}  # fmt: skip
    return ReturnSample(1, "N1", f"R{number}", NOON, json.dumps(detail))


ORDERS = [order(10 * way + number, *path) for way, path in enumerate(PATHS) for number in range(10)]
RETURNS = [goods_back(number) for number in range(10)]


def lacking(*arguments: Any) -> dict[str, str]:
    return {point.name: point.found for point in points(*arguments) if not point.fine}


def points(orders: Any = ORDERS, returns: Any = RETURNS, states: Any = STATES) -> list[Point]:
    return checklist(orders, returns, states)


def test_a_shop_that_has_all_of_it_lacks_nothing():
    assert lacking() == {}
    assert len(points()) == 12


@pytest.mark.parametrize(
    ("without", "name"),
    [("1130", "1130 cancelled unpaid"), ("1140", "1140 cancelled paid"), ("1180", "1180 finished")],
)
def test_nine_of_a_state_are_too_few_and_ten_are_not(without, name):
    first = next(each for each in ORDERS if without in each.reached)
    few = [each for each in ORDERS if each is not first]
    assert lacking(few)[name] == "9 orders, 10 are wanted"


def test_a_state_that_is_not_agreed_need_not_be_there():
    agreed = tuple(state for state in STATES if state != "1130")
    assert lacking([each for each in ORDERS if "1130" not in each.reached], RETURNS, agreed) == {}


def test_returns_lack_unless_they_are_not_agreed():
    assert lacking(ORDERS, RETURNS[1:]) == {"1290 returned": "9 returns, 10 are wanted"}
    assert lacking(ORDERS, None) == {}


@pytest.mark.parametrize(
    ("counts", "names"),
    [
        ((1,), {"lines of several pieces", "orders of several lines"}),
        ((3,), {"lines of one piece", "orders of several lines"}),
        ((1, 1), {"lines of several pieces"}),
    ],
)
def test_lines_of_one_and_of_several_pieces_and_orders_of_several_lines_are_wanted(counts, names):
    alike = [
        order(10 * way + number, *path, counts=counts)
        for way, path in enumerate(PATHS)
        for number in range(10)
    ]
    assert set(lacking(alike)) == names


def test_a_style_with_two_numbers_is_named():
    found = lacking([*ORDERS, order(99, "1110", spu="S1-red")])
    assert found == {"one external_spu_id a style": "«衫» has S1, S1-red"}


def test_orders_that_cannot_be_sent_are_named_with_the_reason_and_count_for_nothing():
    broken = order(99, "1110", order_amount=7)
    found = lacking([broken, *ORDERS[1:]])
    assert "N99: sum_wrong" in found["fields and sums"]
    assert found["1130 cancelled unpaid"] == "9 orders, 10 are wanted"


def test_what_is_odd_is_told_once_an_order_and_lacks_only_where_rules_are_strict():
    odd = order(99, "1110", "1150", payment_amount=7)
    assert lacking([odd, *ORDERS]) == {}
    [point] = [point for point in points([odd, *ORDERS]) if point.odd]
    told = "N99: sum_wrong: payment_amount (lines and freight) is 7, its parts are 30"
    assert (point.fine, point.found) == (True, told)
    strict = checklist([odd, *ORDERS], RETURNS, STATES, strict=True)
    assert [point.found for point in strict if not point.fine] == [told]
    assert not any(point.odd for point in strict)
    assert odd not in chosen([odd, *ORDERS], STATES, strict=True)
    assert odd in chosen([odd, *ORDERS], STATES)


def test_a_return_that_is_odd_is_told():
    odd = goods_back(99)
    detail = {**json.loads(odd.detail), "return_num": 2}
    strange = ReturnSample(1, "N1", "R99", NOON, json.dumps(detail))
    [point] = [point for point in points(ORDERS, [strange, *RETURNS]) if point.odd]
    assert point.found == "return R99: sum_wrong: return_num is 2, its parts are 1"


def test_of_many_broken_orders_a_few_are_named():
    found = lacking([*ORDERS, *(order(number, "1110", user_info={}) for number in range(50, 60))])
    assert found["fields and sums"].count("user_info.open_id") == 3
    assert found["fields and sums"].endswith(" and 7 more")


def test_without_orders_everything_lacks():
    assert len(lacking([], [])) == 11


def test_samples_show_every_state_ten_times_and_every_kind_of_line_and_are_no_more_than_it_takes():
    plenty = [
        order(1000 * way + number, *path, counts=(1,))
        for way, path in enumerate(PATHS)
        for number in range(50)
    ]
    odd = [order(9001, "1110", counts=(4,)), order(9002, "1110", counts=(1, 1)), order(9003, "1110", total=1)]
    samples = chosen([*plenty, *odd, order(9004, "1110", order_amount=7)], STATES)
    assert lacking(samples, None) == {}
    assert [each.order_code for each in samples if each.order_id > 9000] == ["N9001", "N9002"]
    assert len(samples) == 32
