"""The values of decoded records, read for a certificate. Pure.

It shares nothing with the code that makes rows of the records, so that a value which that code changes is found. So
numbers, times and texts are read here once more, whole columns at a time, and only added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from itertools import repeat
from operator import sub
from typing import Any, TypeAlias

from retail_pipeline.tables.description import Kind, Table
from retail_pipeline.tables.value_figures import GROUPS, Figure, TableFigures

Given: TypeAlias = Sequence[Any]
# Shanghai has had no summer time since then.
_STEADY = "1992"
_LENGTH = len("1992-01-01 00:00:00")  # of nearly all; if all have it, their texts sort by time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1, 8)  # noqa: DTZ001 (as Shanghai's clocks show it)
_MILLISECOND = timedelta(milliseconds=1)
# A source writes these for "no time".
_NO_TIME = frozenset({"", 0})  # and 0000-00-00, which does not parse as a date
_TRUE, _FALSE = frozenset({True, "1", "true"}), frozenset({False, "0", "false"})
_SECONDS = range(10**9, 10**10)


def figures_of(table: Table, rows: int, columns: Mapping[str, Given], zone: tzinfo) -> TableFigures:
    """Return the figures of some rows of a table.

    :param columns: by the names of columns, the values of the records' fields; None for a field without a value
    :param zone: the zone that the table assumes for a time without one
    """
    kinds = _kinds(table)
    found = TableFigures(rows)
    for name, values in columns.items():
        kind = kinds[name]
        found.columns[GROUPS[kind], name] = figure_of(kind, values, zone)
    return found


_KINDS: dict[str, dict[str, Kind]] = {}


def _kinds(table: Table) -> dict[str, Kind]:
    if table.name not in _KINDS:
        _KINDS[table.name] = {column.name: column.kind for column in table.columns}
    return _KINDS[table.name]


def figure_of(kind: Kind, values: Given, zone: tzinfo) -> Figure:
    """Return the figure of a column."""
    how = _AT_ONCE[kind]
    try:
        return how(values) if values else Figure()
    except (TypeError, ValueError):
        pass  # some are None, or have other than the simplest forms
    values = [value for value in values if value is not None]
    try:
        return how(values) if values else Figure()
    except (TypeError, ValueError):
        return _one_by_one(kind, values, zone)


def _texts(values: Given) -> Figure:
    text = "".join(values)
    return Figure(len(values), len(text) if text.isascii() else len(text.encode()))


def _amounts(values: Given) -> Figure:
    """Read each different amount once: most of them come many times."""
    counts = Counter(values)
    counts.pop(None, None)
    read = [(count, amount) for value, count in counts.items() if (amount := amount_in(value)) is not None]
    return Figure(sum(count for count, _ in read), sum((count * amount for count, amount in read), Decimal()))


def _numbers(values: Given) -> Figure:
    return Figure(len(values), int(sum(values)))  # sum() refuses anything but numbers


def _documents(values: Given) -> Figure:
    return Figure(sum(value is not None for value in values))


def _times(values: Given) -> Figure:
    if type(values[0]) is int:
        return _milliseconds(values)
    first, last, text = min(values), max(values), "".join(values)
    signs = text.count("-"), text.count(" ")  # with a T the texts would sort otherwise
    if first < _STEADY or len(text) != _LENGTH * len(values) or signs != (2 * len(values), len(values)):
        raise ValueError
    near = datetime.fromisoformat(first)
    # Spans from a moment nearby: the sum of many spans since 1970 would be more than a timedelta holds.
    spans = sum(map(sub, map(datetime.fromisoformat, values), repeat(near)), timedelta())
    total = spans // _MILLISECOND + len(values) * _steady(near)
    return Figure(len(values), total, _steady(near), _steady(datetime.fromisoformat(last)))


def _milliseconds(values: Given) -> Figure:
    if {*map(type, values)} != {int} or min(values) < _SECONDS.stop:
        raise ValueError
    return Figure(len(values), sum(values), min(values), max(values))


def _steady(moment: datetime) -> int:
    return (moment - _LOCAL_EPOCH) // _MILLISECOND


def _one_by_one(kind: Kind, values: Given, zone: tzinfo) -> Figure:
    if kind in (Kind.TEXT, Kind.LONG_TEXT):
        return _texts([*map(str, values)])
    if kind is Kind.MOMENT:
        times = [time for value in values if (time := time_in(value, zone)) is not None]
        return Figure(len(times), sum(times), min(times, default=None), max(times, default=None))
    read = {Kind.MONEY: amount_in, Kind.BIGINT: number_in, Kind.FLAG: flag_in}[kind]
    found: list[Any] = [one for value in values if (one := read(value)) is not None]
    return Figure(len(found), sum(found))


def amount_in(value: Any) -> Decimal | None:
    """Return an amount, in whatever form a source gives it; None if there is none."""
    try:
        return None if value == "" or isinstance(value, bool) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None


def number_in(value: Any) -> int | None:
    """Return a whole number; None if there is none."""
    try:
        return None if value == "" or isinstance(value, bool) else int(str(value))
    except ValueError:
        return None


def flag_in(value: Any) -> bool | None:
    """Return a yes or no; None if there is neither."""
    try:
        return True if value in _TRUE else False if value in _FALSE else None
    except TypeError:
        return None


def time_in(value: Any, zone: tzinfo) -> int | None:
    """Return a time in milliseconds since 1970; None if there is none."""
    try:
        if isinstance(value, str) and "-" in value:
            moment = datetime.fromisoformat(value)
            return (
                _steady(moment)
                if value >= _STEADY
                else (moment.replace(tzinfo=zone) - _EPOCH) // _MILLISECOND
            )
        if isinstance(value, bool) or value in _NO_TIME:
            return None
        number = int(value)
        return number * 1000 if number in _SECONDS else number
    except (TypeError, ValueError):
        return None


_AT_ONCE: Mapping[Kind, Callable[[Given], Figure]] = {
    Kind.BIGINT: _numbers,
    Kind.MONEY: _amounts,
    Kind.TEXT: _texts,
    Kind.LONG_TEXT: _texts,
    Kind.JSON: _documents,
    Kind.FLAG: _numbers,
    Kind.MOMENT: _times,
}
