"""The one place where the time is read and waited for, so that a test can say what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.now(UTC)


def pause(seconds: float) -> None:
    """Wait."""
    Event().wait(seconds)
