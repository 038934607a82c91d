"""What has been reported: the same day again overwrites, and it is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.business_clock import iso
from sandbox.youshu.apps import App


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
