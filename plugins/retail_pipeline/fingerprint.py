"""A number for a row's key and version, which Python and every database work out alike."""

from __future__ import annotations

from hashlib import md5


def fingerprint(*parts: object) -> int:
    """Return the first 32 bits of the MD5 of the parts with ``|`` between them.

    Sums of these tell whether two sides hold the same rows, in whatever order. MD5, because all databases have it; it
    need not withstand anybody.

    >>> fingerprint("flagship", 7, "2026-11-22 10:00:00.000000")
    4206446715
    """
    text = "|".join(map(str, parts))
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:4], "big")
