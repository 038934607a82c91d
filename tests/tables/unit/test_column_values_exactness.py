"""Whatever a source sends, a column holds exactly that, or the record is refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.description import Column, Kind, bigint, flag, long_text, moment, money, text
from tests.examples import examples
from tests.tables.unit.one_column import converted

COLUMNS = [bigint("it"), money("it"), text("it", 8), long_text("it"), moment("it"), flag("it")]
each_column = pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.kind.value)

NEVER = ("", "0000-00-00", "0000-00-00 00:00:00")
EPOCH = datetime.fromisoformat("1970-01-01 08:00:00")
SECONDS = st.integers(-2_000_000_000, 4_000_000_000).map(lambda passed: EPOCH + timedelta(seconds=passed))
TIMES = SECONDS.map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}")
MILLISECONDS = st.integers(1_600_000_000_000, 1_900_000_000_000)
SINCE_2001 = st.integers(1_000_000_000, 4_102_415_999)
AMOUNTS = st.integers(-(10**19) + 1, 10**19 - 1).map(lambda parts: f"{Decimal(parts) / 10_000:f}")

# By kind of column: what it holds, and what looks a little like that.
USABLE = {
    Kind.BIGINT: st.integers(-(2**63) + 1, 2**63 - 1),
    Kind.MONEY: AMOUNTS | st.integers(0, 100),
    Kind.TEXT: st.text(max_size=8),
    Kind.LONG_TEXT: st.text(),
    Kind.MOMENT: TIMES | MILLISECONDS | SINCE_2001,
    Kind.FLAG: st.sampled_from([0, 1, True, False, "0", "1", "true", "false"]),
}
ALIKE = {
    Kind.BIGINT: [
        "7",
        "-7",
        "9" * 19,
        "9007199254740993",
        2**63,
        -(2**64),
        "2.0000",
        "1E3",
        "1\n2",
        "１２",
        "1\0",
    ],
    Kind.MONEY: [
        "1E-4",
        "1e2",
        "0E-8",
        "12.34567",
        "1.00000",
        "9" * 16,
        "NaN",
        "Infinity",
        "1\n2",
        "1_0",
        "１２",
    ],
    Kind.TEXT: ["\0", "🧥" * 8, "🧥" * 9, 10**18, 7, "2.0000", "a\nb\\N"],
    Kind.LONG_TEXT: ["\0", "🧥" * 9, 10**18, 7, "2.0000", "a\nb\\N"],
    Kind.MOMENT: [
        *NEVER,
        0,
        False,
        [],
        "2026-11-22",
        "0000-00-00 12:00:00",
        "2026-02-30 00:00:00",
        "2026-11-22 10:00:00.5",
        "2026-11-22 10:00:00.1234",
        "2026-11-22 10:00:00+08:00",
        "2026-11-22 10:00:00\n2026-11-22 11:00:00",
        "1795312800123",
        "1795312800",
        999_999_999,
    ],
    Kind.FLAG: ["True", "yes", "", 2, "01"],
}
PLAIN = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.text(max_size=10)
ANYTHING = (
    PLAIN
    | st.one_of(*USABLE.values())
    | st.sampled_from([each for alike in ALIKE.values() for each in alike])
    | st.lists(PLAIN, max_size=14)
    | st.dictionaries(st.text(max_size=3), PLAIN, max_size=2)
)


def mixes(kind: Kind) -> st.SearchStrategy[list[Any]]:
    """Mostly what the column holds, as columns are, with something else among it now and then."""
    usual = st.none() | USABLE[kind]
    alike = st.sampled_from(ALIKE[kind])
    return (
        st.lists(usual | alike, max_size=3)
        | st.lists(alike, max_size=2)
        | st.lists(usual | ANYTHING, max_size=3)
    )


def is_exact(kind: Kind, value: Any, kept: Any) -> bool:
    """Return whether ``kept`` is what a source said, no more and no less."""
    if value is None:
        return kept is None
    if kind in (Kind.TEXT, Kind.LONG_TEXT):
        return type(value) in (int, str) and kept == str(value)
    if value == "" or (kind is Kind.MOMENT and (value in NEVER or (type(value) is int and value == 0))):
        return kept is None
    return _IS_EXACT[kind](value, kept)


def _is_number(value: Any) -> bool:
    written = r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?"
    return type(value) is int or (isinstance(value, str) and bool(re.fullmatch(written, value)))


def _is_exact_whole(value: Any, kept: Any) -> bool:
    return _is_number(value) and type(kept) is int and abs(kept) < 2**63 and Decimal(value) == kept


def _is_exact_amount(value: Any, kept: Any) -> bool:
    fits = re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,4})?", str(kept))
    return _is_number(value) and bool(fits) and Decimal(value) == Decimal(kept)


def _is_exact_time(value: Any, kept: Any) -> bool:
    fits = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}(\.[0-9]{3}000)?", str(kept))
    try:
        if type(value) is int or re.fullmatch("[0-9]{10}|[0-9]{12,13}", value):
            passed = int(value)
            due = EPOCH + timedelta(
                milliseconds=passed * 1000 if len(str(passed)) == len("1000000000") else passed
            )
        else:
            due = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return bool(fits) and datetime.fromisoformat(kept) == due


def _is_exact_flag(value: Any, kept: Any) -> bool:
    meant = {"1": 1, "true": 1, "0": 0, "false": 0}.get(str(value).lower())
    return type(kept) is int and kept == meant


_IS_EXACT = {
    Kind.BIGINT: _is_exact_whole,
    Kind.MONEY: _is_exact_amount,
    Kind.MOMENT: _is_exact_time,
    Kind.FLAG: _is_exact_flag,
}


def outcome(column: Column, *values: Any) -> list[Any] | None:
    """Return what becomes of values; None where they are refused."""
    try:
        return converted(column, *values)
    except RecordRejected:
        return None


@each_column
@settings(max_examples=examples(150))
@given(data=st.data())
def test_either_the_exact_value_comes_out_or_the_record_is_refused_by_its_columns_name(column, data):
    values = data.draw(mixes(column.kind))
    try:
        kept = converted(column, *values)
    except RecordRejected as rejection:
        named = rejection.detail.split()[0]
    else:
        named = "it"
        pairs = list(zip(values, kept, strict=True))
        assert [pair for pair in pairs if not is_exact(column.kind, *pair)] == []
    assert named == "it"


def same(column: Column, kept: Any) -> Any:
    """Amounts may be written with more or fewer zeros at their end."""
    return Decimal(kept) if column.kind is Kind.MONEY and kept is not None else kept


def agree(column: Column, values: list[Any]) -> None:
    alone = [outcome(column, value) for value in values]

    together = outcome(column, *values)

    if None in alone:
        assert together is None
    else:
        assert together is not None
        assert [same(column, kept) for kept in together] == [same(column, kept) for [kept] in alone]


@each_column
@settings(max_examples=examples(150))
@given(data=st.data())
def test_a_column_at_once_gives_what_each_of_its_values_gives_alone(column, data):
    agree(column, data.draw(mixes(column.kind)))


@given(
    *[st.one_of(TIMES, MILLISECONDS, st.sampled_from(ALIKE[Kind.MOMENT]))] * 2,
)
@example("0000-00-00 00:00:00", 1)
@example([], 1)
@example("2026-11-22 10:00:00", "2026-11-22 11:00:00.5")
def test_two_times_that_come_in_different_forms_are_read_as_each_of_them_alone(first, second):
    agree(moment("it"), [first, second])


@each_column
@given(data=st.data())
def test_what_the_source_documents_is_never_refused(column, data):
    values = data.draw(st.lists(st.none() | USABLE[column.kind], max_size=5))

    kept = converted(column, *values)

    assert [each is None for each in kept] == [value is None for value in values]
