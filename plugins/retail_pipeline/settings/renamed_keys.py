"""Keys of the settings file that had another name before: there are no aliases, but the error names the new key."""

from __future__ import annotations

from typing import Final

RENAMED: Final = {
    "alarms": "alerts",
    "slice_hours": "chunk_hours",
    "slice_orders": "chunk_orders",
    "slice_rows": "chunk_rows",
    "overlap_minutes": "lookback_minutes",
    "capture_overlap_seconds": "capture_lookback_seconds",
    "settle_seconds": "safety_delay_seconds",
    "sweep_seconds": "drain_seconds",
    "alarm_minutes": "alert_minutes",
    "first_retry_seconds": "min_retry_seconds",
    "longest_retry_seconds": "max_retry_seconds",
    "most_threads": "max_threads",
    "most_helpers": "max_helpers",
    "most_passes": "max_attempts",
    "most_quarantined": "max_quarantined",
    "most_quarantined_share": "max_quarantined_share",
    "most_share": "max_share",
    "least_rows": "min_rows",
    "least_share": "min_share",
    "least_usual_rows": "min_usual_rows",
    "push_lag": "feed_lag",
}
