"""Taobao's three signatures over names and values in the order of the names.

Source: the platform's call guide (developer.alibaba.com, articleId 101617), whose own example is among the test
vectors. Values go in raw: percent-encoding belongs to the wire only.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping


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
