"""The records that are pushed: real answers in form, sums that add up, and a number that tells all of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from sandbox.sys_info.fill import Wish, records
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE, records_in
from sandbox.taobao.press import LONGEST, Press, life_of, number_of
from sandbox.taobao.records import STATUSES

FIRST, LAST = 1795276800, 1795363200  # the Sunday before the Monday that the tests live on
EVERYTHING = list(records(Wish(5000, FIRST, LAST)))
ANSWERS = {
    kind: [json.loads(record.answer()) for record in EVERYTHING if record.kind == kind]
    for kind in (TRADE, REFUND, ITEM, FX, JX, EXCHANGE)
}
TRADES = [answer["trade_fullinfo_get_response"]["trade"] for answer in ANSWERS[TRADE]]
KEY = {FX: "fenxiao_id", JX: "dealer_order_id", EXCHANGE: "dispute_id", REFUND: "refund_id", ITEM: "num_iid"}


def of(kind):
    return [record for record in EVERYTHING if record.kind == kind]


def contents(kind):
    return [records_in(kind, answer)[0] for answer in ANSWERS[kind]]


@pytest.mark.parametrize("age", [0, 1, 359, LONGEST])
@pytest.mark.parametrize("serial", [0, 1, 7, 899, 999])
def test_a_number_tells_its_times(age, serial):
    number = number_of(FIRST, age, serial)
    life = life_of(number)
    assert len(str(number)) == 19
    assert number < 2**63
    assert (life.pushed, life.modified - life.created) == (FIRST, age * 10)
    assert life.created <= life.modified < life.pushed


@pytest.mark.parametrize("number", [0, 1, -1, 10**17, 9 * 10**18, 10**30])
def test_other_numbers_have_no_record(number):
    assert Press(1).record(TRADE, number) is None


def test_the_same_wish_gives_the_same_records():
    again = list(records(Wish(5000, FIRST, LAST)))
    assert again == EVERYTHING
    assert list(records(Wish(5000, FIRST, LAST, seed=2))) != EVERYTHING


def test_a_record_follows_from_its_number_alone():
    press = Press(1)
    for record in EVERYTHING[::97]:
        assert press.record(record.kind, record.number) == record


def test_so_many_trades_and_the_others_in_proportion():
    counts = Counter(record.kind for record in EVERYTHING)
    assert (counts[TRADE], counts[ITEM], counts[FX], counts[JX]) == (5000, 250, 200, 100)
    assert 300 < counts[REFUND] < 900
    assert 150 < counts[EXCHANGE] < 450
    for trades in (1, 49, 50, 51, 777):
        found = list(records(Wish(trades, FIRST, LAST)))
        assert sum(record.kind == TRADE for record in found) == trades
        assert len({(record.kind, record.number) for record in found}) == len(found)


def test_numbers_are_unique_where_many_share_a_second():
    found = [record.number for record in records(Wish(5000, FIRST, FIRST + 10)) if record.kind == TRADE]
    assert len(set(found)) == 5000


def test_jdp_modified_lies_in_the_time_asked_for_and_has_ties_of_hundreds():
    stamps = Counter(record.life.pushed for record in of(TRADE))
    assert min(stamps) >= FIRST
    assert max(stamps) < LAST
    assert sorted(stamps.values())[-2] > 250
    assert sum(count == 1 for count in stamps.values()) > 3000


def test_numbers_do_not_come_in_the_order_of_jdp_modified():
    ordered = [record.number for record in sorted(of(TRADE), key=lambda record: record.life.pushed)]
    assert 0.3 < sum(first > second for first, second in pairwise(ordered)) / len(ordered) < 0.6


def test_retention_has_left_refunds_without_their_trades():
    trades = {record.number for record in of(TRADE)}
    orphans = [record for record in of(REFUND) if record.number - 5 not in trades]
    assert 0 < len(orphans) < 0.05 * len(of(REFUND))


def test_most_rows_are_pushed_in_three_seconds_and_a_few_in_twenty_minutes():
    waits = [record.life.pushed - record.life.modified for record in EVERYTHING]
    assert {wait for wait in waits if wait <= 3} == {1, 2, 3}
    late = [wait for wait in waits if wait > 3]
    assert 0.003 < len(late) / len(waits) < 0.03
    assert (min(late) >= 300, max(late) <= 1200) == (True, True)


def test_a_trade_has_about_4_kb_and_one_to_four_orders():
    sizes = [len(record.answer()) for record in of(TRADE)]
    assert 3800 < sum(sizes) / len(sizes) < 4400
    lines = Counter(len(trade["orders"]["order"]) for trade in TRADES)
    assert set(lines) == {1, 2, 3, 4}
    assert 1.7 < sum(count * number for count, number in lines.items()) / len(TRADES) < 2.1


def test_every_status_is_there():
    assert {trade["status"] for trade in TRADES} == set(STATUSES[TRADE])
    assert {line["status"] for line in contents(FX)} == set(STATUSES[FX])
    assert {line["order_status"] for line in contents(JX)} == set(STATUSES[JX])
    assert {line["status"] for line in contents(EXCHANGE)} <= set(STATUSES[EXCHANGE])
    assert {line["status"] for line in contents(REFUND)} == {
        "WAIT_SELLER_AGREE",
        "WAIT_BUYER_RETURN_GOODS",
        "WAIT_SELLER_CONFIRM_GOODS",
        "SELLER_REFUSE_BUYER",
        "CLOSED",
        "SUCCESS",
    }
    assert len({trade["type"] for trade in TRADES}) == 8
    assert len({record.seller for record in EVERYTHING}) == 4


@pytest.mark.parametrize("kind", ANSWERS)
def test_keys_are_sorted_slashes_escaped_and_nothing_is_null(kind):
    def unsorted(pairs):
        names = [name for name, _ in pairs]
        assert names == sorted(names)
        assert None not in [value for _, value in pairs]
        return dict(pairs)

    text = next(record.answer().decode() for record in of(kind))
    json.loads(text, object_pairs_hook=unsorted)
    assert "/" not in text.replace("\\/", "")
    assert json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).replace("/", "\\/") == text


def test_both_roots_of_items_are_there_and_one_of_the_others():
    roots = {kind: {next(iter(answer)) for answer in ANSWERS[kind]} for kind in ANSWERS}
    assert roots == {
        TRADE: {"trade_fullinfo_get_response"},
        REFUND: {"refund_get_response"},
        ITEM: {"item_get_response", "item_seller_get_response"},
        FX: {"fenxiao_orders_get_response"},
        JX: {"fenxiao_dealer_requisitionorder_query_response"},
        EXCHANGE: {"tmall_exchange_get_response"},
    }
    assert all(answer["tmall_exchange_get_response"]["result"]["success"] for answer in ANSWERS[EXCHANGE])


def test_types_are_those_of_real_rows():
    for trade in TRADES:
        assert isinstance(trade["tid"], int)
        assert trade["tid_str"] == str(trade["tid"])
        for line in trade["orders"]["order"]:
            assert (line["oid_str"], type(line["sku_id"])) == (str(line["oid"]), str)
            assert re.fullmatch(r"\d+\.\d\d", line["payment"])
        assert re.fullmatch(r"\d+\.\d\d", trade["payment"])
        assert isinstance(trade["is_3D"], bool)
    assert {
        type(sku["sku_id"]) for item in contents(ITEM) for sku in item.get("skus", {}).get("sku", [])
    } == {int}
    assert {type(refund["refund_id"]) for refund in contents(REFUND)} == {int, str}
    assert any("skus" not in item for item in contents(ITEM))
    assert any("promotion_details" not in trade for trade in TRADES)
    assert any("field_of_tomorrow" in trade for trade in TRADES)


def test_the_money_of_a_trade_adds_up():
    for trade in TRADES:
        lines = trade["orders"]["order"]
        listed = sum(Decimal(line["price"]) * line["num"] for line in lines)
        shares = sum(Decimal(line["divide_order_fee"]) for line in lines)
        less = sum(
            Decimal(part["discount_fee"])
            for part in trade.get("promotion_details", {}).get("promotion_detail", [])
        )
        assert Decimal(trade["total_fee"]) == listed
        assert Decimal(trade["payment"]) == shares + Decimal(trade["post_fee"])
        assert Decimal(trade["discount_fee"]) == less == listed - shares
        assert trade["num"] == sum(line["num"] for line in lines)
        assert all(Decimal(line["divide_order_fee"]) >= 0 for line in lines)


def test_a_promotion_belongs_to_its_trade_or_to_one_of_its_orders():
    kinds = set()
    for trade in TRADES:
        oids = {line["oid"] for line in trade["orders"]["order"]}
        for part in trade.get("promotion_details", {}).get("promotion_detail", []):
            assert part["id"] in oids | {trade["tid"]}
            kinds.add(part["id"] == trade["tid"])
    assert kinds == {True, False}


def test_a_single_order_has_the_number_of_its_trade_and_several_have_their_own():
    everything = [line["oid"] for trade in TRADES for line in trade["orders"]["order"]]
    assert len(set(everything)) == len(everything)
    for trade in TRADES:
        oids = [line["oid"] for line in trade["orders"]["order"]]
        assert (trade["tid"] in oids) == (len(oids) == 1)


def test_each_status_has_its_times():
    for trade in TRADES:
        times = [trade.get(name) for name in ("created", "pay_time", "consign_time", "end_time")]
        there = [datetime.fromisoformat(time) for time in times if time]
        assert there == sorted(there)
        assert ("pay_time" in trade) == (trade["status"] not in UNPAID)
        assert trade["modified"] >= max(time for time in times if time)


UNPAID = ("WAIT_BUYER_PAY", "TRADE_CLOSED_BY_TAOBAO", "TRADE_NO_CREATE_PAY", "PAY_PENDING")


def test_a_refund_is_of_an_order_of_its_trade():
    trades = {trade["tid"]: trade for trade in TRADES}
    for record, refund in zip(of(REFUND), contents(REFUND), strict=True):
        assert int(refund["refund_id"]) == record.number
        assert (record.columns["tid"], record.columns["oid"]) == (str(refund["tid"]), str(refund["oid"]))
        if refund["tid"] in trades:
            order = trades[refund["tid"]]["orders"]["order"][0]
            assert order["oid"] == refund["oid"]
            assert order["refund_id"] == str(record.number)
            assert order["refund_status"] == refund["status"]
            assert order["title"] == refund["title"]


@pytest.mark.parametrize("kind", KEY)
def test_the_key_and_the_columns_repeat_the_answer(kind):
    for record, content in zip(of(kind), contents(kind), strict=True):
        assert int(content[KEY[kind]]) == record.number
        for name, value in record.columns.items():
            if name != "jdp_delete":
                assert str(content[name]).lower() == str(value).lower()


def test_deleted_items_are_among_them():
    assert {record.columns["jdp_delete"] for record in of(ITEM)} == {0, 1}


def test_buyers_are_masked_and_texts_are_nasty():
    text = "".join(record.answer().decode() for record in of(TRADE)[:500])
    for sign in ("🔥", "𠮷", "\\\\", '\\"', "DROP TABLE", "\\n", "O'Neill", "\u2028", "%s"):
        assert sign in text
    assert all("*" in trade["receiver_mobile"] and "*" in trade["buyer_nick"] for trade in TRADES)
    assert len({trade["oaid"] for trade in TRADES}) > 4900
