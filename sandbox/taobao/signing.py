"""The platform's three signatures, over what was sent. Own code, shared with no client.

Source: the call guide, whose example is among the vectors of the tests, and the official SDKs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping


def _md5(secret: bytes, text: bytes) -> str:
    return hashlib.md5(secret + text + secret).hexdigest()


SIGN_METHODS: dict[str, Callable[[bytes, bytes], str]] = {
    "md5": _md5,
    "hmac": lambda secret, text: hmac.new(secret, text, hashlib.md5).hexdigest(),
    "hmac-sha256": lambda secret, text: hmac.new(secret, text, hashlib.sha256).hexdigest(),
}


def sign(secret: str, sign_method: str, parameters: Mapping[str, str]) -> str:
    """Upper-case; over every parameter but `sign`, raw text, sorted by the bytes of the names."""
    signed = {_bytes(name): _bytes(value) for name, value in parameters.items() if name != "sign"}
    text = b"".join(name + signed[name] for name in sorted(signed))
    return SIGN_METHODS[sign_method](secret.encode(), text).upper()


def is_signed(secret: str, sign_method: str, parameters: Mapping[str, str]) -> bool:
    """Also without what was sent empty: some clients leave it out, others sign its name."""
    given = parameters["sign"].encode("utf-8", "replace")
    filled = {name: value for name, value in parameters.items() if name and value}
    return any(
        hmac.compare_digest(sign(secret, sign_method, signed).encode(), given)
        for signed in (parameters, filled)
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
