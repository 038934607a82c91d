"""Wangdiantong's signatures: one for its own gateway, one for Qimen, which also needs Taobao's signature.

Both are MD5 over names and values in the order of the names, between two copies of a secret. Sources: the vendor's
``wdtsdk.php`` (direct) and ``WdtUtils.php`` (Qimen). Values are signed raw: percent-encoding is only for the
transfer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_NOT_SIGNED_BY_WDT = frozenset({"wdt3_customer_id", "wdt_sign"})


def split_appsecret(appsecret: str) -> tuple[str, str]:
    """Return secret and salt of what Wangdiantong issues as ``secret:salt``; the salt may hold colons.

    :raises ValueError: one of the two is missing
    """
    secret, _, salt = appsecret.partition(":")
    if not secret or not salt:
        raise ValueError("not of the form secret:salt")
    return secret, salt


def signed_query(query: Mapping[str, str], *, secret: str, body: str) -> dict[str, str]:
    """Return a direct call's query with its ``sign``: lower-case hex, over the query and the body's exact text."""
    return {**query, "sign": _md5(secret, _pairs({**query, "body": body}))}


def wdt_sign(params: Mapping[str, str], *, secret: str) -> str:
    """Return Wangdiantong's signature of a Qimen call, lower-case hex.

    JSON counts by its content, at every depth: its spaces and the order of its keys do not matter. Of the method
    only what follows the scene's prefix counts (``3ldsmu02o9.wdt.x`` → ``wdt.x``).

    :param params: ``method`` and the business parameters; ``wdt3_customer_id`` is left out here
    :raises ValueError: JSON that public implementations sign differently: null, decimals, lists of plain values
    """
    signed = {name: value for name, value in params.items() if name not in _NOT_SIGNED_BY_WDT}
    signed["method"] = signed["method"][max(0, signed["method"].find("wdt.")) :]
    return _md5(secret, _content(signed))


def _md5(secret: str, parts: Iterable[str]) -> str:
    text = f"{secret}{''.join(parts)}{secret}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # the vendor requires it


def _pairs(params: Mapping[str, str]) -> Iterator[str]:
    return (name + params[name] for name in sorted(params))


def _content(value: Any) -> Iterator[str]:
    """Yield the signed parts of a value: names and values of an object, and the objects of a list one by one."""
    if isinstance(value, str):
        value = _object_or_list(value)
    if isinstance(value, dict):
        for name in sorted(value):
            yield name
            yield from _content(value[name])
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        for item in value:
            yield from _content(item)
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (str, int)):
        yield str(value)
    else:
        raise ValueError(f"implementations of this signature disagree about {type(value).__name__}")


def _object_or_list(text: str) -> Any:
    """Return the content of a text if it is a JSON object or list, else the text itself."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
