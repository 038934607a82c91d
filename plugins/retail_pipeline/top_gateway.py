"""What Taobao's Open Platform (TOP) asks of every call, whoever answers behind it: Taobao itself, or Qimen's targets.

Source: the platform's call guide (developer.alibaba.com, articleId 101617), whose own example is among the test
vectors. The signature goes over names and raw values in the order of the names: percent-encoding belongs to the wire.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

FORM = "application/x-www-form-urlencoded;charset=utf-8"
_BAN = re.compile(r"last for (\d{1,5}) more second")


def ban(words: str) -> timedelta | None:
    """Return how long a refused caller is to keep silent, where the platform says so."""
    found = _BAN.search(words)
    return timedelta(seconds=int(found[1])) if found else None


def _md5(secret: bytes, text: bytes) -> str:
    return hashlib.md5(secret + text + secret, usedforsecurity=False).hexdigest()  # the vendor's choice


SIGN_METHODS: dict[str, Callable[[bytes, bytes], str]] = {
    "hmac-sha256": lambda secret, text: hmac.new(secret, text, hashlib.sha256).hexdigest(),
    "hmac": lambda secret, text: hmac.new(secret, text, hashlib.md5).hexdigest(),
    "md5": _md5,
}


def signed_params(params: Mapping[str, str], *, secret: str) -> dict[str, str]:
    """Return everything that is sent with its ``sign``: upper-case hex.

    :param params: in the query and in the body; among them ``sign_method``, one of SIGN_METHODS
    """
    text = "".join(name + params[name] for name in sorted(params))
    sign = SIGN_METHODS[params["sign_method"]](secret.encode(), text.encode())
    return {**params, "sign": sign.upper()}
