"""How a record goes on: along its course to the end, its orders coming and going, its sums always right."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise

import pytest

from sandbox.sys_info.fill import Wish, records
from sandbox.sys_info.record_changes import COURSES, gain_line, go_on, lose_line
from sandbox.sys_info.tables import TABLES
from sandbox.taobao.kinds import TRADE, records_in

NOW = "2026-11-23 10:00:00"
EVERYTHING = list(records(Wish(2000, 1795276800, 1795363200)))


def contents(table):
    return [
        records_in(table, json.loads(record.answer()))[0] for record in EVERYTHING if record.kind == table
    ]


def lines(trade):
    return trade["orders"]["order"]


@pytest.mark.parametrize("table", TABLES)
def test_a_status_goes_along_its_course_and_then_a_text_changes(table):
    field, course = TABLES[table].status, COURSES[table]
    record = contents(table)[0]
    for before, after in pairwise(course):
        record[field] = before
        go_on(table, record, field, NOW)
        assert record[field] == after
    seen = []
    for _ in range(12):
        go_on(table, record, field, NOW)
        assert record[field] == course[-1]
        seen.append(json.dumps(record))
    assert len(set(seen)) == 12


def test_the_orders_of_a_trade_go_with_it_and_its_times_are_set():
    trade = next(trade for trade in contents(TRADE) if trade["status"] == "WAIT_BUYER_PAY")
    dated = {}
    while trade["status"] != "TRADE_FINISHED":
        go_on(TRADE, trade, "status", NOW)
        assert {line["status"] for line in lines(trade)} == {trade["status"]}
        for name in ("pay_time", "consign_time", "end_time"):
            if trade.get(name) == NOW:
                dated.setdefault(name, trade["status"])
    assert dated == {
        "pay_time": "WAIT_SELLER_SEND_GOODS",
        "consign_time": "SELLER_CONSIGNED_PART",
        "end_time": "TRADE_FINISHED",
    }
    assert trade["received_payment"] == trade["payment"]
    assert "timeout_action_time" not in trade


def adds_up(trade):
    listed = sum(Decimal(line["price"]) * line["num"] for line in lines(trade))
    shares = sum(Decimal(line["divide_order_fee"]) for line in lines(trade))
    assert Decimal(trade["total_fee"]) == listed
    assert Decimal(trade["payment"]) == shares + Decimal(trade["post_fee"])
    assert Decimal(trade["discount_fee"]) == listed - shares
    assert trade["num"] == sum(line["num"] for line in lines(trade))


def test_an_order_vanishes_with_its_promotions_but_never_the_last_one():
    lost = set()
    for trade in contents(TRADE):
        oids = [line["oid"] for line in lines(trade)]
        assert lose_line(trade) == (len(oids) > 1)
        assert [line["oid"] for line in lines(trade)] == (oids[:-1] or oids)
        promoted = trade.get("promotion_details", {"promotion_detail": []})["promotion_detail"]
        assert bool(promoted) == ("promotion_details" in trade)
        if len(oids) > 1:
            lost.add("promotion_details" not in trade)
            assert oids[-1] not in [part["id"] for part in promoted]
        adds_up(trade)
    assert lost == {True, False}


def test_an_order_comes_with_a_number_of_its_own_up_to_four():
    everyone = {line["oid"] for trade in contents(TRADE) for line in lines(trade)}
    for trade in contents(TRADE):
        oids = [line["oid"] for line in lines(trade)]
        assert gain_line(trade) == (len(oids) < 4)
        *same, new = [line["oid"] for line in lines(trade)] if len(oids) < 4 else [*oids, None]
        assert same == oids
        assert new not in everyone
        if new:
            assert (lines(trade)[-1]["refund_status"], "refund_id" in lines(trade)[-1]) == (
                "NO_REFUND",
                False,
            )
        adds_up(trade)
