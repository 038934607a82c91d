"""What each channel has taken, and who sends to it at this moment: the tables beside ``etl_alert``.

The rule: a channel is sent each alert until it has said that it took it, and this is recorded. So it gets an alert
twice only where its answer was lost, or who sent it died before the answer was recorded. All times are the
database's: machines whose clocks differ share the record.
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

# Who has taken a channel and does not come back has died: longer than a message takes, with what is around it.
LEASE: Final = timedelta(minutes=1)
# Between the tries of a channel that does not take what it is sent; doubled each time, up to the longest.
MIN_WAIT: Final = timedelta(seconds=30)
MAX_WAIT: Final = timedelta(minutes=30)
# One that was not refused is on its way for so long, before it is called waiting.
PATIENCE: Final = timedelta(minutes=3)
MAX_DUE: Final = 10_000


@dataclass(frozen=True)
class Waiting:
    """What a channel of the connection has not taken.

    :ivar since: the earliest of these alerts was raised then
    """

    channel: str
    alerts: int
    since: datetime
    last_answer: str | None
    next_try_at: datetime | None


class DeliveryRecord:
    """The record of one channel, as one process uses it.

    Each question has a session of its own, in autocommit mode: none is needed while something is sent.

    :param channel: its name
    """

    def __init__(self, channel: str, pace: Pace) -> None:
        self._channel = channel
        self._pace = pace
        self._holder = uuid4().hex
        self._taken_at = time.monotonic()

    @property
    def is_stale(self) -> bool:
        """Say whether this process stood still since it took the channel, and another may send by now."""
        return time.monotonic() - self._taken_at > LEASE.total_seconds() / 2

    def take(self, session: psycopg.Connection[Any]) -> list[AlertText]:
        """Take the channel for a message, and return what it is to be told; [] where there is nothing to do now."""
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
        """Record what is about to be sent."""
        query(session, "alerts/tried", {"channel": self._channel, "ids": list(told)})

    def answered(
        self, session: psycopg.Connection[Any], told: Sequence[int], answer: Answer, channels: Sequence[str]
    ) -> None:
        """Record what the channel said of a message, and let others have the channel.

        :param channels: all that there are: what they all took is done with
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
    """Mark what every channel took; in a statement of its own, so that the last of several that answer sees all."""
    query(session, "alerts/settle", {"channels": list(channels)})


def waiting(session: psycopg.Connection[Any], channels: Sequence[str]) -> list[Waiting]:
    """Return what channels have refused, or not taken for a while."""
    rows = query(session, "alerts/waiting", {"channels": list(channels), "patience": PATIENCE})
    return [Waiting(**row) for row in rows]
