"""JSON as it lies in jdp_response: keys in order, no spaces, slashes escaped, every digit kept."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

# Marks around what shall stand without quotes; private use, so no text has them.
_BARE = re.compile('"\ue000([^\ue001]*)\ue001"')


def bare(text: object) -> str:
    """A value that is written as this text, without quotes."""
    return f"\ue000{text}\ue001"


def dump(value: Any) -> str:
    text = json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_decimal
    ).replace("/", "\\/")
    return _BARE.sub(r"\1", text)


def load(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def _decimal(value: object) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} has no place in a record")
    return bare(value)
