"""What every call of Taobao's Open Platform (TOP) needs, and the meaning of its errors, for Taobao and for Qimen.

Source: the platform's call guide (developer.alibaba.com, articleId 101617), and the test vectors contain its example.
The signature goes over names and raw values in the order of the names: percent-encoding belongs to the wire.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)

FORM = "application/x-www-form-urlencoded;charset=utf-8"
_BAN = re.compile(r"last for (\d{1,5}) more second")
_ALTERED = "host: what arrives there is not what is sent; is a proxy in between? If not, report it"
# What the caller must do, and what to check, by code, sub code and messages (the platform's list of codes); the first
# pattern that matches counts. The names in braces are fields of a connection.
_MEANINGS: tuple[tuple[str, type[ApiError], str | None], ...] = (
    (r"[4-8] |.*(call-limited|accesscontrol\.limited|This ban will last)", RateLimited, None),
    (r"(\S+ )?isp\.|(10|530) ", TransientApiError, None),
    (r"25 |.*Invalid signature", AuthRejected, "{app_secret}"),
    (r"2[89] ", AuthRejected, "{app_key}"),
    (r"26 ", AuthRejected, "{session}"),
    (r"27 ", AuthRejected, "{session}: the seller must authorise the app again"),
    (r"3[01] ", AuthRejected, "this machine's clock (NTP): more than 10 minutes off"),
    (r"(1[123]|42) ", AuthRejected, "the method is not granted to {app}: see its console"),
    (r"22 ", BadRequest, "{host}: the method is not known there"),
    (r"(3|9|2[134]|3[234]) ", BadRequest, _ALTERED),
    (r"4[013] ", BadRequest, "{argument}"),
    (r"(\S+ )?isv\.", BadRequest, "{argument}"),
    (r"(15|50) ", TransientApiError, None),
)


def meaning(told: str, fields: Mapping[str, str]) -> tuple[type[ApiError], str | None]:
    """Return the meaning of the platform's error, and what to correct.

    :param told: code, sub code and messages
    :param fields: a connection's names for ``app``, ``app_key``, ``app_secret``, ``session``, ``host``, ``argument``
    """
    for pattern, kind, mend in _MEANINGS:
        if re.match(pattern, told):
            return kind, mend and mend.format(**fields)
    return UnknownApiError, None


def ban(words: str) -> timedelta | None:
    """Return how long a refused caller must not call, where the platform says so."""
    found = _BAN.search(words)
    return timedelta(seconds=int(found[1])) if found else None


def _md5(secret: bytes, text: bytes) -> str:
    return hashlib.md5(secret + text + secret, usedforsecurity=False).hexdigest()  # the vendor requires it


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
