"""The sandbox's own clock: real time, real time shifted, or standing still."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta, timezone

# China has had no daylight saving since 1991, so a fixed offset is exact and needs no tz database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
# strptime alone also takes 2026-1-2 3:4:5
_WALL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


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


def read_time(text: str) -> int | None:
    """Seconds of a time as the vendors write them, 2026-11-23 10:00:00 in Beijing; None where it is none."""
    if not _WALL_TIME.fullmatch(text):
        return None
    try:
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).timestamp())
    except ValueError:
        return None


def time_text(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), SHANGHAI).isoformat(" ")[:19]
