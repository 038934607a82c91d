"""Converts the values of a source to what a column can hold, exactly or not at all.

It converts whole columns at a time: nearly always every value already has the form that the source documents, and one
call of a built-in function proves it. Only a column with something else in it is converted value by value. Nothing is
ever cut, rounded or guessed: a value that does not fit raises RecordRejected. A row that does not need the column
keeps such a value in ``extra``, and names it there under ``_unfit``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import repeat
from types import NoneType
from typing import Any

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.description import Column, Kind, Table

Values = list[Any]
# Stands for a field that a record does not have: it becomes NULL, as a null does.
ABSENT = None
LARGEST = 2**63 - 1
# decimal(19,4), written out; many values are matched in one go.
_MONEY = re.compile(r"(?:-?[0-9]{1,15}(?:\.[0-9]{1,4})?\n)*")
# A number as JSON writes it: Decimal() alone would also take 1_000, NaN or digits of other scripts.
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
# Checks the times of day; a page has few different days, which are checked one by one.
_MOMENTS = re.compile(r"(?:\d{4}-\d\d-\d\d (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\n)*", re.ASCII)
_MOMENT = re.compile(
    r"\d{10}|\d{12,13}|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,3}0*)?)?)?", re.ASCII
)
_FLAGS = {None: None, "": None, True: 1, False: 0, "1": 1, "0": 0, "true": 1, "false": 0}
_EPOCH = datetime(1970, 1, 1) + timedelta(hours=8)  # noqa: DTZ001 (as Shanghai's clocks show it)
# A number's size tells whether it counts seconds or milliseconds since 1970. An order's time lies between 2001 and
# 2100 in seconds, or between 1990 and 2100 in milliseconds; any other number is refused.
_SECONDS = range(1_000_000_000, 4_102_416_000)
_MILLISECONDS = range(631_123_200_000, 4_102_416_000_000)
# A key of ``extra``: names the fields that are there because their columns cannot hold their values.
UNFIT = "_unfit"
# A source writes these for "no time".
NO_TIMES = frozenset({"", 0, "0000-00-00 00:00:00", "0000-00-00"})


@dataclass
class Columns:
    """Rows of one table, column by column; a column that is not named is NULL.

    :ivar came: how many rows there are
    :ivar decoded: by column, the values of the records' own fields as the decoder gave them, for the certificate
    """

    names: list[str] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    came: int = 0
    decoded: dict[str, Sequence[Any]] = field(default_factory=dict)

    def add(self, name: str, values: Values) -> None:
        """Add a column."""
        self.names.append(name)
        self.values.append(values)

    def put(self, name: str, values: Values) -> None:
        """Add a column, or replace the one of that name."""
        if name in self.names:
            self.values[self.names.index(name)] = values
        else:
            self.add(name, values)

    def get(self, name: str) -> Values | None:
        """Return the values of a column; None if it is not named."""
        return self.values[self.names.index(name)] if name in self.names else None


def columns_of(table: Table, records: Sequence[Mapping[str, Any]]) -> list[Values]:
    """Return the records' values column by column, in the table's order; None is NULL.

    Decimals come as their literal text, so that no digit is lost.

    :raises RecordRejected: a value of some record does not fit; ``detail`` names its column
    """
    rows = [map(record.get, table.fields, repeat(ABSENT)) for record in records]
    columns = list(zip(*rows, strict=True)) or [()] * len(table.columns)
    return [converted(column, list(values)) for column, values in zip(table.columns, columns, strict=True)]


def converted(column: Column, values: Values) -> Values:
    """Return one column's values as the database takes them: the list itself, if it takes all of them as they are.

    :raises RecordRejected: a value does not fit; ``detail`` names the column
    """
    values = _CONVERTERS[column.kind](column, values)
    if column.required and None in values:
        raise RecordRejected("value_missing", column.name)
    return values


def misfits(column: Column, values: Values) -> dict[int, RecordRejected]:
    """Return by place which values a column refuses, and why."""
    try:
        converted(column, values)
    except RecordRejected:
        return {place: why for place, value in enumerate(values) if (why := misfit(column, value))}
    return {}


def misfit(column: Column, value: Any) -> RecordRejected | None:
    """Return why a column refuses a value; None if it takes it."""
    try:
        converted(column, [value])
    except RecordRejected as rejection:
        return rejection
    return None


def milliseconds(number: int) -> int | None:
    """Return the moment that a number means, in milliseconds since 1970; None if it can mean none.

    >>> milliseconds(1795312800), milliseconds(1795312800123), milliseconds(1)
    (1795312800000, 1795312800123, None)
    """
    if number in _SECONDS:
        return number * 1000
    return number if number in _MILLISECONDS else None


def _bigints(column: Column, values: Values) -> Values:
    if {*map(type, values)} <= {int, NoneType}:
        return _in_range(column, values)
    return _in_range(column, [_bigint(column, value) for value in values])


def _in_range(column: Column, values: Values) -> Values:
    known = [value for value in values if value is not None] if None in values else values
    if known and (min(known) < -LARGEST or max(known) > LARGEST):
        raise RecordRejected("number_too_large", column.name)
    return values


def _bigint(column: Column, value: Any) -> int | None:
    if value is None or value == "":
        return None
    if type(value) is int or (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value)):
        return int(value)
    raise RecordRejected("not_a_whole_number", column.name)


def _money(column: Column, values: Values) -> Values:
    known = [value for value in values if value is not None] if None in values else values
    types = {*map(type, known)}
    if types <= {int, str} and _all_match(_MONEY, [*map(str, known)] if int in types else known):
        return values
    return [_amount(column, value) for value in values]


def _amount(column: Column, value: Any) -> str | None:
    """Return the amount without an exponent: sources also write 0E-8 or 1E+2."""
    if value is None or value == "":
        return None
    if type(value) is not int and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise RecordRejected("not_an_amount", column.name)
    exact = Decimal(value)
    try:
        written = f"{exact:f}" if exact != exact.to_integral_value() else f"{exact.quantize(Decimal(1)):f}"
    except InvalidOperation:
        raise RecordRejected("amount_does_not_fit", f"{column.name} holds decimal(19,4)") from None
    if "." in written:
        written = written.rstrip("0")
    if not _MONEY.fullmatch(f"{written}\n"):
        raise RecordRejected("amount_does_not_fit", f"{column.name} holds decimal(19,4)")
    return written


def _texts(column: Column, values: Values) -> Values:
    if not {*map(type, values)} <= {str, NoneType}:
        values = [_text(column, value) for value in values]
    if column.kind is Kind.TEXT and max(map(len, filter(None, values)), default=0) > column.length:
        raise RecordRejected("text_too_long", f"{column.name} holds {column.length} characters")
    return values


def _text(column: Column, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise RecordRejected("not_a_text", column.name)


def _moments(column: Column, values: Values) -> Values:
    known = [value for value in values if value is not None and value != ""]
    if {*map(type, known)} <= {str} and _all_match(_MOMENTS, known):
        days = {value[:10] for value in known}
        if all(_moment(column, day) for day in days):
            empty = len(known) + values.count(None) < len(values)
            return [value or None for value in values] if empty else values
    return [_moment(column, value) for value in values]


def _moment(column: Column, value: Any) -> str | None:
    """Take seconds or milliseconds since 1970, or text in Shanghai time; give text, with milliseconds if any."""
    if value is None or (type(value) in (int, str) and value in NO_TIMES):
        return None
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        if not value.isdigit():
            with suppress(ValueError):
                return str(datetime.fromisoformat(value))
        else:
            value = int(value)
    if type(value) is int and (since := milliseconds(value)) is not None:
        return str(_EPOCH + timedelta(milliseconds=since))
    raise RecordRejected("not_a_time", column.name)


def _all_match(lines: re.Pattern[str], texts: Sequence[str]) -> bool:
    """Match all texts as lines of one; a text that is several lines matches none."""
    joined = "\n".join([*texts, ""])
    return joined.count("\n") == len(texts) and lines.fullmatch(joined) is not None


def _flags(column: Column, values: Values) -> Values:
    try:
        return [_FLAGS[value] for value in values]
    except (KeyError, TypeError):
        raise RecordRejected("not_a_flag", column.name) from None


_CONVERTERS: dict[Kind, Callable[[Column, Values], Values]] = {
    Kind.BIGINT: _bigints,
    Kind.MONEY: _money,
    Kind.TEXT: _texts,
    Kind.LONG_TEXT: _texts,
    Kind.JSON: _texts,
    Kind.MOMENT: _moments,
    Kind.FLAG: _flags,
}
