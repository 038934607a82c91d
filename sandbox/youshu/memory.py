"""What has been reported, and what was told of each order, in the order in which it came."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.business_clock import iso
from sandbox.youshu.apps import App
from sandbox.youshu.records import STATES


@dataclass(frozen=True, slots=True)
class Report:
    """One accepted element: `raw` is its exact text as received, `row` the parsed sums of an order day."""

    kind: str
    ref_date: str
    day: str
    raw: str
    row: dict[str, Any] | None = None


class Reports:
    def __init__(self) -> None:
        self._taken: dict[tuple[str, str, str], dict[str, Any]] = {}

    def take(self, app: App, report: Report, at: float) -> None:
        key = (app.app_id, report.kind, report.ref_date)
        before = self._taken.get(key)
        self._taken[key] = {
            "app": app.name,
            "app_id": app.app_id,
            "data_source_id": app.data_source_id,
            "kind": report.kind,
            "ref_date": report.ref_date,
            "day": report.day,
            "received_at": iso(at),
            "count": before["count"] + 1 if before else 1,
            "raw": report.raw,
            "row": report.row,
        }

    def listing(self) -> list[dict[str, Any]]:
        return list(self._taken.values())


_KEYS = {"return": "external_return_order_id"}


@dataclass(slots=True)
class Told:
    """One accepted element."""

    call: str
    status: str
    status_change_time: str
    at: float
    digest: bytes
    amount: str | None
    regression: bool
    duplicate: bool


@dataclass(slots=True)
class OrderMemory:
    """By app and external id."""

    _told: dict[tuple[str, str], list[Told]] = field(default_factory=dict)
    _calls: int = 0

    def knows(self, app: App) -> Known:
        return Known(self._told, app.name)

    def take(self, app: App, call: str, elements: list[dict[str, Any]], at: float) -> None:
        self._calls += 1
        for element in elements:
            number = element[_KEYS.get(call, "external_order_id")]
            history = self._told.setdefault((app.name, number), [])
            history.append(_told(call, element, history, at))

    def listing(self) -> list[dict[str, Any]]:
        return [
            {
                "app": app,
                "id": number,
                "states": [
                    {
                        "call": told.call,
                        "status": told.status,
                        "status_change_time": told.status_change_time,
                        "received_at": iso(told.at),
                        "amount": told.amount,
                        "regression": told.regression,
                        "duplicate": told.duplicate,
                    }
                    for told in history
                ],
            }
            for (app, number), history in self._told.items()
        ]

    def totals(self) -> list[dict[str, Any]]:
        every = [told for history in self._told.values() for told in history]
        return [
            {
                "orders": len(self._told),
                "states": len(every),
                "regressions": sum(told.regression for told in every),
                "duplicates": sum(told.duplicate for told in every),
                "calls": self._calls,
            }
        ]


@dataclass(frozen=True, slots=True)
class Known:
    """The orders of an app, to be asked one by one."""

    _told: dict[tuple[str, str], list[Told]]
    _app: str

    def __contains__(self, number: object) -> bool:
        return (self._app, number) in self._told


def _told(call: str, element: dict[str, Any], history: list[Told], at: float) -> Told:
    status = element.get("order_status") or element["return_order_status"]
    digest = hashlib.sha256(json.dumps(element, default=str, sort_keys=True).encode()).digest()[:8]
    ranks = [STATES.index(told.status) for told in history if told.status in STATES]
    older = status in STATES and any(rank > STATES.index(status) for rank in ranks)
    again = any(told.digest == digest for told in history)
    amount = element.get("order_amount")
    return Told(
        call,
        status,
        element["status_change_time"],
        at,
        digest,
        amount=None if amount is None else str(amount),
        regression=older,
        duplicate=again,
    )
