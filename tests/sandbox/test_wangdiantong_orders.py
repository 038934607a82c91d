"""The orders that are there from the start: complete, consistent, and nasty on purpose."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.sandbox.wangdiantong_player import Caller

_FILE = Path(__file__).parent / "wangdiantong_fields.json"
FIELDS = {name: set(names.split()) for name, names in json.loads(_FILE.read_text(encoding="utf-8")).items()}
SOMETIMES = FIELDS["order, sometimes"] | FIELDS["order, in replies only"]


@pytest.fixture
def caller(player):
    return Caller(player)


@pytest.fixture
def orders(caller):
    return [entry["order"] for entry in caller.truth()]


def total(lines, name):
    return sum(line[name] for line in lines)


def milliseconds(order, name):
    return order[name] if isinstance(order[name], int) else None


def test_every_field_is_there(orders):
    for order in orders:
        assert FIELDS["order"] <= order.keys() <= FIELDS["order"] | SOMETIMES
        assert ("swap_order" in order) == (order["type"] == 3)
        assert all(line.keys() == FIELDS["detail_list"] for line in order["detail_list"])
        assert all(line.keys() == FIELDS["amount_detail_list"] for line in order["amount_detail_list"])
        if swap := order.get("swap_order"):
            assert swap.keys() == FIELDS["swap_order"]
            lines = swap["swap_order_detail_list"]
            assert lines
            assert all(line.keys() == FIELDS["swap_order_detail_list"] for line in lines)


@pytest.mark.parametrize("name", sorted(SOMETIMES))
def test_what_is_optional_is_there_and_missing(orders, name):
    assert {name in order for order in orders} == {True, False}


def test_every_status_type_and_state_comes_in_every_shop(orders):
    states = Counter((order["status"], order["type"], order["shop_no"]) for order in orders)
    assert len(states) == 10 * 5 * 4
    assert {order["stockin_status"] for order in orders} == {0, 1, 2, 3, 4}
    assert {order["shop_no"] for order in orders} == {"0101", "0102", "0103", "0104"}


def test_sums_are_those_of_the_lines(orders):
    for order in orders:
        lines, money = order["detail_list"], order["amount_detail_list"]
        assert order["return_goods_count"] == total(lines, "refund_num")
        assert order["return_goods_amount"] == total(lines, "total_amount")
        assert all(line["total_amount"] == line["price"] * line["refund_num"] for line in lines)
        assert all(0 < line["refund_num"] <= line["num"] for line in lines)
        assert order["actual_refund_amount"] == total(money, "refund_amount")
        assert order["receive_amount"] == total(money, "receive_amount")
        paid = order["guarantee_refund_amount"] + order["direct_refund_amount"]
        assert order["actual_refund_amount"] == paid


def test_an_exchange_gives_goods_for_goods(orders):
    for order in orders:
        goods = [line["refund_amount"] for line in order["amount_detail_list"] if line["refund_type"] == 1]
        assert goods == [0 if order["type"] == 3 else order["return_goods_amount"]]


def test_times_are_in_order_and_wait_for_their_status(orders):
    for order in orders:
        assert bool(order["check_time"]) == (order["status"] >= 30)
        assert bool(order["settle_time"]) == (order["status"] >= 80)
        times = [order["refund_time"], order["check_time"], order["settle_time"], order["modified_date"]]
        assert [time for time in times if time] == sorted(time for time in times if time)
        created, modified = milliseconds(order, "created"), milliseconds(order, "modified")
        assert created is None or created < modified


def test_times_are_milliseconds_but_for_a_few(caller, orders):
    as_text = [order for order in orders if isinstance(order["modified"], str)]
    assert 2 <= len(as_text) <= len(orders) // 20
    for order in as_text:
        assert order["modified"] == order["modified_date"]
        assert isinstance(order["created"], str)
    for entry in caller.truth():
        assert entry["modified"] % 1000 == 0
        if entry["order"] not in as_text:
            assert entry["order"]["modified"] == entry["modified"]


def test_ids_are_unique_and_platform_numbers_are_beyond_doubles(orders):
    assert len({order["refund_id"] for order in orders}) == len({order["refund_no"] for order in orders})
    lines = [line for order in orders for line in order["detail_list"]]
    assert len({line["rec_id"] for line in lines}) == len({line["oid"] for line in lines}) == len(lines)
    assert all(int(order["src_tids"]) > 2**53 for order in orders)
    assert all(order["raw_refund_nos"].startswith("00") for order in orders)


def test_the_platform_is_a_text_above_and_a_number_in_the_lines(orders):
    for order in orders:
        assert order["platform_id"] == str(order["shop_platform_id"])
        assert all(line["platform_id"] == order["shop_platform_id"] for line in order["detail_list"])


def test_decimals_are_bare_in_every_form(caller):
    text = caller.player.send("GET", "/_control/refunds")[1]
    shown = re.findall(r'"(?:price|refund_amount|num)":([^,]+),', text)
    assert all(re.fullmatch(r"\d+(\.\d+)?", number) for number in shown)
    assert {len(number.partition(".")[2]) for number in shown} >= {0, 1, 2, 4}
    assert {"1", "2.0000", "0.1", "123456789012345.6789"} <= set(shown)


def test_texts_are_nasty(orders):
    remarks = "".join(order["remark"] for order in orders)
    assert all(mark in remarks for mark in ("退货", "👌", '"', "\\", "\t", "\n", "%", "'"))
    assert max(len(order["remark"]) for order in orders) <= 255


def test_one_order_has_no_lines_one_has_sixty_and_some_come_in_the_same_second(orders):
    lengths = Counter(len(order["detail_list"]) for order in orders)
    assert lengths[0] >= 1
    assert lengths[60] >= 1
    assert max(Counter(order["modified_date"] for order in orders).values()) >= 2


def test_only_the_own_shop_shows_its_buyers(orders):
    for order in orders:
        assert bool(order["receiver_name"]) == bool(order["buyer_nick"]) == (order["platform_id"] == "127")


def test_the_last_two_days_are_there_and_the_same_all_day_long(caller, player):
    first = caller.truth()
    stamps = [entry["modified"] for entry in first]
    now = int(player.now().timestamp() * 1000)
    assert 200 <= len(first) <= 300
    assert now - 2 * 86_400_000 <= min(stamps)
    assert max(stamps) < now
    player.control("reset", {})
    player.clock("2026-11-23T11:00:00+08:00")
    later = {entry["refund_id"]: entry for entry in caller.truth()}
    shared = [entry for entry in first if entry["refund_id"] in later]
    assert len(shared) >= len(first) - 10
    assert all(later[entry["refund_id"]] == entry for entry in shared)


def test_another_seed_has_other_orders(caller, player, orders):
    player.control("seed", {"seed": 2})
    player.clock("2026-11-23T10:00:00+08:00")
    amounts = [entry["order"]["return_goods_amount"] for entry in caller.truth()]
    assert amounts != [order["return_goods_amount"] for order in orders]
    assert all(isinstance(amount, (int, Decimal)) for amount in amounts)
