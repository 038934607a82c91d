"""The record of alerts, as a test sees it: time passes there when it is told to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

HOUR = timedelta(hours=1)


def pass_time(warehouse: psycopg.Connection[Any], by: timedelta = HOUR) -> None:
    """Put every moment that the record holds so much further back: its clock is the database's."""
    warehouse.execute(
        "UPDATE etl_alert_channel SET busy_until = busy_until - %(by)s, paced_until = paced_until - %(by)s,"
        " next_try_at = next_try_at - %(by)s",
        {"by": by},
    )
    warehouse.execute("UPDATE etl_alert SET raised_at = raised_at - %(by)s", {"by": by})
