from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.errors import RecordRejected
from retail_pipeline.vendors.wangdiantong.rows import Rows, decode, key_in, take_apart

KNOWN = {
    "order": frozenset({"refund_id", "refund_no", "amount"}),
    "detail_list": frozenset({"rec_id", "num"}),
    "amount_detail_list": frozenset({"rec_id"}),
    "swap_order": frozenset({"tid"}),
    "swap_order_detail_list": frozenset({"oid"}),
    "gov_subsidy_info": frozenset({"tid"}),
}
LISTS = ["detail_list", "amount_detail_list", "gov_subsidy_info"]
# What does not survive being read and written again.
LITERALS = [
    "2.0000",
    "1E3",
    "-0.0",
    "123456789012345.6789",
    "12345678901234567890123",
    r'"\u65b0\ud83c\udf81\/"',
    r'"a\nb\\"',
    '"羽绒服 🧥"',
    '{ "b" : [ 1.50 , { "c" : null } ] ,"a":{}}',
    "[ ]",
    "null",
    "true",
    '""',
]


def rows_of(raw: str) -> Rows:
    return take_apart(raw.encode(), decode(raw.encode()), "flagship", KNOWN)


def order(*members: str) -> str:
    return "{" + ",".join(['"refund_id":7', *members]) + "}"


def reason(raw: str) -> RecordRejected:
    with pytest.raises(RecordRejected) as caught:
        rows_of(raw)
    return caught.value


# Reading


def test_numbers_with_decimals_are_the_text_that_came():
    read = decode(b'{"a":2.0000,"b":1E3,"c":123456789012345.6789,"d":{"e":[0.10]}}')

    assert read == {"a": "2.0000", "b": "1E3", "c": "123456789012345.6789", "d": {"e": ["0.10"]}}


def test_whole_numbers_are_exact():
    assert decode(b'{"a":9007199254740993,"b":-1,"c":123456789012345678901}') == {
        "a": 9007199254740993,
        "b": -1,
        "c": 123456789012345678901,
    }


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"null", "not_an_object"),
        (b"7", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'[{"refund_id":7}]', "not_an_object"),
        (b"", "not_json"),
        (b'{"refund_id":7', "not_json"),
        (b'{"refund_id":7}{}', "not_json"),
        (b"{refund_id:7}", "not_json"),
        (b'{"a":NaN}', "not_json"),
        (b'{"a":"\xff"}', "not_json"),
        (b'{"a":"\\ud800"}', "not_json"),
        (b'{"a":' * 100_000, "not_json"),
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_no_object_is_refused(raw, reason):
    with pytest.raises(RecordRejected) as caught:
        decode(raw)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"refund_id": 7, "a": NaN}', "7"),
        (b'{"a":\t"\t", "refund_id" : "7"}', "7"),
        (b'{"a": "\\"refund_id\\": 8", "refund_id": 7, NaN}', "7"),
        (b'{"refund_id": 7, "refund_id": 8, NaN}', ""),
        (b'{"refund_id": 7x, NaN}', ""),
        (b'{"refund_id": null, NaN}', ""),
        (b"{NaN}", ""),
    ],
)
def test_the_key_of_what_is_no_json_is_told_where_it_can_be(raw, key):
    assert key_in(raw) == key


def test_what_is_no_object_is_refused_without_telling_what_it_says():
    with pytest.raises(RecordRejected) as caught:
        decode(b'"13800138000"')

    assert "13800138000" not in str(caught.value)
    assert caught.value.__suppress_context__


# Taking apart


def test_an_order_is_one_row_with_its_key():
    rows = rows_of(order('"refund_no":"TK1"'))

    assert rows["order"] == [{"account": "flagship", "refund_id": 7, "refund_no": "TK1", "line_no": 1}]
    assert {name for name, parts in rows.items() if parts} == {"order"}
    assert set(rows) == set(KNOWN)


@pytest.mark.parametrize("name", LISTS)
def test_lines_of_a_list_are_numbered_in_the_order_they_came_in(name):
    field = next(iter(KNOWN[name]))
    rows = rows_of(order(f'"{name}":[{{"{field}":30}},{{"{field}":10}},{{"{field}":20}}]'))

    assert [(row["line_no"], row[field]) for row in rows[name]] == [(1, 30), (2, 10), (3, 20)]
    assert {(row["account"], row["refund_id"]) for row in rows[name]} == {("flagship", 7)}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("value", ["null", "[]", "{}", '""'])
def test_a_list_may_be_empty(name, value):
    assert rows_of(order(f'"{name}":{value}'))[name] == []


def test_members_with_rows_of_their_own_leave_the_orders_row():
    members = [f'"{name}":[]' for name in LISTS]

    [row] = rows_of(order(*members, '"swap_order":{"tid":"1","swap_order_detail_list":[]}'))["order"]

    assert set(row) == {"account", "refund_id", "line_no"}


def test_a_swap_order_is_one_row_and_its_lines_are_others():
    rows = rows_of(order('"swap_order":{"tid":"1","swap_order_detail_list":[{"oid":"a"},{"oid":"b"}]}'))

    key = {"account": "flagship", "refund_id": 7}
    assert rows["swap_order"] == [{**key, "line_no": 1, "tid": "1"}]
    assert rows["swap_order_detail_list"] == [
        {**key, "line_no": 1, "oid": "a"},
        {**key, "line_no": 2, "oid": "b"},
    ]


@pytest.mark.parametrize("value", ["null", "{}", "[]", '""'])
def test_an_order_without_a_swap_has_none(value):
    rows = rows_of(order(f'"swap_order":{value}'))

    assert (rows["swap_order"], rows["swap_order_detail_list"]) == ([], [])


@pytest.mark.parametrize("value", ["null", "[]", '""'])
def test_a_swap_may_have_no_lines(value):
    rows = rows_of(order(f'"swap_order":{{"tid":"1","swap_order_detail_list":{value}}}'))

    assert len(rows["swap_order"]) == 1
    assert rows["swap_order_detail_list"] == []


@pytest.mark.parametrize("raw", ["{}", '{"refund_id":null}', '{"refund_no":"TK1"}'])
def test_an_order_without_its_key_is_refused(raw):
    rejected = reason(raw)

    assert (rejected.reason, rejected.detail) == ("value_missing", "refund_id")


@pytest.mark.parametrize("name", [*LISTS, "swap_order"])
@pytest.mark.parametrize("value", ["1", '"x"', "true", '[{"rec_id":1},null]', "[[]]", "[1]", "2.5"])
def test_a_list_with_something_else_in_it_is_refused_by_its_name(name, value):
    rejected = reason(order(f'"{name}":{value}'))

    assert (rejected.reason, rejected.detail) == ("not_an_object", name)


def test_lines_of_a_swap_that_are_no_objects_are_refused():
    assert reason(order('"swap_order":{"swap_order_detail_list":[7]}')).detail == "swap_order_detail_list"


# What there is no column for


def test_where_every_field_has_a_column_there_is_no_extra():
    rows = rows_of(order('"refund_no":"TK1"', '"detail_list":[{"rec_id":1}]'))

    assert [row.get("extra") for parts in rows.values() for row in parts] == [None, None]


@pytest.mark.parametrize("literal", LITERALS)
def test_an_orders_unknown_field_is_kept_byte_for_byte(literal):
    [row] = rows_of(order(f'"new":{literal}', '"refund_no":"TK1"'))["order"]

    assert row["extra"] == f'{{"new":{literal}}}'


@pytest.mark.parametrize("literal", LITERALS)
@pytest.mark.parametrize("name", LISTS)
def test_a_lines_unknown_field_is_kept_byte_for_byte(name, literal):
    rows = rows_of(order(f'"{name}":[{{}},{{"new": {literal} }}]'))[name]

    assert [row["extra"] for row in rows] == [None, f'{{"new":{literal}}}']


@pytest.mark.parametrize("literal", LITERALS)
@pytest.mark.parametrize("form", ["{}", "[{}]"], ids=["object", "list of one"])
def test_a_swaps_unknown_fields_are_kept_byte_for_byte(form, literal):
    lines = f'[{{"oid":"a"}},{{"new":{literal}}}]'
    swap = f'{{"tid":"1","new":{literal},"swap_order_detail_list":{lines}}}'

    rows = rows_of(order(f'"swap_order": {form.replace("{}", swap)}'))

    assert [row["extra"] for row in rows["swap_order"]] == [f'{{"new":{literal}}}']
    assert [row["extra"] for row in rows["swap_order_detail_list"]] == [None, f'{{"new":{literal}}}']


@pytest.mark.parametrize("name", [*LISTS, "swap_order"])
def test_members_with_rows_of_their_own_are_never_in_extra(name):
    [row] = rows_of(order('"new":1', f'"{name}":[{{"{next(iter(KNOWN[name]))}":1}}]'))["order"]

    assert row["extra"] == '{"new":1}'


@pytest.mark.parametrize("ours", ["account", "line_no", "extra", "quality_flags"])
@pytest.mark.parametrize("name", ["order", "detail_list"])
def test_the_vendors_fields_with_our_names_are_kept_and_change_nothing_of_ours(ours, name):
    rows = rows_of(order(f'"{ours}":2.50', f'"detail_list":[{{"{ours}":2.50}}]'))

    [row] = rows[name]
    assert row["extra"] == f'{{"{ours}":2.50}}'
    assert (row["account"], row["refund_id"], row["line_no"]) == ("flagship", 7, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FIELDS = st.dictionaries(st.text(max_size=5) | st.sampled_from(["rec_id", "num", "extra"]), JSON, max_size=4)


def told(row: dict[str, Any], name: str, source: dict[str, Any]) -> dict[str, Any]:
    """Return an object as its row tells it, columns and extra taken together."""
    columns = {field: source[field] for field in source if field in row and field in KNOWN[name]}
    return {**columns, **json.loads(row.get("extra") or "{}")}


@given(FIELDS, st.lists(FIELDS, max_size=3), st.booleans(), st.sampled_from([None, 1]))
def test_nothing_of_a_record_is_lost(fields, lines, escaped, indent):
    source = {"refund_id": 7, **fields}
    raw = json.dumps({**source, "detail_list": lines}, ensure_ascii=escaped, indent=indent)

    rows = rows_of(raw)

    assert told(rows["order"][0], "order", source) == source
    assert [
        told(row, "detail_list", line) for row, line in zip(rows["detail_list"], lines, strict=True)
    ] == lines
