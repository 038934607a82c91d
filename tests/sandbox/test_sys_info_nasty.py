"""Rows that a loader must survive: each spoilt in the way its name says, where it was told to lie."""

from __future__ import annotations

import json

import pytest

from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.nasty import HUGE, insert
from sandbox.sys_info.tables import TABLES
from sandbox.sys_info.truth import expected, truth
from sandbox.taobao.kinds import TRADE

LAST = 1795363200
IN_EVERY_TABLE = (
    "broken_json",
    "null_response",
    "empty_response",
    "error_response",
    "wrong_root",
    "not_an_object",
    "zero_date_in_column",
)
OF_TRADES = (
    "no_orders",
    "no_order_in_orders",
    "null_orders",
    "number_for_text",
    "text_for_number",
    "nul_in_text",
    "lone_surrogate",
    "zero_date",
    "no_such_date",
    "null_for_absent",
    "huge",
    "id_clash",
    "id_clash",
)


def test_each_nasty_row_is_in_its_table_at_the_given_time(sys_info, naming):
    nasty = insert(sys_info, naming, 1, LAST - 1)
    held = truth(sys_info, naming)
    assert len(nasty) == len({(row.table, row.number) for row in nasty}) == sum(map(len, held.values()))
    for table in TABLES:
        names = [row.name for row in nasty if row.table == table]
        assert sorted(names) == sorted(IN_EVERY_TABLE + (OF_TRADES if table == TRADE else ()))
        assert all(str(row["jdp_modified"]) == "2026-11-22 23:59:59" for row in held[table].values())


@pytest.mark.parametrize("table", TABLES)
def test_answers_that_are_none(sys_info, naming, table):
    nasty = [row for row in insert(sys_info, naming, 1, LAST - 1, IN_EVERY_TABLE) if row.table == table]
    held = truth(sys_info, naming)[table]
    rows = {row.name: held[row.number] for row in nasty}
    text = {name: row["jdp_response"] for name, row in rows.items()}
    with pytest.raises(ValueError):  # noqa: PT011 - any, as long as it is no JSON
        json.loads(text["broken_json"])
    assert (text["null_response"], text["empty_response"]) == (None, "")
    assert list(json.loads(text["error_response"])) == ["error_response"]
    assert next(iter(json.loads(text["wrong_root"]))).endswith("_answer")
    assert isinstance(json.loads(text["not_an_object"]), list)
    assert rows["zero_date_in_column"][TABLES[table].modified] == "0000-00-00 00:00:00"
    told = expected(sys_info, naming)[table]
    readable = {row.name for row in nasty if told[row.number].children is not None}
    assert readable == {"zero_date_in_column"}


def test_trades_that_are_spoilt(sys_info, naming):
    nasty = insert(sys_info, naming, 1, LAST - 1, OF_TRADES)
    held = truth(sys_info, naming)[TRADE]
    text = {row.name: held[row.number]["jdp_response"] for row in nasty}
    trade = {
        name: json.loads(response)["trade_fullinfo_get_response"]["trade"] for name, response in text.items()
    }
    assert "orders" not in trade["no_orders"]
    assert trade["no_order_in_orders"]["orders"] == {"order": []}
    assert trade["null_orders"]["orders"] is None
    assert (trade["number_for_text"]["payment"], trade["number_for_text"]["title"]) == (88.1, 12345)
    assert trade["text_for_number"]["num"] == "two"
    assert trade["nul_in_text"]["buyer_message"] == "a\0b"
    assert trade["lone_surrogate"]["buyer_message"] == "\ud83d"
    assert trade["zero_date"]["pay_time"] == "0000-00-00 00:00:00"
    assert trade["no_such_date"]["pay_time"] == "2026-02-30 10:00:00"
    assert trade["null_for_absent"]["seller_memo"] is None
    assert len(text["huge"].encode()) > HUGE
    told = expected(sys_info, naming, [TRADE])[TRADE]
    without = {row.name for row in nasty if told[row.number].children["orders"] == ()}
    assert without == {"no_orders", "no_order_in_orders", "null_orders"}


def test_two_trades_claim_the_same_orders(sys_info, naming):
    clashing = [row.number for row in insert(sys_info, naming, 1, LAST - 1, ["id_clash"])]
    told = expected(sys_info, naming, [TRADE])[TRADE]
    assert list(told) == sorted(clashing)
    first, second = (told[number].children["orders"] for number in clashing)
    assert first == second != ()


def test_they_never_meet_those_of_a_fill(sys_info, naming):
    written = fill(sys_info, Wish(3000, LAST - 10, LAST, nasty=True), naming)
    assert written[TRADE] == 3000 + len(IN_EVERY_TABLE) + len(OF_TRADES)
    assert {table: len(rows) for table, rows in truth(sys_info, naming).items()} == written
