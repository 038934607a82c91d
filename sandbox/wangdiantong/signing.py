"""The three signatures, over what was sent. Own code, shared with no client.

Source: the pages and SDKs of both gateways; the values they publish are among the vectors of the tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def direct_sign(secret: str, query: Mapping[str, str], body: bytes) -> str:
    """Over the query and the body's bytes as they came: whoever escapes non-ASCII signs the escapes."""
    signed = {name.encode(): _bytes(value) for name, value in query.items() if name != "sign"} | {
        b"body": body
    }
    text = b"".join(name + signed[name] for name in sorted(signed))
    return _md5(secret, text)


def top_sign(secret: str, parameters: Mapping[str, str]) -> str:
    """The Qimen gateway's: over everything that was sent, as raw text."""
    signed = (name + parameters[name] for name in sorted(parameters) if name != "sign")
    return _md5(secret, _bytes("".join(signed))).upper()


def wdt_sign(secret: str, business: Mapping[str, str]) -> str:
    """Wangdiantong's own behind Qimen: JSON is looked into, so its spaces and its order do not matter."""
    return _md5(secret, _bytes(_walked({name: _looked_into(value) for name, value in business.items()})))


def _looked_into(value: str) -> Any:
    """Numbers stay the text they are, as languages print them differently."""
    if value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return value


def _walked(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(name + _walked(value[name]) for name in sorted(value) if value[name] is not None)
    if isinstance(value, list):
        return "".join(map(_walked, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _md5(secret: str, text: bytes) -> str:
    return hashlib.md5(secret.encode() + text + secret.encode()).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
