from __future__ import annotations

from decimal import Decimal

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.description import bigint, flag, json_text, long_text, moment, money, text
from tests.tables.unit.one_column import converted, refusal, table

WHOLE, AMOUNT, SHORT, LONG = bigint("it"), money("it"), text("it", 5), long_text("it")
TIME, YES_NO = moment("it"), flag("it")


def test_values_come_column_by_column_in_the_tables_order():
    both = table(bigint("id"), text("no", 9))

    columns = columns_of(both, [{"no": "a", "id": 1}, {"id": 2, "no": "b"}])

    assert columns == [[1, 2], ["a", "b"]]


def test_a_field_that_a_record_does_not_have_is_null():
    assert columns_of(table(bigint("id"), text("no", 9)), [{"id": 1}, {"no": "b"}]) == [
        [1, None],
        [None, "b"],
    ]


def test_fields_without_a_column_are_left_alone():
    assert columns_of(table(bigint("id")), [{"id": 1, "new": [object()]}]) == [[1]]


def test_no_records_are_as_many_empty_columns_as_the_table_has():
    assert columns_of(table(bigint("id", required=True), text("no", 9), moment("at")), []) == [[], [], []]


@pytest.mark.parametrize("column", [bigint("it", required=True), moment("it", required=True)])
@pytest.mark.parametrize("neighbours", [[], [1795312800], [1795312800, 1795312801]])
@pytest.mark.parametrize("record", [{}, {"it": None}, {"it": ""}], ids=["absent", "null", "empty"])
def test_a_required_value_that_is_missing_is_refused_by_its_columns_name(column, neighbours, record):
    records = [*({"it": value} for value in neighbours), record]

    with pytest.raises(RecordRejected) as caught:
        columns_of(table(column), records)

    assert (caught.value.reason, caught.value.detail) == ("value_missing", "it")


@pytest.mark.parametrize("nothing", [0, "0000-00-00", "0000-00-00 00:00:00"])
@pytest.mark.parametrize("neighbours", [[], ["2026-11-22 10:00:00"], [1795312800]])
def test_a_required_time_that_says_never_is_missing(nothing, neighbours):
    assert refusal(moment("it", required=True), *neighbours, nothing).reason == "value_missing"


def test_a_required_text_that_is_missing_is_refused():
    assert refusal(text("it", 5, required=True), "a", None).reason == "value_missing"


def test_of_several_columns_the_one_that_is_wrong_is_named():
    both = table(bigint("id"), bigint("shop_id"), bigint("trade_id"))

    with pytest.raises(RecordRejected, match="shop_id"):
        columns_of(both, [{"id": 1, "shop_id": 2, "trade_id": 3}, {"id": 1, "shop_id": "x", "trade_id": 3}])


@pytest.mark.parametrize("column", [WHOLE, AMOUNT, SHORT, TIME, YES_NO])
def test_a_refusal_never_tells_the_value(column):
    assert "张三丰 13800138000" not in str(refusal(column, "张三丰 13800138000"))


# Whole numbers


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (-1, -1),
        (2**63 - 1, 2**63 - 1),
        (-(2**63) + 1, -(2**63) + 1),
        ("9223372036854775807", 2**63 - 1),
        ("9007199254740993", 2**53 + 1),
        ("-7", -7),
        ("007", 7),
        (None, None),
        ("", None),
    ],
)
def test_whole_numbers_come_as_they_are_however_they_are_written(value, number):
    assert converted(WHOLE, value) == [number]


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**30, "9223372036854775808", "9999999999999999999"])
@pytest.mark.parametrize("neighbours", [[], ["1"]])
def test_numbers_beyond_64_bits_are_refused(value, neighbours):
    refusal(WHOLE, *neighbours, value)


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        "1.0",
        "2.0000",
        "1E3",
        " 1",
        "1\n",
        "1\n2",
        "+1",
        "0x10",
        "1_000",
        "１２",
        "NaN",
        "Infinity",
        "one",
        "1\0",
        "1" * 20,
        1.0,
        [],
        [1],
        {},
    ],
    ids=repr,
)
@pytest.mark.parametrize("neighbours", [[], [1]])
def test_what_is_no_whole_number_is_refused(value, neighbours):
    assert refusal(WHOLE, *neighbours, value).reason == "not_a_whole_number"


# Amounts


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (12, "12"),
        ("12.5", "12.5"),
        ("12.3456", "12.3456"),
        ("-0.0001", "-0.0001"),
        ("123456789012345.6789", "123456789012345.6789"),
        ("-123456789012345.6789", "-123456789012345.6789"),
        (999999999999999, "999999999999999"),
        ("1E-4", "0.0001"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("1.5E1", "15"),
        ("0E-8", "0"),
        ("1.50000", "1.5"),
        ("2.000000000000000000000000000000", "2"),
        ("100", "100"),
        ("1000.0000", "1000.0000"),
        ("0000000000000000012", "12"),
    ],
)
@pytest.mark.parametrize("neighbours", [[], [None]])
def test_amounts_come_to_the_last_digit_however_they_are_written(value, exact, neighbours):
    amount = str(converted(AMOUNT, *neighbours, value)[-1])

    # The same amount in plain digits; how many zeros are written at its ends is nobody's concern.
    assert Decimal(amount) == Decimal(exact)
    assert "E" not in amount


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_amount_that_is_empty_is_null(nothing):
    assert converted(AMOUNT, nothing, "1") == [None, "1"]


@pytest.mark.parametrize(
    "value",
    ["0.00001", "12.34567", "1E-5", "1234567890123456", 10**15, "1E15", "1E+30", "9" * 40, 10**40, 10**4000],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.parametrize("neighbours", [[], [None]])
def test_an_amount_that_does_not_fit_is_refused_and_never_rounded(value, neighbours):
    refusal(AMOUNT, *neighbours, value)


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1,5",
        "1,000.00",
        "¥5",
        "5元",
        "1\n2",
        "1.5\n2.5",
        "1_000",
        "１２",
        "1\0",
        "--1",
        "1.2.3",
        ".",
        "-",
        " ",
        "E5",
        1.5,
        [],
        ["1"],
        {},
    ],
    ids=repr,
)
@pytest.mark.parametrize("neighbours", [[], [None]])
def test_what_is_no_amount_is_refused(value, neighbours):
    refusal(AMOUNT, *neighbours, value)


# Texts


@pytest.mark.parametrize(
    "value", ["", " ", "a\0b", "\0", "🧥🎁", "a\nb", "\\N", '"', "羽绒服", "\u2028", "\x7f", "true"], ids=repr
)
@pytest.mark.parametrize("column", [SHORT, LONG, json_text("it")], ids=["text", "long_text", "json"])
@pytest.mark.parametrize("neighbours", [[], [1]])
def test_a_text_stays_as_it_is(value, column, neighbours):
    assert converted(column, *neighbours, value)[-1] == value


@pytest.mark.parametrize("character", ["a", "羽", "🧥", "\0"], ids=repr)
@pytest.mark.parametrize("neighbours", [[], [1]])
def test_a_text_may_have_as_many_characters_as_its_column_and_is_never_cut(character, neighbours):
    assert converted(SHORT, *neighbours, character * 5)[-1] == character * 5

    assert refusal(SHORT, *neighbours, character * 6).reason == "text_too_long"


def test_a_long_text_has_no_limit():
    assert converted(LONG, "羽" * 100_000) == ["羽" * 100_000]


@pytest.mark.parametrize("number", [0, -7, 1234567890123456789, 2**63])
def test_a_number_where_a_text_belongs_becomes_its_digits(number):
    assert converted(LONG, number, "a") == [str(number), "a"]


def test_a_number_with_too_many_digits_for_a_text_is_refused():
    assert refusal(SHORT, 123456).reason == "text_too_long"


@pytest.mark.parametrize("value", [True, False, 1.5, [], ["a"], {}, {"a": 1}], ids=repr)
@pytest.mark.parametrize("column", [SHORT, LONG], ids=["text", "long_text"])
@pytest.mark.parametrize("neighbours", [[], ["a"]])
def test_what_is_no_text_is_refused(value, column, neighbours):
    assert refusal(column, *neighbours, value).reason == "not_a_text"
