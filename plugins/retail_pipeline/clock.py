"""The one place where the time is read, so that a test can say what time it is."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.now(timezone.utc)
