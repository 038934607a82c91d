"""A vendor's message in a form that logs and alerts may contain: without quotations from a record. Pure."""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r""""[^"]*"|(?<!\w)'[^']*'(?!\w)|`[^`]*`|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|《[^》]*》|【[^】]*】"""
)
# As long as a telephone number, in any notation; an order's number may be lost, since the row names it.
_DIGITS = re.compile(r"\d(?:[ -]?\d){6,}")


def without_values(words: str) -> str:
    """Return a message without quotations and long numbers, which may be a buyer's name, address or telephone.

    >>> without_values("data format wrong: receiver '张三' of 138-0000-1111, line 3")
    'data format wrong: receiver … of …, line 3'
    """
    return _DIGITS.sub("…", _QUOTED.sub("…", words))
