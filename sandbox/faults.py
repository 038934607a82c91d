"""Faults that are waiting to happen: of which kind, where, for whom, how often and until when.

The kinds here can befall any vendor, and a vendor adds its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox import shape
from sandbox.business_clock import from_iso, iso


def _times(value: Any, where: str) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise shape.BadShape(f"{where} must be an integer of at least 1, or null for always")


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
    "until": shape.or_null(shape.text),
    "app": shape.or_null(shape.text),
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


@dataclass(slots=True)
class Fault:
    id: int
    path: str
    kind: str
    times: int | None = None
    until: float | None = None
    app: str | None = None
    after: int = 0
    after_accept: bool = False
    body: Any = None
    status: int = 0
    seconds: float = 0.0
    own: dict[str, Any] = field(default_factory=dict)  # options of a vendor's own kind

    def fits(self, path: str, app: str | None, at: float) -> bool:
        return (
            path.startswith(self.path)
            and (self.until is None or at < self.until)
            and (self.app is None or self.app == app)
            and (app is not None or self.kind not in ON_TOKENS)
        )

    def describe(self) -> dict[str, Any]:
        common = {name: getattr(self, name) for name in ("id", "path", "kind", "times", "app", "after")}
        required, optional = OPTIONS.get(self.kind, ({}, {}))
        options = {name: getattr(self, name) for name in (*required, *optional)}
        until = None if self.until is None else iso(self.until)
        return {**common, "until": until, **options, **self.own}


class Faults:
    """In the order they were added; the first that fits strikes, and is gone when used up."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, wish: dict[str, Any], kinds: Mapping[str, Options], apps: Collection[str]) -> Fault:
        """`times` counts down to how many are left; null is always, and what is left out is null."""
        fault = _checked(wish, kinds, apps, next(self._ids))
        self._waiting.append(fault)
        return fault

    def take(self, path: str, app: str | None, at: float) -> Fault | None:
        for fault in self._waiting:
            if fault.fits(path, app, at):
                if fault.after:
                    fault.after -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        self._waiting.clear()

    def listing(self) -> list[dict[str, Any]]:
        return [fault.describe() for fault in self._waiting]


def _checked(wish: dict[str, Any], kinds: Mapping[str, Options], apps: Collection[str], number: int) -> Fault:
    kind = str(wish.get("kind"))
    if kind not in kinds:
        raise shape.BadShape(f"kind must be one of {', '.join(sorted(kinds))} for this path")
    required, optional = kinds[kind]
    required = {"path": shape.text, "kind": shape.text, **required}
    shape.record(wish, "fault", required, {**COMMON, **optional})
    if wish.get("app") is not None and wish["app"] not in apps:
        raise shape.BadShape(f"fault.app must be one of {', '.join(sorted(apps))}")
    fields = {"times": 1 if kind in ON_TOKENS else None, **wish}
    if fields.get("until") is not None:
        fields["until"] = from_iso(fields["until"])
    if kind in OPTIONS:
        return Fault(number, **fields)
    own = {name: fields.pop(name) for name in wish if name not in COMMON and name not in ("path", "kind")}
    return Fault(number, **fields, own=own)
