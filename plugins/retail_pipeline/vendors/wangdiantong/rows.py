"""A refund order as it came → the rows of its tables, before their values are checked. Pure.

Source: section order[] of aftersales.refund.Refund.search (open.wangdian.cn).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import UNFIT

Record = dict[str, Any]
# The order itself and its lists, by the source's names.
ORDER, DETAILS, AMOUNTS = "order", "detail_list", "amount_detail_list"
SWAP, SWAP_DETAILS, SUBSIDIES = "swap_order", "swap_order_detail_list", "gov_subsidy_info"
Rows = dict[str, list[Record]]
# MariaDB's JSON functions read 32 levels, and its JSON columns refuse deeper values.
DEEPEST = 31

# A number with decimals keeps its literal text: neither 2.0000 nor 123456789012345.6789 survives as a float.
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=str)
_LITERAL = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder()
_KEY = re.compile(rb'"refund_id"\s*:\s*"?(\d{1,19})\b')


def decode(raw: bytes) -> Record:
    """Return the order as an object; its numbers with decimals are text.

    :raises RecordRejected: it is not an object, or not JSON
    """
    try:
        return _DECODER.decode(raw)
    except msgspec.ValidationError:
        raise RecordRejected("not_an_object", "the record is no JSON object") from None
    except (ValueError, RecursionError):
        raise RecordRejected("not_json", "the record is no JSON") from None


def key_in(raw: bytes) -> str:
    """Return the refund_id of a record that is not valid JSON, if it can be found."""
    found = {match[1] for match in _KEY.finditer(raw)}
    return found.pop().decode() if len(found) == 1 else ""


def take_apart(raw: bytes, record: Record, account: str, known: Mapping[str, frozenset[str]]) -> Rows:
    """Return an order's rows by part: its own row and those of its lists, each with its key.

    :param raw: the record as it came; fields without a column go into ``extra`` with their raw text
    :param known: by part, the fields that have columns
    :raises RecordRejected: it has no refund_id, a list is not a list of objects, or there is more than one swap order
    """
    if record.get("refund_id") is None:
        raise RecordRejected("value_missing", "refund_id")
    swaps = _objects(SWAP, record.pop(SWAP, None))
    if len(swaps) > 1:
        raise RecordRejected("several_objects", SWAP)
    rows = {
        ORDER: [record],
        SWAP: swaps,
        **{name: _objects(name, record.pop(name, None)) for name in (DETAILS, AMOUNTS, SUBSIDIES)},
        SWAP_DETAILS: [
            line for swap in swaps for line in _objects(SWAP_DETAILS, swap.pop(SWAP_DETAILS, None))
        ],
    }
    if unknown := {name for name, parts in rows.items() if not _all_known(parts, known[name])}:
        _keep_extra(raw, rows, known, unknown)
    key = {"account": account, "refund_id": record["refund_id"]}
    for parts in rows.values():
        for number, part in enumerate(parts, 1):
            part.update(key, line_no=number)
    return rows


def _objects(name: str, value: Any) -> list[Record]:
    """Return a member's objects; a single one counts as a list of one, an absent or empty one as none."""
    objects = value if isinstance(value, list) else [value] if value else []
    if not all(isinstance(each, dict) for each in objects):
        raise RecordRejected("not_an_object", name)
    return objects


def _all_known(parts: list[Record], known: frozenset[str]) -> bool:
    return all(map(known.issuperset, parts))


def _keep_extra(raw: bytes, rows: Rows, known: Mapping[str, frozenset[str]], unknown: set[str]) -> None:
    """Put fields without a column into ``extra``, as the text that came."""
    literals = _all_literals(raw)
    for name in unknown:
        for part, literal in zip(rows[name], literals[name], strict=True):
            extra = {field: text for field, text in literal.items() if field not in known[name]}
            part["extra"] = _json(name, extra) if extra else None


def keep_unfit(
    raw: bytes, rows: Rows, known: Mapping[str, frozenset[str]], unfit: Mapping[tuple[str, int], list[str]]
) -> None:
    """Move fields that their columns cannot hold into ``extra``, as the text that came, and name them there.

    A row then names the moved fields under ``_unfit``: all other fields that have a column are in it.

    :param unfit: by part and place of the row, the fields
    :raises RecordRejected: they cannot be kept there either
    """
    literals = _all_literals(raw)
    for (name, place), fields in unfit.items():
        row, literal = rows[name][place], literals[name][place]
        extra = {
            field: text for field, text in literal.items() if field not in known[name] or field in fields
        }
        if UNFIT in extra:
            raise RecordRejected("name_taken", f"{name}: {UNFIT}")
        row["extra"] = _json(name, {**extra, UNFIT: msgspec.Raw(_ENCODER.encode(fields))})
        row[UNFIT] = fields
        for field in fields:
            del row[field]


def _all_literals(raw: bytes) -> dict[str, list[dict[str, msgspec.Raw]]]:
    """Return an order's rows by part, their values as the text that came."""
    order = _LITERAL.decode(raw)
    literals = {name: _literals(order.pop(name, None)) for name in (DETAILS, AMOUNTS, SUBSIDIES)}
    swaps = literals[SWAP] = _literals(order.pop(SWAP, None))
    literals[SWAP_DETAILS] = [line for swap in swaps for line in _literals(swap.pop(SWAP_DETAILS, None))]
    return {**literals, ORDER: [order]}


def _json(part: str, extra: dict[str, msgspec.Raw]) -> str:
    text = _ENCODER.encode(extra)
    if text.count(b"[") + text.count(b"{") > DEEPEST and _depth(msgspec.json.decode(text)) > DEEPEST:
        raise RecordRejected("nested_too_deep", f"{part}: an unknown field is deeper than {DEEPEST} levels")
    return text.decode()


def _depth(value: Any) -> int:
    """Return how many levels a value has, without recursion, since it may be deeper than Python's stack."""
    levels, level = 0, [value]
    while level := [each for each in level if isinstance(each, (dict, list))]:
        levels += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return levels


def _literals(value: msgspec.Raw | None) -> list[dict[str, msgspec.Raw]]:
    """Return the same objects as ``_objects``, their values as the text that came."""
    text = b"" if value is None else bytes(value)
    if text.startswith(b"["):
        return [_LITERAL.decode(each) for each in msgspec.json.decode(text, type=list[msgspec.Raw])]
    literal = _LITERAL.decode(text) if text.startswith(b"{") else {}
    return [literal] if literal else []
