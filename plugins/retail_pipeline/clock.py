"""The one place where the time is read and waited for, so that a test can say what time it is."""

from __future__ import annotations

from datetime import datetime, timezone
from threading import Event


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.now(timezone.utc)


def pause(seconds: float) -> None:
    """Wait."""
    Event().wait(seconds)
