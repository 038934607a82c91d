"""Compares a record, field by field, with its rows in a target. Pure; it shares no conversion with the load."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from itertools import repeat
from operator import itemgetter
from typing import Any

from retail_pipeline.tables.description import Column, Kind, Table, TableFamily
from retail_pipeline.tables.target_side import Row
from retail_pipeline.windows.source_values import amount_in, flag_in, number_in, time_in

Fields = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
EXTRA = "extra"
# Within ``extra``: which of its fields have a column that cannot hold their values.
_UNFIT = "_unfit"


@dataclass(frozen=True)
class Told:
    """What a source said about one record.

    :param fields: by table, those of the record and of its lines in their order
    :param beside: of the head, by column, what the source kept beside the record
    """

    fields: Mapping[str, Sequence[Fields]]
    beside: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class FieldComparison:
    """Compares records of one family of tables.

    :param ours: columns that hold our own values; a field of such a name lies in ``extra``
    :param zone: the zone that the target assumes for a time without one
    """

    family: TableFamily
    ours: frozenset[str]
    zone: tzinfo
    _fields: dict[str, frozenset[str]] = field(default_factory=dict)

    def differences(self, told: Sequence[Told], rows: Sequence[Rows]) -> dict[int, list[str]]:
        """Return by place the columns that differ from what the source said, without any value.

        :param rows: by table, all that the target has of each record
        """
        pairs = list(zip(told, rows, strict=True))
        plain = [place for place, pair in enumerate(pairs) if self._is_plain(*pair)]
        # Whole columns at a time; only records that differ, or that hold more than values in columns, are examined.
        same = all(self._same_columns(table, [pairs[place] for place in plain]) for table in self.family)
        closely = {*range(len(pairs))} - {*(plain if same else ())}
        each = ((place, sorted({*self._of_record(*pairs[place])})) for place in sorted(closely))
        return {place: found for place, found in each if found}

    def _is_plain(self, told: Told, rows: Rows) -> bool:
        """Tell whether all fields are in their columns, or have none and lie in ``extra`` as they came."""
        for table in self.family:
            lines, there = self._in_order(table, told.fields[table.name], rows[table.name])
            if len(lines) != len(there):
                return False
            mapped = self._mapped(table)
            for line, row in zip(lines, there, strict=True):
                beside = line.keys() - mapped
                extra = _document(row[EXTRA]) or {}
                if row["others"] or extra.keys() != beside:
                    return False
                if beside and not same_document({name: line[name] for name in beside}, extra):
                    return False
        return True

    def _mapped(self, table: Table) -> frozenset[str]:
        if table.name not in self._fields:
            self._fields[table.name] = frozenset(name for name in table.by_field if self._column(table, name))
        return self._fields[table.name]

    def _same_columns(self, table: Table, pairs: Sequence[tuple[Told, Rows]]) -> bool:
        lines: list[Fields] = []
        there: list[Row] = []
        for told, rows in pairs:
            some, others = self._in_order(table, told.fields[table.name], rows[table.name])
            lines += some
            there += others
        if not there:
            return True
        asked = [column for column in table.columns if column.name in there[0]]
        same = all(
            self._same_column(column, lines, there)
            for column in asked
            if column.name not in self.family.head.key and column.name not in self.ours
        )
        if table is not self.family.head:
            return same
        beside = [told.beside for told, _ in pairs]
        return same and all(
            self._same_column(column, beside, there) for column in asked if column.name in beside[0]
        )

    def _same_column(self, column: Column, lines: Sequence[Fields], rows: Sequence[Row]) -> bool:
        name = column.field or column.name
        said = [*map(dict.get, lines, repeat(name))]
        there = [*map(itemgetter(column.name), rows)]
        if said == there:
            return True
        if read := self._reader(column):
            with suppress(TypeError):  # a list or an object, where neither belongs
                values = {value: None if value is None else read(value) for value in {*said}}
                return [values[value] for value in said] == there
        return all(self._same(column, *pair) for pair in zip(said, there, strict=True))

    def _of_record(self, told: Told, rows: Rows) -> Iterator[str]:
        for table in self.family:
            lines, there = self._in_order(table, told.fields[table.name], rows[table.name])
            if len(lines) != len(there):
                yield f"{table.name}: {len(lines)} rows in the source, {len(there)} here"
                continue
            for line, row in zip(lines, there, strict=True):
                yield from (f"{table.name}.{name}" for name in self._unequal(table, line, row))
        head = self.family.head
        for row in rows[head.name]:
            yield from (
                f"{head.name}.{column.name}"
                for column in head.columns
                if column.name in told.beside
                and not self._same(column, told.beside[column.name], row.get(column.name))
            )

    def _in_order(
        self, table: Table, lines: Sequence[Fields], rows: Sequence[Row]
    ) -> tuple[Sequence[Fields], Sequence[Row]]:
        """Sort both by the lines' own keys; if the keys are ours, the lines came in that order."""
        if len(lines) < 2 and len(rows) < 2:
            return lines, rows
        [column] = (column for column in table.columns if column.name == table.key[-1])
        if column.name not in self.ours:
            field_ = column.field or column.name
            lines = sorted(lines, key=lambda line: number_in(line.get(field_)) or 0)
        return lines, sorted(rows, key=lambda row: int(row[column.name]))

    def _unequal(self, table: Table, line: Fields, row: Row) -> Iterator[str]:
        extra = _document(row[EXTRA]) or {}
        mapped = {name: column for name in line if (column := self._column(table, name))}
        for name, column in mapped.items():
            there = row.get(column.name)  # a column without any value was not asked for
            if there is not None if name in extra else not self._same(column, line[name], there):
                yield column.name
        for name in (line.keys() - mapped.keys()) | (extra.keys() - {_UNFIT}):
            if not same_document(extra.get(name, _ABSENT), line.get(name, _ABSENT)):
                yield f"{EXTRA}.{name}"
        told = {column.name for column in mapped.values()}
        yield from (
            name for name, there in row.items() if there is not None and self._untold(table, name, told)
        )
        if row["others"]:
            yield "(a column that no field fills)"

    def _column(self, table: Table, name: str) -> Column | None:
        column = table.by_field.get(name)
        return column if column and column.name not in self.ours else None

    def _untold(self, table: Table, name: str, told: set[str]) -> bool:
        return name in table.names and name not in told and name not in (*self.ours, *table.key)

    def _same(self, column: Column, value: Any, there: Any) -> bool:
        if column.name in self.family.head.key:
            return True  # the row was found by this column
        if value is None:
            return there is None
        if read := self._reader(column):
            return bool(there == read(value))
        if column.kind is Kind.JSON:
            return there is not None and same_document(_document(there), value)
        return there == value or (not isinstance(value, str) and same_document(_number(there), value))

    def _reader(self, column: Column) -> Callable[[Any], Any] | None:
        """Return the function that reads a column's values; None for texts and documents."""
        return self._time if column.kind is Kind.MOMENT else _READERS.get(column.kind)

    def _time(self, value: Any) -> int | None:
        return time_in(value, self.zone)


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.MONEY: amount_in,
    Kind.BIGINT: number_in,
    Kind.FLAG: flag_in,
}
_ABSENT = object()


def _document(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)


def _number(text: Any) -> Any:
    try:
        return Decimal(text)
    except (InvalidOperation, TypeError):
        return text


def same_document(one: Any, other: Any) -> bool:
    """Tell whether two JSON values mean the same: MySQL keeps a decimal as a double.

    >>> same_document({"a": [Decimal("1.50")]}, {"a": [1.5]}), same_document(1, True)
    (True, False)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_document(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_document, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return one == other or _double(one) == _double(other)
    return bool(one == other)


def _double(number: float | Decimal) -> float:
    try:
        return float(number)
    except OverflowError:  # raised for a whole number; a Decimal becomes infinite
        return float(Decimal(number))
