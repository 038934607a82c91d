"""Checks of the shape of a request: the first thing that is wrong is named with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Check = Callable[[Any, str], None]


class BadShape(Exception):
    """A field is missing, unknown or of the wrong kind; the text says which."""


def text(value: Any, where: str) -> None:
    if not isinstance(value, str) or not value:
        raise BadShape(f"{where} must be a string, not an empty one")


def integer(value: Any, where: str) -> None:
    if not _is_whole(value) or value < 0:
        raise BadShape(f"{where} must be an integer of at least 0")


def number(value: Any, where: str) -> None:
    if not (_is_whole(value) or isinstance(value, Decimal)) or value < 0:
        raise BadShape(f"{where} must be a number of at least 0")


def amount(value: Any, where: str) -> None:
    """Yuan with at most two decimals, judged by the digits that were sent."""
    number(value, where)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -2:
            raise BadShape(f"{where} must have at most two decimals")


def boolean(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        raise BadShape(f"{where} must be true or false")


def compact_day(value: Any, where: str) -> None:
    """A day as yyyymmdd."""
    # strptime alone also takes 2026112 and surrounding blanks
    if not isinstance(value, str) or len(value) != 8 or not (value.isascii() and value.isdigit()):
        raise BadShape(f"{where} must be a string yyyymmdd")
    try:
        datetime.strptime(value, "%Y%m%d")  # noqa: DTZ007 - only the form is judged
    except ValueError:
        raise BadShape(f"{where} is not a day of the calendar") from None


def one_of(*allowed: Any) -> Check:
    def check(value: Any, where: str) -> None:
        if value not in allowed or isinstance(value, bool):
            raise BadShape(f"{where} must be one of {', '.join(map(str, allowed))}")

    return check


def or_null(check: Check) -> Check:
    return lambda value, where: None if value is None else check(value, where)


def each(check: Check, *, at_least: int = 0) -> Check:
    """All elements of an array."""

    def check_all(value: Any, where: str) -> None:
        for number, element in enumerate(array(value, where, at_least=at_least)):
            check(element, f"{where}[{number}]")

    return check_all


def array(value: Any, where: str, *, at_least: int = 0, at_most: int | None = None) -> list[Any]:
    if not isinstance(value, list):
        raise BadShape(f"{where} must be an array")
    if len(value) < at_least or (at_most is not None and len(value) > at_most):
        raise BadShape(f"{where} has {len(value)} elements, allowed are {at_least} to {at_most}")
    return value


def record(
    value: Any, where: str, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None
) -> dict[str, Any]:
    """An object with exactly these fields."""
    if not isinstance(value, dict):
        raise BadShape(f"{where} must be an object")
    optional = optional or {}
    for name in required:
        if name not in value:
            raise BadShape(f"{where}.{name} is missing")
    for name, content in value.items():
        check = required.get(name) or optional.get(name)
        if check is None:
            raise BadShape(f"{where}.{name} is unknown; known are {', '.join([*required, *optional])}")
        check(content, f"{where}.{name}")
    return value


def block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    def check(value: Any, where: str) -> None:
        record(value, where, required, optional)

    return check


def fields(names: Mapping[Check, str]) -> dict[str, Check]:
    """The names of the fields that each check is for, with blanks between them."""
    return {name: check for check, those in names.items() for name in those.split()}


def anything(_value: Any, _where: str) -> None:
    """For a member that is looked into by its own check later."""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
