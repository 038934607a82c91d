"""The kinds of fault that can befall any vendor, and the options each takes. A vendor adds its own kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox import shape


def _times(value: Any, where: str) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise shape.BadShape(f"{where} must be an integer of at least 1, or null for always")


def _text_or_null(value: Any, where: str) -> None:
    if value is not None:
        shape.text(value, where)


def _status(value: Any, where: str) -> None:
    if not isinstance(value, int) or not 200 <= value <= 599:
        raise shape.BadShape(f"{where} must be an HTTP status from 200 to 599")


def _json_object(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise shape.BadShape(f"{where} must be the JSON object to send")


# The options that must be given with a fault, and those that may.
Options = tuple[Mapping[str, shape.Check], Mapping[str, shape.Check]]
# What each fault takes besides path and kind.
COMMON: dict[str, shape.Check] = {
    "times": _times,
    "until": _text_or_null,
    "app": _text_or_null,
    "after": shape.integer,
}
_LOSABLE: dict[str, shape.Check] = {"after_accept": shape.boolean}
# What can befall any vendor.
OPTIONS: dict[str, Options] = {
    "error": ({"body": _json_object}, {}),
    "http_status": ({"status": _status}, {"body": shape.text, **_LOSABLE}),
    "reset": ({}, _LOSABLE),
    "hang": ({}, _LOSABLE),
    "truncate": ({}, _LOSABLE),
    "slow": ({"seconds": shape.number}, {}),
}
# They strike the token in force, so they need a call whose app is known, and once is what is meant.
ON_TOKENS = ("kill_token", "expire_token")


def taken_by_all(options: Sequence[Options]) -> Options:
    """What may be given when a fault is for several vendors that know its kind."""
    required, optional = options[0]
    known = {name: check for name, check in optional.items() if all(name in other for _, other in options)}
    return required, known
