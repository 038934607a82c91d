"""Names and numbers that follow from the seed alone."""

from __future__ import annotations

import hashlib

# Every token that opens something carries this, so that it is told at sight and can be searched for.
TOKEN_MARK = "SANDBOX-TOKEN"


def hex_of(length: int, *parts: object) -> str:
    return hashlib.shake_256("/".join(map(str, parts)).encode()).hexdigest(length // 2)


def digits_of(length: int, *parts: object) -> str:
    """A number as text; never with a leading zero, as the vendors number from 1."""
    low = 10 ** (length - 1)
    return str(low + int(hex_of(32, *parts), 16) % (9 * low))
