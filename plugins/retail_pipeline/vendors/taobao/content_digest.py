"""A record's content as one number. If its rows in the warehouse give the same number, no value was changed.

The digest is of a text, ``{"payment":"88.00","status":"…","orders":{"order":[{…},{…}]}}``: the fields that have a
column, in the order of their names, and the lines in the order of their keys. NULL fields are left out, so that a
column that is added later changes nothing. Amounts have two decimals, more where they need them; times have
milliseconds where there are some. ``content_sql`` lets the warehouse write the same text from its columns. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec

from retail_pipeline.tables.column_values import milliseconds
from retail_pipeline.tables.description import Column, Kind, Table
from retail_pipeline.tables.fingerprint import number_of
from retail_pipeline.vendors.taobao.tables import OWN_COLUMNS, Children, FeedTable

# An amount in the form of the text, in which the platform writes nearly all amounts.
_AMOUNT = re.compile(r"(?!-0\.00$)-?(?:0|[1-9][0-9]{0,14})\.[0-9]{2}(?:[0-9]?[1-9])?")
_MAX_AMOUNTS = 200_000
_EPOCH = datetime(1970, 1, 1) + timedelta(hours=8)  # noqa: DTZ001 (Shanghai time)
_CONTROL = re.compile(rb"\\[bfnrtu]")
_ESCAPES = re.compile(rb'\\(\\|"|b|f|n|r|t|u00[0-9a-f]{2})')
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ENCODER = msgspec.json.Encoder()


def digested(table: Table) -> list[tuple[str, Column]]:
    """Return the fields that are in the text, with their columns.

    The head's own key is left out, since rows are compared by it anyway. So is JSON, which each database writes in
    its own way.
    """
    return sorted(
        (field, column)
        for field, column in table.by_field.items()
        if column.kind is not Kind.JSON and column.name != table.key[0] and field not in OWN_COLUMNS
    )


def digest_of(text: bytes | bytearray) -> int:
    """Return the first 64 bits of the SHA-256 of a record's JSON, without the sign.

    Only quotes and backslashes are escaped in the hashed text, since each database escapes control characters in its
    own way.
    """
    if b"\\" in text and _CONTROL.search(text):
        text = _ESCAPES.sub(_plain, text)
    return number_of(sha256(text).digest())


def _plain(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return _CONTROLS.get(code) or (escape[0] if code in (b"\\", b'"') else bytes([int(code[1:], 16)]))


class Amounts:
    """Remembers amounts that already have the form of the text; nearly all amounts were seen before."""

    def __init__(self) -> None:
        self._known: set[str | None] = {None}

    def plain(self, values: Iterable[Any]) -> bool:
        """Return whether all values have that form; None counts as such."""
        return self._known.issuperset(values) or self._learn(values)

    def _learn(self, values: Iterable[Any]) -> bool:
        if len(self._known) > _MAX_AMOUNTS:
            self._known = {None}
        new = {value for value in values if value is not None}
        if not all(type(value) is str and _AMOUNT.fullmatch(value) for value in new):
            return False
        self._known |= new
        return True


@lru_cache(_MAX_AMOUNTS)
def amount(value: Any) -> str:
    """Write an amount in the form of the text.

    >>> amount("88.1"), amount(7), amount("0.1250"), amount("-0")
    ('88.10', '7.00', '0.125', '0.00')
    """
    exact = Decimal(str(value)) or Decimal(0)
    whole, _, decimals = f"{exact:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


class RecordDigest:
    """Digests of records that were taken apart, before their values were adapted to the columns."""

    def __init__(self, table: FeedTable) -> None:
        self._head = table.head.name, digested(table.head)
        self._children = [(child, _order(child), digested(child.table)) for child in table.children]

    def of(self, rows: Mapping[str, list[dict[str, Any]]]) -> int:
        """Return the digest of one record.

        :param rows: by table, as ``rows.take_apart`` gives them
        """
        name, fields = self._head
        [head] = rows[name]
        text: dict[str, Any] = _text(head, fields)
        for child, order, fields in self._children:
            numbers = [int(line[order]) for line in rows[child.table.name]]
            lines = [_text(line, fields) for line in rows[child.table.name]]
            if lines:
                in_order = [line for _, line in sorted(zip(numbers, lines, strict=True), key=itemgetter(0))]
                text[child.path[0]] = {child.path[1]: in_order}
        return digest_of(_ENCODER.encode(text))


def _order(child: Children) -> str:
    """Return the field by which the lines are sorted."""
    [field] = [field for field, column in child.table.by_field.items() if column.name == child.table.key[1]]
    return field


def _text(row: Mapping[str, Any], fields: Sequence[tuple[str, Column]]) -> dict[str, Any]:
    return {
        field: _written(column.kind, row[field]) for field, column in fields if row.get(field) is not None
    }


def _written(kind: Kind, value: Any) -> Any:
    if kind is Kind.BIGINT:
        return int(value)
    if kind is Kind.MONEY:
        return amount(value)
    if kind is Kind.FLAG:
        return str(value).lower() in ("1", "true")
    return _moment(value) if kind is Kind.MOMENT else str(value)


def _moment(value: Any) -> str:
    """Read seconds or milliseconds since 1970, or text in Shanghai time."""
    if isinstance(value, int) or value.isdigit():
        at = _EPOCH + timedelta(milliseconds=milliseconds(int(value)) or 0)
    else:
        at = datetime.fromisoformat(value)
    return at.isoformat(" ", "milliseconds").removesuffix(".000")
