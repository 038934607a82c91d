"""Times as Taobao writes them: yyyy-MM-dd HH:mm:ss in Beijing, exactly."""

from __future__ import annotations

import re
from datetime import datetime

from sandbox.business_clock import SHANGHAI

# strptime alone also takes 2026-1-2 3:4:5
_FORM = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def read_time(text: str) -> int | None:
    """Seconds since 1970."""
    if not _FORM.fullmatch(text):
        return None
    try:
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).timestamp())
    except ValueError:
        return None


def time_text(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), SHANGHAI).isoformat(" ")[:19]
