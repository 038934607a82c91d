"""A page of jdp_response → columns, at the speed of a typed decoder, for records without special cases. Pure.

``rows`` can do all of this and more, but one record and one field at a time. Here the fields are typed fields of a
struct, and the decoder itself refuses values that do not fit: then the whole page takes the slow path. Fields are
learnt as they occur, so that neither documented fields that never come nor undocumented ones cost time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import astuple

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import Columns, Values, converted
from retail_pipeline.tables.description import Column, Kind, Table
from retail_pipeline.vendors.taobao.content_digest import Amounts, amount, digest_of
from retail_pipeline.vendors.taobao.rows import elements_of, record_in
from retail_pipeline.vendors.taobao.tables import (
    CONTENT_DIGEST,
    LINE_COUNT,
    LINE_NO,
    OWN_COLUMNS,
    Children,
    FeedTable,
)

# The type that a field's value must have for its column to represent it. Any other JSON is kept as text.
_TYPES: dict[Kind, Any] = {
    Kind.BIGINT: int, Kind.MONEY: str, Kind.TEXT: str, Kind.LONG_TEXT: str, Kind.MOMENT: str, Kind.FLAG: bool,
}  # fmt: skip
# For these kinds the type alone does not ensure that a value fits.
_CHECKED = (Kind.BIGINT, Kind.MONEY, Kind.MOMENT)
# Escapes of characters that no database takes; JSON that is kept as text is not decoded here.
_ESCAPE = re.compile(rb"\\u")
_SUSPECT = re.compile(rb"(?i)\\u(?:0000|d[89a-f])")
_NULL = "null"
_ENCODER = msgspec.json.Encoder()


class NeedsSlowPath(Exception):
    """A record of the page needs the slow path."""


@dataclass
class _Fields:
    """The fields that have occurred so far in one table's records."""

    table: Table
    names: list[str] = field(default_factory=list)
    amounts: Amounts = field(default_factory=Amounts)

    def learn(self, records: Iterable[dict[str, Any]], beside: Sequence[str] = ()) -> bool:
        """Return whether a new field occurred."""
        new = {name for record in records for name in record}.difference(self.names, beside)
        self.names = sorted([*self.names, *new])
        return bool(new)

    def struct(self, lists: Sequence[tuple[str, Any]] = ()) -> Any:
        """Return the type of a record; its lists are the last fields."""
        fields = [*((name, self._type(name)) for name in self.names), *lists]
        return _struct(fields, forbid_unknown_fields=True)

    def columns(self, records: Sequence[Any]) -> tuple[Columns, list[Sequence[Any]]]:
        """Return the columns of the fields, and ``extra`` for fields without a column; and the lists.

        The records keep the values that their digest covers.
        """
        found = Columns()
        extra: dict[str, Sequence[Any]] = {}
        values = zip(*map(astuple, records), strict=True)
        for number, (name, of_field) in enumerate(zip(self.names, values, strict=False)):
            column = self._column(name)
            plain = column is not None and column.kind is Kind.MONEY and self.amounts.plain(of_field)
            if column is None:
                extra[name] = of_field
            else:
                found.decoded[column.name] = of_field
                found.add(column.name, list(of_field) if plain else self._checked(column, list(of_field)))
            if column is None or column.kind is Kind.JSON or column.name == self.table.key[0]:
                put(records, f"f{number}", repeat(None))
            elif column.kind is Kind.MONEY and not plain:
                put(records, f"f{number}", [value and amount(value) for value in of_field])
        if extra:
            found.add("extra", _extra(extra))
        return found, list(values)

    def _column(self, name: str) -> Column | None:
        return None if name in OWN_COLUMNS else self.table.by_field.get(name)

    def attribute(self, name: str) -> str:
        """Return the struct's name of a field."""
        return f"f{self.names.index(name)}"

    def _type(self, name: str) -> Any:
        column = self._column(name)
        if column and column.name in self.table.key:
            return int | str  # the reference and old answers use different types
        return _TYPES.get(column.kind, msgspec.Raw) if column else msgspec.Raw

    def _checked(self, column: Column, values: Values) -> Values:
        if column.name in self.table.key:
            return values  # compared with the row's own key, or checked with the other fields of its kind
        if column.kind is Kind.JSON:
            values = [None if value is None else bytes(value).decode() for value in values]
            if _NULL in values:
                raise NeedsSlowPath
        elif column.kind in _CHECKED and converted(column, values) is not values:
            raise NeedsSlowPath  # a value had to be changed
        return values


class TypedRows:
    """Decodes pages of one pushed table."""

    def __init__(self, table: FeedTable) -> None:
        self._table = table
        self._head = _Fields(table.head)
        self._children = [_Fields(child.table) for child in table.children]
        self._decoder = self._typed()
        self._text = bytearray()

    def columns(self, keys: Sequence[int], raws: Sequence[bytes | None]) -> dict[str, Columns]:
        """Return a page's columns by table; they include the heads' key and content digest.

        :raises NeedsSlowPath: the page must take the slow path
        """
        whole = [raw for raw in raws if raw and not (_ESCAPE.search(raw) and _SUSPECT.search(raw))]
        if len(whole) < len(raws):
            raise NeedsSlowPath
        try:
            return self._columns(keys, self._decoded(whole))
        except (ValueError, RecursionError, RecordRejected):
            raise NeedsSlowPath from None

    def _decoded(self, raws: Sequence[bytes]) -> list[Any]:
        try:
            return self._decode(raws)
        except msgspec.ValidationError:
            if not self._learn(raws):
                raise
            self._decoder = self._typed()
            return self._decode(raws)

    def _decode(self, raws: Sequence[bytes]) -> list[Any]:
        roots = self._table.roots
        return [_record(answer, roots) for answer in map(self._decoder.decode, raws)]

    def _learn(self, raws: Sequence[bytes]) -> bool:
        """Return whether new fields occurred; nothing is learnt where a record needs the slow path."""
        records = [record_in(raw, self._table) for raw in raws]
        lines = [
            [each for record in records for each in elements_of(child, record)]
            for child in self._table.children
        ]
        news = [self._head.learn(records, [child.path[0] for child in self._table.children])]
        news += [fields.learn(each) for fields, each in zip(self._children, lines, strict=True)]
        return any(news)

    def _typed(self) -> msgspec.json.Decoder[Any]:
        """Build the types from the known fields."""
        lists = [
            (child.path[0], _struct([(child.path[1], _list(fields.struct()))], forbid_unknown_fields=True))
            for child, fields in zip(self._table.children, self._children, strict=True)
        ]
        record = self._head.struct(lists)
        roots = []
        for first, *inner in self._table.roots:
            kind: Any = _list(record) if self._table.listed else record
            for name in reversed(inner):
                kind = _struct([(name, kind)])
            roots.append((first, kind))
        return msgspec.json.Decoder(_struct(roots))

    def _columns(self, keys: Sequence[int], records: Sequence[Any]) -> dict[str, Columns]:
        head, lists = self._head.columns(records)
        if list(map(str, head.get(self._table.key) or [])) != list(map(str, keys)):
            raise NeedsSlowPath
        head.put(self._table.key, list(keys))
        head.came = len(keys)
        found = {self._table.head.name: head}
        counts = [[0] * len(records)]
        for number, (child, fields, each) in enumerate(
            zip(self._table.children, self._children, lists, strict=True), len(self._head.names)
        ):
            found[child.table.name] = _child_columns(child, fields, keys, each)
            counts.append([len(one.f0 or ()) if one else 0 for one in each])
            put(records, f"f{number}", [one if one and one.f0 else None for one in each])
        head.add(LINE_COUNT, list(map(sum, zip(*counts, strict=True))))
        head.add(CONTENT_DIGEST, list(map(self._digest, records)))
        return found

    def _digest(self, record: Any) -> int:
        _ENCODER.encode_into(record, self._text)
        return digest_of(self._text)


def _struct(fields: Sequence[tuple[str, Any]], **options: Any) -> Any:
    """Return a type whose fields may have any name, and may be absent."""
    kinds = [(f"f{number}", kind, None) for number, (_, kind) in enumerate(fields)]
    names = {f"f{number}": name for number, (name, _) in enumerate(fields)}
    return msgspec.defstruct("Record", kinds, rename=names, gc=False, omit_defaults=True, **options)


def _list(element: Any) -> Any:
    return list[element]


def _record(answer: Any, roots: Sequence[Sequence[str]]) -> Any:
    """Return the record in an answer."""
    for number, root in enumerate(roots):
        found = getattr(answer, f"f{number}")
        if found is not None:
            for _ in root[1:]:
                found = found and found.f0
            if isinstance(found, list):
                [found] = found
            if found is None:
                break
            return found
    raise NeedsSlowPath


def _child_columns(child: Children, fields: _Fields, keys: Sequence[int], lists: Sequence[Any]) -> Columns:
    elements = [(each and each.f0) or () for each in lists]
    if child.required and not all(elements):
        raise NeedsSlowPath
    counts = list(map(len, elements))
    rows = [element for each in elements for element in each]
    found, _ = fields.columns(rows)
    found.came = len(rows)
    owners = [key for key, count in zip(keys, counts, strict=True) for _ in range(count)]
    of_head, own = child.table.key
    told = found.get(of_head) or []
    if any(each is not None and str(each) != str(owner) for each, owner in zip(told, owners, strict=False)):
        raise NeedsSlowPath
    found.put(of_head, owners)
    if own == LINE_NO.name:
        found.add(own, list(_line_numbers(counts)))
    else:
        given = found.get(own) or [None] * len(rows)
        numbers = converted(child.table.by_field[own], given)
        if len({*zip(owners, numbers, strict=True)}) < len(rows):
            raise NeedsSlowPath
        if numbers is not given:
            found.put(own, numbers)
            put(rows, fields.attribute(own), numbers)
        for each in lists:
            if each and each.f0:
                each.f0.sort(key=attrgetter(fields.attribute(own)))
    return found


def put(records: Sequence[Any], attribute: str, values: Iterable[Any]) -> None:
    """Give each record a value."""
    for record, value in zip(records, values, strict=False):
        setattr(record, attribute, value)


def _line_numbers(counts: Iterable[int]) -> Iterator[int]:
    for count in counts:
        yield from range(1, count + 1)


def _extra(fields: dict[str, Sequence[Any]]) -> Values:
    """Return, for each record, a JSON object of the fields that it has."""
    found: Values = []
    for row in zip(*fields.values(), strict=True):
        there = {name: value for name, value in zip(fields, row, strict=True) if value is not None}
        found.append(msgspec.json.encode(there).decode() if there else None)
    return found
