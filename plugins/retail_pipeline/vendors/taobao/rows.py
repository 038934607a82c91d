"""jdp_response → the rows of the warehouse's tables, one record at a time and in full detail. Pure.

jdp_response holds the platform's whole answer with its root. Values that have a column go into it. Values without a
column, and values that a column cannot distinguish (null, an empty number, a day 0000-00-00), are kept as they came
in ``extra``: absent, null and empty stay distinct. So are values that their column cannot hold, where the row can
exist without them; ``_unfit`` names them, in ``extra`` and in the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import NO_TIMES, UNFIT, converted, misfit
from retail_pipeline.tables.description import Kind, Table
from retail_pipeline.vendors.taobao.tables import LINE_NO, OWN_COLUMNS, Children, FeedTable

Record = dict[str, Any]
Rows = dict[str, list[Record]]

# Numbers with decimals keep their digits: 88.10 is not 88.1.
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
# The escape itself, and not the letters u0000 behind an escaped backslash.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def take_apart(raw: bytes | None, table: FeedTable, key: int) -> Rows:
    """Return a record's rows by table: its own and those of its lists.

    :param key: of the row that held the answer
    :raises RecordRejected: there is no such record in the answer, or it cannot be stored without loss
    """
    record = record_in(raw, table)
    told = record.get(table.key, key)
    if str(told) != str(key):
        raise RecordRejected("other_key", f"{table.key} in jdp_response is not the row's own")
    lists = [(child, elements_of(child, record)) for child in table.children]
    for child in table.children:
        _take_out(child, record)
    needed = table.family.needed
    rows = {table.head.name: [{**_row(record, table.head, needed(table.head)), table.key: key}]}
    for child, elements in lists:
        rows[child.table.name] = list(_child_rows(child, elements, key, needed(child.table)))
    return rows


def record_in(raw: bytes | None, table: FeedTable) -> Record:
    """Return the one record in an answer.

    :raises RecordRejected: there is none, or more than one
    """
    if not raw:
        raise RecordRejected("no_response", "jdp_response is empty")
    try:
        answer = _DECODER.decode(raw)
    except (ValueError, RecursionError):
        raise RecordRejected("not_json", "jdp_response is no JSON object") from None
    for root in table.roots:
        if root[0] in answer:
            return _only_one(_at(answer, root), root)
    if "error_response" in answer:
        raise RecordRejected("error_response", "jdp_response is an error")
    expected = " or ".join(root[0] for root in table.roots)
    raise RecordRejected("wrong_root", f"jdp_response has no {expected}")


def changed_at(raw: bytes | None, table: FeedTable) -> str:
    """Return the record's own time of change; "" where it has none, or there is no record."""
    try:
        at = datetime.fromisoformat(record_in(raw, table).get(table.modified))  # type: ignore[arg-type]
    except (RecordRejected, ValueError, TypeError):
        return ""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _at(answer: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _only_one(found: Any, root: tuple[str, ...]) -> Record:
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, dict):
        raise RecordRejected("not_an_object", f"{'.'.join(root)} is not one object")
    return found


def elements_of(child: Children, record: Record) -> list[Record]:
    """Return the elements of one of a record's lists.

    :raises RecordRejected: it is not a list of objects, or it is empty and must not be
    """
    name, element = child.path
    value = record.get(name)
    inner = value.get(element) if isinstance(value, dict) else value
    if inner is None or inner == [] or value == {}:
        if child.required:
            raise RecordRejected("value_missing", f"{name}.{element}")
        return []
    if not isinstance(inner, list) or not all(isinstance(each, dict) for each in inner):
        raise RecordRejected("not_an_object", f"{name}.{element}")
    return inner


def _take_out(child: Children, record: Record) -> None:
    """Take a list out of a record; values beside its elements stay."""
    value = record.pop(child.path[0], None)
    if isinstance(value, dict) and (rest := {name: value[name] for name in value if name != child.path[1]}):
        record[child.path[0]] = rest


def _child_rows(
    child: Children, elements: list[Record], key: int, needed: frozenset[str]
) -> Iterator[Record]:
    of_head, own = child.table.fields[0], child.table.by_field[child.table.key[1]]
    seen = set()
    for number, element in enumerate(elements, 1):
        if str(element.get(of_head, key)) != str(key):
            raise RecordRejected("other_key", f"{'.'.join(child.path)}: {of_head} is not the record's own")
        row = {**_row(element, child.table, needed), of_head: key, LINE_NO.name: number}
        [number_of_row] = converted(own, [row.get(own.name)])
        if number_of_row in seen:
            raise RecordRejected("key_twice", f"{'.'.join(child.path)}: {own.name}")
        seen.add(number_of_row)
        yield row


def _row(record: Record, table: Table, needed: frozenset[str]) -> Record:
    """Return a record with values in the form of its columns, and everything else in ``extra``."""
    row: Record = {}
    extra: Record = {}
    unfit: list[str] = []
    for field, value in record.items():
        column = None if field in OWN_COLUMNS else table.by_field.get(field)
        if column is None or not _told_apart(column.kind, value):
            extra[field] = value
        elif column.kind is Kind.JSON:
            row[field] = _json(field, value)
        elif column.name in needed or not misfit(column, _plain(field, value)):
            row[field] = _plain(field, value)
        else:
            extra[field] = value
            unfit.append(field)
    if unfit:
        if UNFIT in extra:
            raise RecordRejected("name_taken", UNFIT)
        extra[UNFIT] = row[UNFIT] = unfit
    if extra:
        row["extra"] = _json("extra", extra)
    return row


def _told_apart(kind: Kind, value: Any) -> bool:
    """Return whether a column of this kind represents the value without loss."""
    if value is None or (kind is Kind.MOMENT and type(value) in (int, str) and value in NO_TIMES):
        return False
    return value != "" or kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.JSON)


def _plain(field: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str) and "\0" in value:
        raise RecordRejected("nul_in_text", field)
    return value


def _json(field: str, value: Any) -> str:
    text = _ENCODER.encode(value).decode()
    if _NUL.search(text):
        raise RecordRejected("nul_in_text", field)
    return text
