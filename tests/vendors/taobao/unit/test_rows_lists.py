"""The lists of a record that have tables of their own."""

from __future__ import annotations

import json

import pytest

from retail_pipeline.vendors.taobao.tables import FX_TRADE, JX_TRADE, TB_TRADE
from tests.vendors.taobao.unit.pushed_answers import (
    KEY,
    answer,
    each_list,
    element,
    extra_of,
    head_of,
    listed,
    refusal,
    rows_of,
)

OID = 1795268209008590041


def test_every_element_is_a_row_under_its_heads_key():
    orders = f'{{"oid":{OID},"num":2,"payment":"9.90"}},{{"oid":{OID + 1},"unheard_of":1}}'

    assert rows_of(f'"orders":{{"order":[{orders}]}}')["taobao_order"] == [
        {"tid": KEY, "oid": OID, "num": 2, "payment": "9.90", "line_no": 1},
        {"tid": KEY, "oid": OID + 1, "extra": '{"unheard_of":1}', "line_no": 2},
    ]


def test_elements_without_a_number_of_their_own_are_numbered_in_their_order():
    details = '{"promotion_id":"b"},{"promotion_id":"a"},{"promotion_id":"b"}'
    rows = rows_of(f'"promotion_details":{{"promotion_detail":[{details}]}}')["taobao_promotion"]

    assert [(row["tid"], row["line_no"], row["promotion_id"]) for row in rows] == [
        (KEY, 1, "b"), (KEY, 2, "a"), (KEY, 3, "b"),
    ]  # fmt: skip


@each_list
def test_a_list_leaves_its_record_and_has_rows(table, child):
    rows = rows_of(listed(child, element(child, 1), element(child, 2)), table=table)

    assert rows[table.head.name] == [{table.key: KEY}]
    assert [row["line_no"] for row in rows[child.table.name]] == [1, 2]
    assert {row[child.table.fields[0]] for row in rows[child.table.name]} == {KEY}


@each_list
def test_a_list_may_come_without_a_wrapping_around_it(table, child):
    plain = rows_of(f'"{child.path[0]}":[{element(child)}]', table=table)

    assert plain == rows_of(listed(child, element(child)), table=table)


@each_list
@pytest.mark.parametrize("value", ["null", "{}", "[]", '{"%s":[]}', '{"%s":null}'])
def test_a_list_may_be_empty_where_a_record_can_be_without(table, child, value):
    member = f'"{child.path[0]}":' + value.replace("%s", child.path[1])
    if child.required:
        rejected = refusal(answer(member, table=table), table)
        assert (rejected.reason, rejected.detail) == ("value_missing", ".".join(child.path))
    else:
        assert rows_of(member, table=table)[child.table.name] == []


def test_a_trade_that_says_nothing_of_orders_is_none():
    raw = f'{{"trade_fullinfo_get_response":{{"trade":{{"tid":{KEY}}}}}}}'.encode()

    assert refusal(raw).reason == "value_missing"


@each_list
@pytest.mark.parametrize(
    "value", ["1", '"x"', '""', "true", '{"%s":1}', '{"%s":{}}', '{"%s":[1]}', '{"%s":[null]}']
)
def test_a_list_of_something_else_is_refused_by_its_name(table, child, value):
    member = f'"{child.path[0]}":' + value.replace("%s", child.path[1])
    rejected = refusal(answer(member, table=table), table)

    assert (rejected.reason, rejected.detail) == ("not_an_object", ".".join(child.path))


@each_list
def test_what_lies_beside_the_elements_is_kept_with_the_record(table, child):
    name, inner = child.path
    member = f'"{name}":{{"total":2.50,"{inner}":[{element(child)}]}}'

    assert json.dumps(extra_of(member, table=table), default=str) == f'{{"{name}": {{"total": "2.50"}}}}'
    assert len(rows_of(member, table=table)[child.table.name]) == 1


@each_list
def test_nothing_is_kept_twice(table, child):
    assert head_of(listed(child, element(child)), table=table) == {}


# The keys of rows


NUMBERED = pytest.mark.parametrize(
    ("table", "child"),
    [(table, child) for table in (TB_TRADE, FX_TRADE, JX_TRADE) for child in table.children[:1]],
    ids=["orders", "fx", "jx"],
)


@NUMBERED
@pytest.mark.parametrize("again", ["7", '"7"', '"07"'])
def test_a_number_that_is_there_twice_is_refused(table, child, again):
    own = child.table.key[1]
    rejected = refusal(answer(listed(child, f'{{"{own}":7}}', f'{{"{own}":{again}}}'), table=table), table)

    assert (rejected.reason, rejected.detail) == ("key_twice", f"{'.'.join(child.path)}: {own}")


@NUMBERED
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("null", "value_missing"),
        ('""', "value_missing"),
        ('"two"', "not_a_whole_number"),
        ("1.0", "not_a_whole_number"),
        ("[1]", "not_a_whole_number"),
        ("{}", "not_a_whole_number"),
        (str(2**63), "number_too_large"),
    ],
)
def test_an_element_needs_a_number_that_can_be_its_key(table, child, value, reason):
    own = child.table.key[1]
    rejected = refusal(answer(listed(child, f'{{"{own}":{value}}}'), table=table), table)

    assert (rejected.reason, rejected.detail) == (reason, own)


@NUMBERED
def test_an_element_without_a_number_is_refused(table, child):
    assert refusal(answer(listed(child, "{}"), table=table), table).reason == "value_missing"


@pytest.mark.parametrize("claimed", [f"{KEY}", f'"{KEY}"'])
def test_an_element_may_say_whose_it_is(claimed):
    member = listed(JX_TRADE.children[0], f'{{"dealer_detail_id":1,"dealer_order_id":{claimed}}}')

    [row] = rows_of(member, table=JX_TRADE)["taobao_jx_order_line"]
    assert row == {"dealer_order_id": KEY, "dealer_detail_id": 1, "line_no": 1}


@pytest.mark.parametrize("claimed", ["7", "null", '""'])
def test_an_element_of_another_record_is_refused(claimed):
    member = f'"orders":{{"order":[{{"oid":1,"tid":{claimed}}}]}}'

    assert refusal(answer(member)).reason == "other_key"


def test_a_line_of_a_distribution_order_has_two_numbers_of_that_name():
    member = '"sub_purchase_orders":{"sub_purchase_order":[{"id":1,"fenxiao_id":7}]}'

    [row] = rows_of(member, table=FX_TRADE)["taobao_fx_order_line"]
    line = FX_TRADE.children[0].table
    assert {line.by_field[field].name: value for field, value in row.items() if field != "line_no"} == {
        "fenxiao_id": KEY, "id": 1, "line_fenxiao_id": 7,
    }  # fmt: skip
