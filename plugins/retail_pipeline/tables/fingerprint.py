"""The one digest of the project (SHA-256) as a number, which Python and every database work out alike.

Sums of such numbers show whether two sides hold the same rows, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

# Numbers and their sums have 63 bits: a signed number of 64 bits without its sign.
MODULUS = 2**63


def fingerprint(*parts: object) -> int:
    """Return the digest of the parts with ``|`` between them.

    >>> fingerprint("flagship", 7, "2026-11-22 10:00:00.000000")
    6298006292332998347
    """
    return number_of(sha256("|".join(map(str, parts)).encode()).digest())


def number_of(digest: bytes) -> int:
    """Return the first 64 bits of a SHA-256, without the sign."""
    return int.from_bytes(digest[:8], "big") % MODULUS


def sum_of(row_hashes: Iterable[int]) -> int:
    """Return the sum of row hashes, again as a number of 63 bits."""
    return sum(row_hashes) % MODULUS
