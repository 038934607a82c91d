"""What becomes of a record's fields: exact in their columns, and beside them what no column shows as it is."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from retail_pipeline.vendors.taobao.tables import (
    EXCHANGE_REFUND,
    FX_TRADE,
    OWN_COLUMNS,
    TB_ITEM,
    TB_REFUND,
    TB_TRADE,
)
from tests.vendors.taobao.unit.pushed_answers import answer, each_table, extra_of, head_of, refusal

# Text that does not survive being read and written again carelessly.
LITERALS = [
    "2.0000", "1E3", "123456789012345.6789", "12345678901234567890123", r'"\u65b0\/"', r'"a\nb\\"', '"羽绒服 🧥"',
    '{"b":[1.50,{"c":null}],"a":{}}', "[]", "{}", "null", "true", '""', '"张**"',
]  # fmt: skip


def same(text: str, literal: str) -> bool:
    return json.loads(text, parse_float=Decimal) == json.loads(literal, parse_float=Decimal)


def test_fields_with_columns_go_into_them_and_leave_nothing_beside():
    row = head_of(
        '"num":2', '"payment":"968.10"', '"created":"2026-11-22 10:00:00"', '"can_rate":false', '"title":"山"'
    )

    assert row == {
        "num": 2, "payment": "968.10", "created": "2026-11-22 10:00:00", "can_rate": False, "title": "山",
    }  # fmt: skip


@pytest.mark.parametrize("value", [1795268209008590041, 2**63 - 1, 0, -1])
def test_ids_of_nineteen_digits_are_exact(value):
    assert head_of(f'"num_iid":{value}') == {"num_iid": value}
    assert type(head_of(f'"num_iid":{value}')["num_iid"]) is int


@pytest.mark.parametrize("digits", ["88.10", "0.00", "-5.5000", "123456789012345.6789"])
def test_money_keeps_its_digits_whether_it_comes_as_text_or_as_a_number(digits):
    assert head_of(f'"payment":"{digits}"') == {"payment": digits}
    assert head_of(f'"payment":{digits}') == {"payment": digits}


def test_a_number_where_a_text_was_and_a_text_where_a_number_was_stay_what_they_say():
    assert head_of('"title":12345', '"receiver_zip":1.50', '"num":"2"') == {
        "title": 12345, "receiver_zip": "1.50", "num": "2",
    }  # fmt: skip


def test_an_escaped_slash_is_a_slash():
    assert head_of(r'"pic_path":"http:\/\/img.example\/1.jpg"') == {"pic_path": "http://img.example/1.jpg"}


def test_masked_data_stay_as_they_came():
    masked = {"receiver_name": "张**", "receiver_mobile": "*******8000", "oaid": "1A2b==*"}

    assert head_of(*(f'"{name}":"{value}"' for name, value in masked.items())) == masked


# Absent, null, empty


def test_what_is_absent_is_nowhere():
    assert head_of() == {}


@pytest.mark.parametrize(
    "field", ["num", "payment", "pay_time", "can_rate", "title", "trade_ext", "unheard_of"]
)
def test_null_is_kept_beside_the_columns_whatever_the_field_holds(field):
    assert head_of(f'"{field}":null') == {"extra": f'{{"{field}":null}}'}


@pytest.mark.parametrize("field", ["num", "payment", "pay_time", "can_rate"])
def test_an_empty_text_where_no_text_belongs_is_kept_beside_the_columns(field):
    assert head_of(f'"{field}":""') == {"extra": f'{{"{field}":""}}'}


def test_a_text_shows_that_it_is_empty():
    assert head_of('"title":""') == {"title": ""}


@pytest.mark.parametrize("value", ['"0000-00-00 00:00:00"', '"0000-00-00"', "0"])
def test_a_day_that_never_was_is_kept_beside_the_columns(value):
    assert head_of(f'"pay_time":{value}') == {"extra": f'{{"pay_time":{value}}}'}


def test_the_same_words_are_a_text_where_a_text_belongs():
    assert head_of('"title":"0000-00-00"', '"es_date":"0000-00-00 00:00:00"', '"num":0') == {
        "title": "0000-00-00", "es_date": "0000-00-00 00:00:00", "num": 0,
    }  # fmt: skip


# What there is no column for


@pytest.mark.parametrize("literal", LITERALS)
@each_table
def test_a_field_that_nobody_mapped_is_kept(table, literal):
    assert same(head_of(f'"unheard_of":{literal}', table=table)["extra"], f'{{"unheard_of":{literal}}}')


def test_several_are_kept_together_beside_what_is_mapped():
    row = head_of('"b":1', '"title":"x"', '"a":{"c":2}')

    assert row.pop("title") == "x"
    assert extra_of('"b":1', '"title":"x"', '"a":{"c":2}') == {"b": 1, "a": {"c": 2}}
    assert set(row) == {"extra"}


@each_table
def test_fields_with_our_names_change_nothing_of_ours(table):
    ours = sorted(OWN_COLUMNS)
    row = head_of(*(f'"{name}":7' for name in ours), table=table)

    assert set(row) == {"extra"}
    assert json.loads(row["extra"]) == dict.fromkeys(ours, 7)


@pytest.mark.parametrize(
    ("table", "field", "column", "value"),
    [(TB_TRADE, "is_3D", "is_3d", "true"), (TB_REFUND, "desc", "description", '"x"'),
     (TB_ITEM, "desc", "description", '"x"'), (EXCHANGE_REFUND, "desc", "description", '"x"')],
)  # fmt: skip
def test_a_field_is_known_by_the_platforms_name_and_not_by_its_columns(table, field, column, value):
    assert set(head_of(f'"{field}":{value}', table=table)) == {field}
    assert set(head_of(f'"{column}":{value}', table=table)) == {"extra"}


# Structures


@pytest.mark.parametrize("literal", [literal for literal in LITERALS if literal != "null"])
def test_what_is_kept_as_json_says_what_came(literal):
    row = head_of(f'"trade_ext":{literal}')

    assert set(row) == {"trade_ext"}
    assert same(row["trade_ext"], literal)


def test_a_list_that_has_no_table_is_kept_as_json():
    row = head_of('"features":{"feature":[{"attr_key":"a","attr_value":"1.0"}]}', table=FX_TRADE)

    assert json.loads(row["features"]) == {"feature": [{"attr_key": "a", "attr_value": "1.0"}]}


# Characters that no database takes


@pytest.mark.parametrize(
    ("member", "detail"),
    [
        (r'"buyer_message":"a\u0000b"', "buyer_message"),
        (r'"trade_ext":{"a":["\u0000"]}', "trade_ext"),
        (r'"trade_ext":{"\u0000":1}', "trade_ext"),
        (r'"unheard_of":"\u0000"', "extra"),
        (r'"unheard\u0000of":1', "extra"),
        (r'"unheard_of":"\\\u0000"', "extra"),
    ],
)
def test_a_nul_in_a_text_is_refused_by_the_field_it_is_in(member, detail):
    rejected = refusal(answer(member))

    assert (rejected.reason, rejected.detail) == ("nul_in_text", detail)


@pytest.mark.parametrize("text", [r'"\\u0000"', r'"a\\\\u0000"'])
def test_the_letters_of_such_an_escape_are_letters(text):
    assert head_of(f'"buyer_message":{text}') == {"buyer_message": json.loads(text)}
    assert extra_of(f'"unheard_of":{text}') == {"unheard_of": json.loads(text)}


def test_an_emoji_may_come_as_an_escape():
    assert head_of(r'"buyer_message":"\ud83e\udde5"') == {"buyer_message": "🧥"}
