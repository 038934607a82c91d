"""What the typed decoder takes, what it learns on the way, and what it leaves to a closer look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from retail_pipeline.tables.column_values import Columns
from retail_pipeline.vendors.taobao.tables import (
    CONTENT_DIGEST,
    FX_TRADE,
    LINE_COUNT,
    TB_ITEM,
    TB_REFUND,
    TB_TRADE,
    FeedTable,
)
from retail_pipeline.vendors.taobao.typed_rows import NeedsSlowPath, TypedRows
from sandbox.sys_info.fill import Wish, records
from sandbox.taobao.kinds import OLD_ITEM
from tests.vendors.taobao.unit.pushed_answers import KEY, answer, each_table, wrapped

NOON = 1795363200


def columns(
    *records: Sequence[str], table: FeedTable = TB_TRADE, typed: TypedRows | None = None
) -> dict[str, Columns]:
    """Return the columns of a page of records, each given by its members."""
    keys = [KEY + place for place in range(len(records))]
    raws = [answer(*members, table=table, key=key) for key, members in zip(keys, records, strict=True)]
    return (typed or TypedRows(table)).columns(keys, raws)


def values(found: Columns) -> dict[str, list[Any]]:
    """Return what came from the records."""
    told = dict(zip(found.names, found.values, strict=True))
    return {name: of for name, of in told.items() if name not in (LINE_COUNT, CONTENT_DIGEST)}


@pytest.fixture(scope="module")
def pushed() -> dict[str, tuple[list[int], list[bytes]]]:
    """Keys and answers by table, as the sandbox makes them up."""
    found: dict[str, tuple[list[int], list[bytes]]] = {}
    for record in records(Wish(trades=400, first=NOON - 36_000, last=NOON)):
        keys, raws = found.setdefault(record.kind, ([], []))
        keys.append(record.number)
        raws.append(record.answer())
    return found


@each_table
def test_whole_pages_of_what_is_pushed_are_taken(table, pushed):
    keys, raws = pushed[table.name]

    found = TypedRows(table).columns(keys, raws)

    assert found[table.head.name].get(table.key) == keys
    assert {name for name, part in found.items() if part.names} == {each.name for each in table.family}


def test_both_roots_of_items_may_lie_side_by_side():
    first, second = (record for record in records(Wish(40, NOON - 3600, NOON)) if record.kind == TB_ITEM.name)

    found = TypedRows(TB_ITEM).columns(
        [first.number, second.number], [first.answer(), second.answer(OLD_ITEM)]
    )

    assert found["taobao_item"].get("num_iid") == [first.number, second.number]


def test_columns_are_those_that_occur_and_no_others():
    head = columns(['"title":"a"', '"num":2'], ['"title":"b"', '"payment":"1.00"'])["taobao_trade"]

    assert values(head) == {
        "num": [2, None], "payment": [None, "1.00"], "tid": [KEY, KEY + 1], "title": ["a", "b"],
    }  # fmt: skip


def test_rows_of_a_list_have_the_keys_of_their_records():
    orders = '"orders":{"order":[%s]}'
    found = columns([orders % '{"oid":7,"num":1},{"oid":8}'], [orders % '{"oid":7,"num":3}'])

    assert values(found["taobao_order"]) == {
        "tid": [KEY, KEY, KEY + 1], "oid": [7, 8, 7], "num": [1, None, 3],
    }  # fmt: skip


def test_rows_without_a_number_are_numbered_within_their_record():
    details = '"promotion_details":{"promotion_detail":[%s]}'
    found = columns([details % "{},{}"], [], [details % '{"promotion_id":"a"}'])

    assert values(found["taobao_promotion"]) == {
        "tid": [KEY, KEY, KEY + 2], "line_no": [1, 2, 1], "promotion_id": [None, None, "a"],
    }  # fmt: skip


def test_what_nobody_mapped_is_kept_byte_for_byte_where_it_is():
    raw = [r'"unheard_of":{ "a" : 1.50, "b":"\/" }', '"deleted":7']
    head = columns(raw, [])["taobao_trade"]

    assert head.get("extra") == [r'{"deleted":7,"unheard_of":{ "a" : 1.50, "b":"\/" }}', None]


# Learning


def test_fields_that_come_later_are_learnt():
    typed = TypedRows(TB_TRADE)
    first = columns(['"title":"a"'], typed=typed)["taobao_trade"]
    second = columns(['"buyer_nick":"b"', '"unheard_of":1'], typed=typed)["taobao_trade"]
    third = columns(['"title":"c"'], typed=typed)["taobao_trade"]

    assert set(values(first)) == {"tid", "title"}
    assert (second.get("buyer_nick"), second.get("title"), second.get("extra")) == (
        ["b"],
        [None],
        ['{"unheard_of":1}'],
    )
    assert (third.get("title"), third.get("buyer_nick"), third.get("extra")) == (["c"], [None], [None])


def test_types_are_made_anew_only_when_something_is_new(monkeypatch):
    made = []
    decoder = msgspec.json.Decoder
    monkeypatch.setattr(msgspec.json, "Decoder", lambda kind: made.append(kind) or decoder(kind))
    typed = TypedRows(TB_TRADE)
    for _ in range(3):
        columns(['"title":"a"'], ['"unheard_of":1'], typed=typed)
    with pytest.raises(NeedsSlowPath):
        columns(['"title":7'], typed=typed)

    assert len(made) == 2


def test_what_an_odd_page_taught_is_known_afterwards():
    typed = TypedRows(TB_TRADE)
    with pytest.raises(NeedsSlowPath):
        columns(['"title":"a"', '"num":null'], ['"unheard_of":1'], typed=typed)

    head = columns(['"unheard_of":2'], typed=typed)["taobao_trade"]
    assert set(values(head)) == {"extra", "num", "tid", "title"}


def test_what_was_learnt_of_one_table_says_nothing_of_another():
    refund = TypedRows(TB_REFUND)
    columns(['"desc":"a"'], table=TB_REFUND, typed=refund)
    found = columns(['"payment":"1.00"'], table=TB_REFUND, typed=refund)

    assert set(found) == {"taobao_refund"}
    assert found["taobao_refund"].get("description") == [None]


# A closer look


@pytest.mark.parametrize(
    "odd",
    [
        '"num":null', '"num":"2"', '"num":2.0', f'"num":{2**63}', '"can_rate":1', '"title":7', '"title":null',
        '"payment":1.00', '"payment":""', '"payment":"one"', '"trade_ext":null', '"pay_time":1795312800123',
        '"pay_time":"0000-00-00 00:00:00"', '"pay_time":"0000-00-00"', '"pay_time":""',
        '"pay_time":"2026-02-30 10:00:00"', r'"title":"\u0000"', r'"unheard_of":"\ud83d"',
        r'"unheard_of":"\ud83e\udde5"',
        '"orders":null', '"orders":{}', '"orders":{"order":[]}', '"orders":[{"oid":1}]', '"orders":{"order":[{}]}',
        '"orders":{"order":[{"oid":1}],"total":1}', '"orders":{"order":[{"oid":1},{"oid":1}]}',
        '"orders":{"order":[{"oid":1},{"oid":"1"}]}', '"orders":{"order":[{"oid":"two"}]}',
        '"orders":{"order":[{"oid":null}]}', '"orders":{"order":[{"oid":1,"tid":7}]}', '"promotion_details":null',
    ],
)  # fmt: skip
def test_one_odd_record_makes_the_page_odd(odd):
    with pytest.raises(NeedsSlowPath):
        columns([], [odd], [])


@pytest.mark.parametrize("raw", [None, b"", b"{", b"{}", b"[]", b'{"error_response":{"code":15}}', b"\xff"])
@each_table
def test_what_is_no_answer_makes_the_page_odd(table, raw):
    with pytest.raises(NeedsSlowPath):
        TypedRows(table).columns([KEY, KEY + 1], [answer(table=table), raw])


@each_table
@pytest.mark.parametrize("key", [KEY + 1, f"0{KEY}", None])
def test_a_record_of_another_row_makes_the_page_odd(table, key):
    with pytest.raises(NeedsSlowPath):
        TypedRows(table).columns([KEY], [answer(table=table, key=key)])


@pytest.mark.parametrize("text", ["[]", "[{},{}]", "{}"])
def test_a_list_that_holds_not_just_one_makes_the_page_odd(text):
    with pytest.raises(NeedsSlowPath):
        TypedRows(FX_TRADE).columns([KEY], [wrapped(FX_TRADE, text)])


def test_a_backslash_before_a_u_alone_is_nothing_odd():
    head = columns([r'"title":"C:\\users"', r'"buyer_nick":"\u65b0"'])["taobao_trade"]

    assert (head.get("title"), head.get("buyer_nick")) == ([r"C:\users"], ["新"])
