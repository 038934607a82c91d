"""What a vendor says, as it may stand in a log or an alert: without what it quotes of a record. Pure."""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r""""[^"]*"|(?<!\w)'[^']*'(?!\w)|`[^`]*`|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|《[^》]*》|【[^】]*】"""
)
# As long as a telephone number, however it is written; an order's number is no loss, since the row names it.
_DIGITS = re.compile(r"\d(?:[ -]?\d){6,}")


def without_values(words: str) -> str:
    """Return words without quotations and long numbers, which may be a buyer's name, address or telephone.

    >>> without_values("data format wrong: receiver '张三' of 138-0000-1111, line 3")
    'data format wrong: receiver … of …, line 3'
    """
    return _DIGITS.sub("…", _QUOTED.sub("…", words))
