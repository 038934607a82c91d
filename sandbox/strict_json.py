"""JSON read strictly, with the exact text of each part kept.

Amounts become Decimal so that their digits can be judged; NaN, Infinity and repeated keys are no JSON here.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_repeated_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key occurs twice")
    return record


_DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_repeated_key
)


def parse(body: bytes) -> Any:
    """The JSON value in a request body; ValueError (also for bad UTF-8) when it is none."""
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except RecursionError:
        raise ValueError("too deeply nested") from None


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request body; ValueError when it is none."""
    value = parse(body)
    if not isinstance(value, dict):
        raise ValueError("the body is not a JSON object")
    return value


def member_text(text: str, name: str) -> str:
    """The exact text of one member's value in a (valid) JSON object."""
    position = _skip(text, 0) + 1
    while True:
        key, end = _DECODER.raw_decode(text, _skip(text, position))
        start = _skip(text, _skip(text, end) + 1)
        _, end = _DECODER.raw_decode(text, start)
        if key == name:
            return text[start:end]
        position = _skip(text, end) + 1  # behind the comma; a missing name ends in a ValueError


def element_texts(text: str) -> list[str]:
    """The exact text of each element of a (valid) JSON array."""
    found: list[str] = []
    position = _skip(text, _skip(text, 0) + 1)
    while text[position] != "]":
        _, end = _DECODER.raw_decode(text, position)
        found.append(text[position:end])
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return found


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    assert match is not None
    return match.end()
