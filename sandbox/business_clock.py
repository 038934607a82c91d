"""The sandbox's own clock: real time, real time shifted, or standing still."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone

# China has had no daylight saving since 1991, so a fixed offset is exact and needs no tz database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


class BusinessClock:
    """Seconds since 1970 as the vendors see them."""

    def __init__(self) -> None:
        self._shift = 0.0
        self._frozen_at: float | None = None

    def now(self) -> float:
        return time.time() + self._shift if self._frozen_at is None else self._frozen_at

    def set(self, at: float, *, frozen: bool) -> None:
        self._frozen_at = at if frozen else None
        self._shift = at - time.time()

    def follow_real_time(self) -> None:
        self._frozen_at, self._shift = None, 0.0

    def describe(self) -> dict[str, object]:
        return {"now": iso(self.now()), "frozen": self._frozen_at is not None, "real": self._shift == 0.0}


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="milliseconds")


def from_iso(text: str) -> float:
    """Seconds of an ISO time with an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset, write e.g. 2026-11-23T10:00:00+08:00")
    return moment.timestamp()


def shanghai_day(at: float) -> date:
    return datetime.fromtimestamp(at, SHANGHAI).date()
