"""Faults that are waiting to happen: which, where, for whom, how often and until when."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox import shape
from sandbox.business_clock import from_iso, iso

# What can befall any vendor, with the options each takes beyond the common ones; + marks a required one.
GENERAL: dict[str, tuple[str, ...]] = {
    "error": ("+body",),
    "http_status": ("+status", "body", "after_accept"),
    "reset": ("after_accept",),
    "hang": ("after_accept",),
    "truncate": ("after_accept",),
    "slow": ("+seconds",),
}
# They strike the token in force, so they need a call whose app is known, and once is what is meant.
ON_TOKENS = ("kill_token", "expire_token")


@dataclass(slots=True)
class Fault:
    id: int
    path: str
    kind: str
    times: int | None = None
    until: float | None = None
    app: str | None = None
    after_accept: bool = False
    body: Any = None
    status: int = 0
    seconds: float = 0.0

    def fits(self, path: str, app: str | None, at: float) -> bool:
        return (
            path.startswith(self.path)
            and (self.until is None or at < self.until)
            and (self.app is None or self.app == app)
            and (app is not None or self.kind not in ON_TOKENS)
        )

    def describe(self) -> dict[str, Any]:
        common = {"id": self.id, "path": self.path, "kind": self.kind, "times": self.times, "app": self.app}
        options = {name.lstrip("+"): getattr(self, name.lstrip("+")) for name in GENERAL.get(self.kind, ())}
        return {**common, "until": None if self.until is None else iso(self.until), **options}


class Faults:
    """In the order they were added; the first that fits strikes, and is gone when used up."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, wish: dict[str, Any], kinds: Collection[str], apps: Collection[str]) -> Fault:
        """`times` counts down to how many are left; null is always, and what is left out is null."""
        fault = _checked(wish, kinds, apps, next(self._ids))
        self._waiting.append(fault)
        return fault

    def take(self, path: str, app: str | None, at: float) -> Fault | None:
        for fault in self._waiting:
            if fault.fits(path, app, at):
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


def _checked(wish: dict[str, Any], kinds: Collection[str], apps: Collection[str], number: int) -> Fault:
    kind = str(wish.get("kind"))
    if kind not in kinds:
        raise shape.BadShape(f"kind must be one of {', '.join(sorted(kinds))} for this path")
    options = GENERAL.get(kind, ())
    required = {name[1:]: _CHECKS[name[1:]] for name in options if name.startswith("+")}
    optional = {name: _CHECKS[name] for name in options if not name.startswith("+")}
    shape.record(wish, "fault", {**_REQUIRED, **required}, {**_OPTIONAL, **optional})
    if kind == "error" and not isinstance(wish["body"], dict):
        raise shape.BadShape("fault.body must be the JSON object to send")
    if wish.get("app") is not None and wish["app"] not in apps:
        raise shape.BadShape(f"fault.app must be one of {', '.join(sorted(apps))}")
    fields = {"times": 1 if kind in ON_TOKENS else None, **wish}
    if fields.get("until") is not None:
        fields["until"] = from_iso(fields["until"])
    return Fault(number, **fields)


def _times(value: Any, where: str) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise shape.BadShape(f"{where} must be an integer of at least 1, or null for always")


def _text_or_null(value: Any, where: str) -> None:
    if value is not None:
        shape.text(value, where)


def _status(value: Any, where: str) -> None:
    if not isinstance(value, int) or not 200 <= value <= 599:
        raise shape.BadShape(f"{where} must be an HTTP status from 200 to 599")


_REQUIRED: dict[str, shape.Check] = {"path": shape.text, "kind": shape.text}
_OPTIONAL: dict[str, shape.Check] = {"times": _times, "until": _text_or_null, "app": _text_or_null}
_CHECKS: dict[str, shape.Check] = {
    "body": shape.anything,
    "status": _status,
    "after_accept": shape.boolean,
    "seconds": shape.number,
}
