"""Records what each channel has taken, and which process sends to it now: the tables beside ``etl_alert``.

The rule: each alert is sent to a channel until the channel has said that it took it, and this is recorded. So a
channel gets an alert twice only if its answer was lost, or if the sending process died before it recorded the answer.
All times are the database's: machines whose clocks differ share the record.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from retail_pipeline.alerts.channel import Answer, Pace
from retail_pipeline.alerts.message import AlertText
from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

# A process that has held a channel for longer has died: a message, with what is around it, takes less time.
LEASE: Final = timedelta(minutes=1)
# Between tries of a channel that does not take a message; doubled each time, up to MAX_WAIT.
MIN_WAIT: Final = timedelta(seconds=30)
MAX_WAIT: Final = timedelta(minutes=30)
# An alert that was not refused counts as waiting after so long.
PATIENCE: Final = timedelta(minutes=3)
MAX_DUE: Final = 10_000


@dataclass(frozen=True)
class WaitingAlerts:
    """The alerts that a channel of the connection has not taken.

    :ivar since: when the earliest of them was raised
    """

    channel: str
    alerts: int
    since: datetime
    last_answer: str | None
    next_try_at: datetime | None


class DeliveryRecord:
    """The record of one channel, as one process uses it.

    Each query has a session of its own, in autocommit mode: no session is open while a message is sent.

    :param channel: its name
    """

    def __init__(self, channel: str, pace: Pace) -> None:
        self._channel = channel
        self._pace = pace
        self._holder = uuid4().hex
        self._taken_at = time.monotonic()

    @property
    def is_stale(self) -> bool:
        """Return whether this process took the channel so long ago that another may send by now."""
        return time.monotonic() - self._taken_at > LEASE.total_seconds() / 2

    def take(self, session: psycopg.Connection[Any]) -> list[AlertText]:
        """Take the channel for a message, and return the alerts that are due; [] if there is nothing to do now."""
        self._taken_at = time.monotonic()
        taken = query(session, "alerts/take", {
            "channel": self._channel,
            "holder": self._holder,
            "lease": LEASE,
            "longest": MAX_WAIT,
            "interval": self._pace.interval,
            "burst": self._pace.burst * self._pace.interval,
        })  # fmt: skip
        if not taken:
            return []
        due = query(session, "alerts/due", {"channel": self._channel, "most": MAX_DUE})
        return [AlertText(**row) for row in due]

    def tried(self, session: psycopg.Connection[Any], told: Sequence[int]) -> None:
        """Record that these alerts are about to be sent."""
        query(session, "alerts/tried", {"channel": self._channel, "ids": list(told)})

    def answered(
        self, session: psycopg.Connection[Any], told: Sequence[int], answer: Answer, channels: Sequence[str]
    ) -> None:
        """Record how the channel answered a message, and release the channel.

        :param channels: all channels: an alert that all of them took is done
        """
        query(session, "alerts/answered", {
            "channel": self._channel,
            "holder": self._holder,
            "ids": list(told),
            "taken": answer.taken,
            "answer": answer.words,
            "wait": answer.wait,
            "first": MIN_WAIT,
            "longest": MAX_WAIT,
        })  # fmt: skip
        settle(session, channels)


def settle(session: psycopg.Connection[Any], channels: Sequence[str]) -> None:
    """Mark the alerts that every channel took; in a statement of its own, so that the last to answer sees all."""
    query(session, "alerts/settle", {"channels": list(channels)})


def waiting(session: psycopg.Connection[Any], channels: Sequence[str]) -> list[WaitingAlerts]:
    """Return the alerts that channels have refused, or not taken for a while."""
    rows = query(session, "alerts/waiting", {"channels": list(channels), "patience": PATIENCE})
    return [WaitingAlerts(**row) for row in rows]
