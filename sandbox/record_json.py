"""JSON of records with every digit kept: decimals are written as they are given, 2.0000 stays 2.0000."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

# Marks around what shall stand without quotes; private use, so no text has them.
_BARE = re.compile('"\ue000([^\ue001]*)\ue001"')


def bare(text: object) -> str:
    """A value that is written as this text, without quotes."""
    return f"\ue000{text}\ue001"


def dump(value: Any, *, sort_keys: bool = False) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys, default=_decimal)
    return _BARE.sub(r"\1", text)


def text_template(value: Any, write: Callable[[Any], str] = dump) -> bytes:
    """JSON in which only the marks, %(id)d and others, are for filling in.

    As bytes, because filling in text with an emoji costs four times as much.
    """
    return write(value).replace("%", "%%").replace("%%(", "%(").encode()


def load(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _decimal(value: object) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} has no place in a record")
    return bare(value)
