"""What a test does to the after-sales orders: fill, move, put, remove; and what it reads back."""

from __future__ import annotations

import json
import time

import pytest

from sandbox.wangdiantong.memory import Refunds
from tests.sandbox.wangdiantong_player import TWO_DAYS, Caller, read

NOW = 1795399200_000  # Monday 10:00
SUNDAY = {"from": "2026-11-22T00:00:00+08:00", "to": "2026-11-23T00:00:00+08:00"}
SUNDAY_MS = 1795276800_000
NEXT = {20: 30, 30: 40, 40: 80, 80: 81, 81: 85, 85: 86, 86: 87, 87: 90}


@pytest.fixture
def caller(player):
    return Caller(player)


def fill(player, count, account="flagship", **times):
    answer = player.control("refunds_fill", {"account": account, "count": count, **SUNDAY, **times})
    assert answer == {"account": account, "count": count}, answer


def move(player, count):
    return player.control("refunds_move", {"account": "flagship", "count": count})["refund_ids"]


def by_id(caller):
    return {entry["refund_id"]: entry["order"] for entry in caller.truth()}


def test_refunds_tell_what_a_table_should_hold(caller, player):
    truth = caller.truth()
    seen = caller.pages()
    assert [{**entry["order"]} for entry in truth] == [
        {**order, "wms_code": entry["order"]["wms_code"]} for order, entry in zip(seen, truth, strict=True)
    ]
    assert [entry["refund_no"] for entry in truth] == [order["refund_no"] for order in seen]
    assert {entry["direct"] for entry in truth if entry["order"]["platform_id"] in "12"} == {False}
    assert {entry["direct"] for entry in truth if entry["order"]["platform_id"] not in "12"} == {True}
    everybody = read(player.send("GET", "/_control/refunds")[1])
    assert {entry["account"] for entry in everybody} == {"flagship", "outlet"}
    assert [entry for entry in everybody if entry["account"] == "flagship"] == truth


def test_fill_replaces_and_spreads_evenly(caller, player):
    caller.put({"literal": "x"})
    fill(player, 24)
    truth = caller.truth()
    assert [entry["modified"] for entry in truth] == [SUNDAY_MS + hour * 3_600_000 for hour in range(24)]
    assert len({entry["refund_id"] for entry in truth}) == 24
    fill(player, 0)
    assert caller.truth() == []
    assert caller.qimen(TWO_DAYS)["data"] == {"total_count": 0, "order": []}


def test_fill_stays_inside_its_window_in_whole_seconds(caller, player):
    fill(player, 7, **{"from": "2026-11-22T00:00:00+08:00", "to": "2026-11-22T00:00:03+08:00"})
    stamps = [entry["modified"] - SUNDAY_MS for entry in caller.truth()]
    assert stamps == [0, 0, 0, 1000, 1000, 2000, 2000]


def test_fill_leaves_the_other_account_alone(caller, player):
    before = Caller(player, "outlet").truth()
    fill(player, 3)
    assert Caller(player, "outlet").truth() == before


def test_a_hundred_thousand_orders_are_there_in_seconds():
    refunds = Refunds(1, "flagship")
    began = time.process_time()
    refunds.fill(20_000, (SUNDAY_MS, SUNDAY_MS + 86_400_000))
    assert time.process_time() - began < 5  # a fifth of the orders; a busy machine does not count
    size = sum(len(order.text) for order in refunds.book(0).orders(False)) / 20_000
    assert 2000 < size < 6000


def test_a_page_of_many_orders_is_cheap(caller, player):
    fill(player, 20_000)
    began = time.process_time()
    for page in range(50, 60):
        assert len(json.loads(caller.qimen_text(TWO_DAYS, page, 200))["response"]["data"]["order"]) == 200
    assert time.process_time() - began < 2


def test_move_changes_so_many_orders_now(caller, player):
    before = by_id(caller)
    moved = move(player, 30)
    after = by_id(caller)
    assert len(set(moved)) == 30
    assert [key for key in after if after[key] != before[key]] == [key for key in after if key in moved]
    for key in moved:
        old, new = before[key], after[key]
        assert new["modified"] == NOW
        assert new["modified_date"] == "2026-11-23 10:00:00"
        assert new["status"] == NEXT.get(old["status"], old["status"])
        assert new["created"] == old["created"]
        lines = new["detail_list"]
        assert new["return_goods_count"] == sum(line["refund_num"] for line in lines)
        assert new["return_goods_amount"] == sum(line["total_amount"] for line in lines)
        assert bool(new["check_time"]) == (new["status"] >= 30)
        assert bool(new["settle_time"]) == (new["status"] >= 80)


def test_lines_change_and_sometimes_come_and_go(caller, player):
    before, moved = by_id(caller), move(player, 240)
    after = by_id(caller)
    counts = {len(after[key]["detail_list"]) - len(before[key]["detail_list"]) for key in moved}
    assert counts == {-1, 0, 1}
    assert all(bool(after[key]["detail_list"]) == bool(before[key]["detail_list"]) for key in moved)
    for key in moved:
        if lines := after[key]["detail_list"]:
            assert lines[0]["refund_num"] == before[key]["detail_list"][0]["refund_num"] + 1
            assert lines[0]["modified"] == NOW
            assert len({line["rec_id"] for line in lines}) == len(lines)


def test_a_moved_order_is_always_younger_than_before(caller, player):
    fill(player, 1)
    stamps = []
    for _ in range(3):
        move(player, 1)
        stamps += [entry["modified"] for entry in caller.truth()]
    assert stamps == [NOW, NOW + 1, NOW + 2]


def test_a_moved_order_is_found_where_it_went(caller, player):
    fill(player, 10)
    (moved,) = move(player, 1)
    sunday = {"modified_from": "2026-11-22 00:00:00", "modified_to": "2026-11-22 23:59:59"}
    monday = {"modified_from": "2026-11-23 00:00:00", "modified_to": "2026-11-23 10:00:00"}
    assert moved not in [order["refund_id"] for order in caller.qimen(sunday)["data"]["order"]]
    assert [order["refund_id"] for order in caller.qimen(monday)["data"]["order"]] == [moved]


def test_the_choice_of_what_moves_is_the_same_each_time(player):
    chosen = []
    for _ in range(2):
        player.control("reset", {})
        player.clock("2026-11-23T10:00:00+08:00")
        chosen.append([move(player, 5), move(player, 5)])
    assert chosen[0] == chosen[1]
    assert chosen[0][0] != chosen[0][1]


def test_more_than_there_are_cannot_move_and_what_is_broken_stays(caller, player):
    fill(player, 3)
    caller.put({"refund_id": 1, "detail_list": None}, {"refund_id": 2, "status": "?"}, {"literal": "[]"})
    moved = move(player, 100)
    assert len(moved) == 3
    assert not {1, 2} & set(moved)


def test_put_lays_fields_over_a_generated_order(caller):
    caller.put({"refund_id": 77, "remark": None, "shop_no": "新店", "extra": [1]})
    order = by_id(caller)[77]
    assert (order["remark"], order["shop_no"], order["extra"]) == (None, "新店", [1])
    assert (order["refund_no"], order["modified"]) == ("TK00000000077", NOW)
    assert order["modified_date"] == "2026-11-23 10:00:00"
    assert len(order) > 60
    assert caller.pages()[-1]["refund_id"] == 77


def test_put_replaces_by_number(caller):
    first = caller.truth()[0]["refund_id"]
    answer = caller.put({"refund_id": first, "remark": "one"}, {"refund_id": first, "remark": "two"})
    assert answer == {"account": "flagship", "refund_ids": [first, first]}
    held = [entry for entry in caller.truth() if entry["refund_id"] == first]
    assert [(entry["order"]["remark"], entry["modified"]) for entry in held] == [("two", NOW)]


@pytest.mark.parametrize(
    ("modified", "stamp"),
    [
        (NOW - 5001, NOW - 5001),
        ("2026-11-23 09:00:00", NOW - 3_600_000),
        (None, NOW),
        ("yesterday", NOW),
        (True, NOW),
    ],
)
def test_put_finds_the_place_by_modified_and_keeps_it_as_given(caller, modified, stamp):
    caller.put({"refund_id": 1, "modified": modified})
    entry = next(entry for entry in caller.truth() if entry["refund_id"] == 1)
    assert entry["order"]["modified"] == modified
    assert entry["modified"] == stamp


def test_put_drops_fields(caller):
    caller.put({"refund_id": 1, "without": ["refund_no", "wms_code", "nothing"]}, {"refund_id": 201})
    orders = by_id(caller)
    assert orders[201].keys() - orders[1].keys() == {"refund_no", "wms_code"}
    assert "refund_no" not in caller.pages()[-2]


def test_put_keeps_every_digit(caller, player):
    body = (
        '{"account": "flagship", "orders": [{"refund_id": 1, "return_goods_amount": 123456789012345.67890}]}'
    )
    player.send("POST", "/_control/refunds_put", body)
    assert '"return_goods_amount":123456789012345.67890' in player.send("GET", "/_control/refunds")[1]
    assert '"return_goods_amount":123456789012345.67890' in caller.qimen_text(TWO_DAYS, 2, 200)


def test_put_moves_an_order_out_of_and_into_the_direct_gateways_sight(caller):
    for platform, seen in ((1, 0), ("3", 1), ("2", 0), (127, 1)):
        caller.put({"refund_id": 1, "platform_id": platform})
        assert caller.direct({"refund_no": "TK00000000001"})["data"]["total_count"] == seen
        assert caller.qimen({"refund_no": "TK00000000001"})["data"]["total_count"] == 1


@pytest.mark.parametrize("literal", ["nonsense", '"text"', "NaN", '{"refund_id": "\\u0000"}', "[1, 2.50]"])
def test_put_takes_a_text_as_it_is(caller, literal):
    caller.put({"literal": literal, "modified": NOW - 1}, {"literal": literal})
    text = caller.qimen_text(TWO_DAYS, 2, 200)
    assert text.endswith(f",{literal},{literal}]}}}}}}")
    last = caller.truth()[-1]
    assert (last["refund_id"], last["modified"]) == (None, NOW)
    try:
        expected = json.loads(literal, parse_constant=str)
    except ValueError:
        expected = literal
    assert last["order"] == expected


def test_a_literal_with_a_number_can_be_replaced(caller):
    caller.put({"literal": '{"refund_id": 7, "status": "broken"}'})
    assert by_id(caller)[7] == {"refund_id": 7, "status": "broken"}
    caller.put({"refund_id": 7})
    assert len(by_id(caller)[7]) > 60


def test_remove(caller, player):
    first, second = (entry["refund_id"] for entry in caller.truth()[:2])
    wish = {"account": "flagship", "refund_ids": [first, second, first, 1]}
    assert player.control("refunds_remove", wish) == {"account": "flagship", "removed": 2}
    assert not {first, second} & by_id(caller).keys()
    assert not {first, second} & {order["refund_id"] for order in caller.pages()}


def test_reset_brings_the_first_orders_back(caller, player):
    before = caller.truth()
    fill(player, 1)
    player.control("reset", {})
    player.clock("2026-11-23T10:00:00+08:00")
    assert caller.truth() == before


@pytest.mark.parametrize(
    ("name", "wish", "hint"),
    [
        ("refunds_fill", {"account": "nobody", "count": 1, **SUNDAY}, "body.account must be one of flagship, outlet"),
        ("refunds_fill", {"account": "outlet", "count": -1, **SUNDAY}, "body.count"),
        ("refunds_fill", {"account": "outlet", "count": 1, **SUNDAY, "to": SUNDAY["from"]}, "body.to must be after"),
        ("refunds_fill", {"account": "outlet", "count": 1, **SUNDAY, "to": "2026-11-23"}, "no offset"),
        ("refunds_move", {"account": "outlet"}, "body.count is missing"),
        ("refunds_move", {"account": [], "count": 1}, "body.account must be one of"),
        ("refunds_put", {"account": "outlet", "orders": {}}, "body.orders must be an array"),
        ("refunds_put", {"account": "outlet", "orders": [1]}, "body.orders[0] must be an object"),
        ("refunds_put", {"account": "outlet", "orders": [{}]}, "orders[0].refund_id must be an integer"),
        ("refunds_put", {"account": "outlet", "orders": [{"literal": 1}]}, "orders[0].literal must be a string"),
        ("refunds_put", {"account": "outlet", "orders": [{"literal": "1", "without": []}]}, "without is unknown"),
        ("refunds_put", {"account": "outlet", "orders": [{"refund_id": 1, "without": 1}]}, "must be an array"),
        ("refunds_remove", {"account": "outlet", "refund_ids": ["1"]}, "body.refund_ids[0] must be an integer"),
    ],
)  # fmt: skip
def test_a_wish_that_makes_no_sense_is_refused_with_a_hint(player, name, wish, hint):
    status, text = player.send("POST", f"/_control/{name}", wish)
    assert status == 400
    assert hint in json.loads(text)["error"]


def test_refunds_know_only_accounts_there_are(player):
    assert "query.account must be one of" in player.control("refunds?account=nobody")["error"]
    assert "query.shop is unknown" in player.control("refunds?shop=0101")["error"]
