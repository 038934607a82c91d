"""Where in an answer the record is, and when there is none."""

from __future__ import annotations

import pytest

from retail_pipeline.vendors.taobao.rows import take_apart
from retail_pipeline.vendors.taobao.tables import TB_ITEM, TB_TRADE
from tests.vendors.taobao.unit.pushed_answers import KEY, answer, each_table, refusal, wrapped

ERROR = b'{"error_response":{"code":15,"msg":"Remote service error"}}'


def record_of(table) -> str:
    orders = ',"orders":{"order":[{"oid":1}]}' if table is TB_TRADE else ""
    return f'{{"{table.key}":{KEY}{orders}}}'


@each_table
def test_a_record_is_found_in_its_whole_answer(table):
    rows = take_apart(answer(table=table), table, KEY)

    assert rows[table.head.name] == [{table.key: KEY}]
    assert set(rows) == {each.name for each in table.family}


@pytest.mark.parametrize("root", TB_ITEM.roots, ids=lambda root: root[0])
def test_an_item_is_found_under_either_root(root):
    raw = wrapped(TB_ITEM, f'{{"num_iid":{KEY},"title":"山与海"}}', root)

    assert take_apart(raw, TB_ITEM, KEY)["taobao_item"] == [{"num_iid": KEY, "title": "山与海"}]


@each_table
def test_what_the_answer_says_beside_the_record_is_no_part_of_it(table):
    raw = answer(table=table)[:-1] + b',"request_id":"15qzd9btbeym5"}'

    assert take_apart(raw, table, KEY)[table.head.name] == [{table.key: KEY}]


@each_table
def test_one_record_may_come_as_a_list_of_one_and_alone(table):
    alone = take_apart(wrapped(table, record_of(table)), table, KEY)

    assert take_apart(wrapped(table, f"[{record_of(table)}]"), table, KEY) == alone


@each_table
@pytest.mark.parametrize("text", ["[]", "null", "7", '"text"', "[null]", "[[]]", "[{},{}]"])
def test_what_is_not_just_one_object_is_no_record(table, text):
    rejected = refusal(wrapped(table, text), table)

    assert (rejected.reason, rejected.detail) == (
        "not_an_object",
        f"{'.'.join(table.roots[0])} is not one object",
    )


@each_table
def test_a_root_with_nothing_in_it_holds_no_record(table):
    assert refusal(f'{{"{table.roots[0][0]}":{{}}}}'.encode(), table).reason == "not_an_object"


@each_table
@pytest.mark.parametrize("raw", [None, b""], ids=["null", "empty"])
def test_a_row_without_an_answer_is_told_as_such(table, raw):
    assert refusal(raw, table).reason == "no_response"


@each_table
@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}{}",
        b'{"a":NaN}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud83d"}',
        b'{"a":"\x01"}',
        b'{"a":' * 100_000,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_no_json_object_is_refused(table, raw):
    assert refusal(raw, table).reason == "not_json"


@each_table
def test_an_answer_that_breaks_off_is_refused(table):
    assert refusal(answer(table=table)[:-1], table).reason == "not_json"


@each_table
def test_an_error_in_place_of_a_record_is_told_as_such(table):
    assert refusal(ERROR, table).reason == "error_response"


@each_table
@pytest.mark.parametrize("raw", [b"{}", b'{"other_get_response":{"trade":{"tid":1}}}'])
def test_an_answer_of_another_kind_is_refused_by_the_root_that_was_expected(table, raw):
    rejected = refusal(raw, table)

    assert rejected.reason == "wrong_root"
    assert all(root[0] in rejected.detail for root in table.roots)


@each_table
@pytest.mark.parametrize("form", [int, str], ids=["number", "text"])
def test_the_records_own_key_may_be_a_number_or_a_text(table, form):
    raw = answer(table=table, key=form(KEY))

    assert take_apart(raw, table, KEY)[table.head.name] == [{table.key: KEY}]


@each_table
def test_a_record_that_does_not_say_its_key_is_its_rows(table):
    raw = answer(table=table).replace(f'"{table.key}":{KEY},'.encode(), b"")
    raw = raw.replace(f'"{table.key}":{KEY}'.encode(), b"")

    assert str(KEY).encode() not in raw
    assert take_apart(raw, table, KEY)[table.head.name] == [{table.key: KEY}]


@each_table
@pytest.mark.parametrize("key", [KEY + 1, float(KEY), None, f" {KEY}", f"0{KEY}", [KEY]])
def test_a_record_with_another_key_is_another_one(table, key):
    rejected = refusal(answer(table=table, key=key), table)

    assert (rejected.reason, rejected.detail.split()[0]) == ("other_key", table.key)


@each_table
def test_no_refusal_tells_what_the_record_says(table):
    secret = '"receiver_mobile":"13800138000"'

    for raw in (answer(secret, table=table, key=1), wrapped(table, f"[{{{secret}}},7]")):
        rejected = refusal(raw, table)
        assert "13800138000" not in f"{rejected} {rejected.__cause__}"
