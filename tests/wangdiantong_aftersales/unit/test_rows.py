from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.pipelines.wangdiantong_aftersales.rows import AftersalesRows
from retail_pipeline.tables.rules import Action, Rule
from retail_pipeline.vendors.wangdiantong.tables import TABLES
from retail_pipeline.windows.paged_source import ReadyPage

GOOD: dict[str, Any] = {
    "refund_no": "TK2611220001",
    "shop_no": "01",
    "note_count": 0,
    "status": 90,
    "type": 2,
    "created": "2026-11-20 10:00:00",
    "modified": "2026-11-22 10:00:00",
}


def order(refund_id: Any = 7, **changes: Any) -> bytes:
    return json.dumps({"refund_id": refund_id, **GOOD, **changes}, ensure_ascii=False).encode()


def rows(rules=()) -> AftersalesRows:
    return AftersalesRows("flagship", rules) if rules else AftersalesRows("flagship")


def column(ready: ReadyPage, part: str, name: str) -> list[Any]:
    return ready.columns[TABLES[part].name][TABLES[part].names.index(name)]


def reasons(ready: ReadyPage) -> list[tuple[str, str, str]]:
    return [(each.source_key, each.reason, each.detail) for each in ready.rejected]


def test_orders_become_the_columns_of_their_tables():
    ready = rows().ready([order(7, remark="a"), order(8, remark=None)])

    assert column(ready, "order", "account") == ["flagship", "flagship"]
    assert column(ready, "order", "refund_id") == [7, 8]
    assert column(ready, "order", "remark") == ["a", None]
    assert ready.rejected == []
    assert {name: len(columns) for name, columns in ready.columns.items()} == {
        table.name: len(table.columns) for table in TABLES.values()
    }


def test_lines_of_all_orders_are_together_in_their_tables():
    ready = rows().ready(
        [
            order(7, detail_list=[{"rec_id": 1}, {"rec_id": 2}], amount_detail_list=[{"rec_id": 3}]),
            order(
                8,
                detail_list=[{"rec_id": 4}],
                swap_order={"tid": "t", "swap_order_detail_list": [{"oid": "o"}]},
            ),
        ]
    )

    keys = zip(
        *(column(ready, "detail_list", name) for name in ("refund_id", "line_no", "rec_id")), strict=True
    )
    assert list(keys) == [(7, 1, 1), (7, 2, 2), (8, 1, 4)]
    assert column(ready, "amount_detail_list", "rec_id") == [3]
    assert column(ready, "swap_order", "tid") == ["t"]
    assert column(ready, "swap_order_detail_list", "oid") == ["o"]
    assert column(ready, "gov_subsidy_info", "tid") == []


def test_a_page_without_orders_is_empty_columns():
    ready = rows().ready([])

    assert set(map(len, ready.columns[TABLES["order"].name])) == {0}
    assert (ready.row_hashes, ready.rejected) == ({}, [])


def test_money_arrives_with_every_digit():
    raw = order().replace(b'"status"', b'"receive_amount":123456789012345.6789,"status"')

    assert column(rows().ready([raw]), "order", "receive_amount") == ["123456789012345.6789"]


def test_what_has_no_column_arrives_in_extra():
    raw = order().replace(b'"status"', b'"new":2.0000,"status"')

    assert column(rows().ready([raw]), "order", "extra") == ['{"new":2.0000}']


# Records that cannot be used

BAD = {
    "cut": (b'{"refund_id":1,', ("1", "not_json", "the record is no JSON")),
    "no object": (b"[]", ("", "not_an_object", "the record is no JSON object")),
    "no id": (order(None), ("", "value_missing", "refund_id")),
    "id is no number": (order("x1"), ("x1", "not_a_whole_number", "refund_id")),
    "empty id": (order(""), ("", "value_missing", "refund_id")),
    "rule": (order(1, refund_no=None), ("1", "refund_no_missing", "refund_no")),
    "text too long": (order(1, refund_no="x" * 41), ("1", "text_too_long", "refund_no holds 40 characters")),
    "list for the number": (order(1, refund_no=["a"]), ("1", "not_a_text", "refund_no")),
    "no time": (order(1, modified="2026-02-30 00:00:00"), ("1", "not_a_time", "modified")),
    "a time of 1970": (order(1, modified=1795312), ("1", "not_a_time", "modified")),
    "never modified": (order(1, modified="0000-00-00 00:00:00"), ("1", "value_missing", "modified")),
    "text for a list": (order(1, detail_list="x"), ("1", "not_an_object", "detail_list")),
    "number for a line": (order(1, detail_list=[5]), ("1", "not_an_object", "detail_list")),
    "unfit and deep": (
        order(1, shop_id=json.loads("[" * 40 + "]" * 40)),
        ("1", "nested_too_deep", "order: an unknown field is deeper than 31 levels"),
    ),
    "deeper than Python goes": (
        order(1, new="{}").replace(b'"{}"', b"[" * 900 + b"]" * 900),
        ("1", "nested_too_deep", "order: an unknown field is deeper than 31 levels"),
    ),
    "unfit, deeper than Python goes": (
        order(1, type="{}").replace(b'"{}"', b"[" * 900 + b"]" * 900),
        ("1", "nested_too_deep", "order: an unknown field is deeper than 31 levels"),
    ),
    "unfit, and our name for it": (order(1, shop_id="x", _unfit=[]), ("1", "name_taken", "order: _unfit")),
}
bad_records = pytest.mark.parametrize(("raw", "told"), BAD.values(), ids=BAD)


@bad_records
def test_one_bad_record_is_set_aside_as_it_came_and_holds_up_no_other(raw, told):
    page = [order(7), raw, *(order(number) for number in range(8, 20))]

    ready = rows().ready(page)

    assert reasons(ready) == [told]
    assert ready.rejected[0].raw == raw
    assert column(ready, "order", "refund_id") == [7, *range(8, 20)]
    assert list(ready.row_hashes) == [7, *range(8, 20)]


def test_a_record_that_nobody_can_look_into_is_set_aside_too():
    def look(value: Any, _record: Any) -> bool:
        return value == 1 and look(value, _record)

    deep = Rule("deep", "status", Action.FLAG, look)
    ready = rows((deep,)).ready([order(7), order(8, status=1)])

    assert reasons(ready) == [("8", "nested_too_deep", "a field is deeper than anybody can look")]
    assert list(ready.row_hashes) == [7]


def test_all_bad_records_of_a_page_are_found():
    page = [raw for raw, _ in BAD.values()]

    ready = rows().ready([*page, order(7)])

    assert sorted(rejected.raw for rejected in ready.rejected) == sorted(page)
    assert column(ready, "order", "refund_id") == [7]


def test_lines_of_a_bad_record_stay_out_too():
    bad = order(1, detail_list=[{"rec_id": 1}], amount_detail_list=[5])

    ready = rows().ready([bad, order(7, detail_list=[{"rec_id": 2}])])

    assert column(ready, "detail_list", "rec_id") == [2]


def test_the_records_as_they_came_are_known_by_their_keys():
    page = [order(7), order("008", shop_id="x"), order(9, refund_no=None)]

    assert rows().ready(page).raws == [(7, page[0]), (8, page[1])]


def test_a_page_of_nothing_but_bad_records_is_empty_columns():
    ready = rows().ready([b"x", order(1, refund_no="x" * 41)])

    assert (len(ready.rejected), ready.row_hashes, column(ready, "order", "refund_id")) == (2, {}, [])


def test_a_swap_that_comes_as_two_objects_does_not_lose_one_of_them():
    ready = rows().ready([order(7, swap_order=[{"tid": "a"}, {"tid": "b"}])])

    keys = list(
        zip(column(ready, "swap_order", "account"), column(ready, "swap_order", "refund_id"), strict=True)
    )
    assert len(set(keys)) == len(keys)


def test_a_reason_never_tells_what_the_record_says():
    ready = rows().ready([order(1, refund_no=["13800138000 张三"])])

    assert "13800138000" not in "".join(ready.rejected[0].reason + ready.rejected[0].detail)


ORDERS = st.builds(
    order,
    st.integers(1, 10**18),
    modified=st.integers(1_600_000_000_000, 1_900_000_000_000),
    remark=st.none() | st.text(max_size=5),
    receive_amount=st.none() | st.integers(0, 99),
)


@given(st.lists(ORDERS | st.sampled_from([raw for raw, _ in BAD.values()]), max_size=8, unique=True))
def test_every_record_is_either_ready_or_set_aside(page):
    ready = rows().ready(page)

    assert len(column(ready, "order", "refund_id")) + len(ready.rejected) == len(page)
    assert {rejected.raw for rejected in ready.rejected} <= set(page)


@given(st.lists(ORDERS, max_size=6), st.sampled_from([raw for raw, _ in BAD.values()]))
def test_a_bad_record_changes_nothing_of_the_others(page, bad):
    alone, together = rows().ready(page), rows().ready([*page, bad])

    assert together.row_hashes == alone.row_hashes
    assert column(together, "order", "remark") == column(alone, "order", "remark")
    assert column(together, "order", "receive_amount") == column(alone, "order", "receive_amount")


# Rules


def test_broken_rules_are_flagged_and_counted_over_pages():
    counting = rows()

    first = counting.ready([order(1, status=11), order(2)])
    second = counting.ready([order(3, status=12, shop_no=""), order(4, note_count=None)])

    assert column(first, "order", "quality_flags") == ["status_unknown", None]
    assert column(second, "order", "quality_flags") == ["shop_no_missing,status_unknown", None]
    assert column(second, "order", "note_count") == [0, 0]
    assert counting.rule_counts == {"status_unknown": 2, "shop_no_missing": 1, "note_count_missing": 1}


def test_records_that_a_rule_or_a_column_refuses_are_counted_by_the_reason():
    counting = rows()

    counting.ready([order(1, refund_no=None), order(2, refund_no="x" * 41), order(3)])

    assert counting.rule_counts == {"refund_no_missing": 1, "text_too_long": 1}


def test_without_rules_only_columns_refuse():
    lenient = AftersalesRows("flagship", rules=())

    ready = lenient.ready([order(1, refund_no=None, status=11), order(2, modified=None)])

    assert column(ready, "order", "quality_flags") == [None]
    assert reasons(ready) == [("2", "value_missing", "modified")]


def test_other_rules_may_be_given():
    never = Rule("closed", "status", Action.QUARANTINE, lambda value, record: True)
    strict = AftersalesRows("flagship", rules=(never,))

    assert reasons(strict.ready([order(1)])) == [("1", "closed", "status")]
    assert strict.rule_counts == Counter(closed=1)


def test_an_order_that_breaks_every_rule_that_only_flags_is_loaded():
    amounts = (
        "return_goods_count guarantee_refund_amount return_goods_amount actual_refund_amount"
        " direct_refund_amount receive_amount"
    )
    wrong = {
        "shop_no": "",
        "status": 11,
        "type": 5,
        "created": "2026-11-23 10:00:00",
        "check_time": "2026-11-21 10:00:00",
        "settle_time": "2026-11-20 10:00:00",
        **dict.fromkeys(amounts.split(), "-1"),
    }

    assert reasons(rows().ready([order(7, **wrong)])) == []
