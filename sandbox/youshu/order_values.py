"""What single values of an order must be. Sources: add_order page, and models of SDKs."""

from __future__ import annotations

import re
from typing import Any

from sandbox import shape

_MILLIS = re.compile("[0-9]{13}")
_SHA256 = re.compile("[0-9a-fA-F]{64}")


def millis(value: Any, where: str) -> None:
    if not isinstance(value, str) or not _MILLIS.fullmatch(value):
        raise shape.BadShape(f"{where} must be a string of 13 digits")


def sha256(value: Any, where: str) -> None:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise shape.BadShape(f"{where} must be 64 hex digits")


def one_of(*allowed: Any) -> shape.Check:
    def check(value: Any, where: str) -> None:
        if value not in allowed or isinstance(value, bool):
            raise shape.BadShape(f"{where} must be one of {', '.join(map(str, allowed))}")

    return check


def each(check: shape.Check, at_least: int) -> shape.Check:
    """All elements of an array."""

    def check_all(value: Any, where: str) -> None:
        for number, element in enumerate(shape.array(value, where, at_least=at_least)):
            check(element, f"{where}[{number}]")

    return check_all
