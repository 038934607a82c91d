"""The faults that only this platform knows: throttling, and any error of its envelope."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sandbox import shape
from sandbox.fault_kinds import Options
from sandbox.taobao.envelope import Refused, refusal
from sandbox.vendor import Call, FaultEffect, Handler, Reply

Given = Mapping[str, Any]
LIMITS = (
    "accesscontrol.limited-by-api-access-count",
    "accesscontrol.limited-by-app-access-count",
    "accesscontrol.limited-by-app-api-access-count",
    "accesscontrol.limited-by-dynamic-access-count",
)


def _limit(value: Any, where: str) -> None:
    if value not in LIMITS:
        raise shape.BadShape(f"{where} must be one of {', '.join(LIMITS)}")


OPTIONS: dict[str, Options] = {
    "throttle": ({}, {"seconds": shape.integer, "sub_code": _limit}),
    "top_error": (
        {"code": shape.integer, "msg": shape.text},
        {"sub_code": shape.text, "sub_msg": shape.text},
    ),
}


def effects() -> dict[str, FaultEffect]:
    limits = itertools.cycle(LIMITS)

    def throttle(call: Call, _handler: Handler, given: Given) -> Reply:
        ban = f"This ban will last for {given.get('seconds', 1)} more seconds"
        return refusal(call, Refused(7, "App Call Limited", given.get("sub_code") or next(limits), ban))

    def top_error(call: Call, _handler: Handler, given: Given) -> Reply:
        return refusal(call, Refused(**given))

    return {"throttle": throttle, "top_error": top_error}
