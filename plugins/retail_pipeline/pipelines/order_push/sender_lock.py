"""The lock of a shop's sender: held by one run at a time, woken by the shop's commits, handed to newer runs only.

Each run holds a lock of its session, by which the server knows the runs and how new each is. When a run dies, in
whatever way, its lock is gone, and nothing needs to be cleaned up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

ROWS, HANDOVER = "youshu_request", "youshu_push_handover"
# Interval at which a run that waits for the lock checks whether it is free, and which other runs are there.
LOOK_SECONDS: Final = 1.0
# Time within which a waiting run notices that its task is to end: Airflow kills the task after 5 s.
STOP_SECONDS: Final = 0.25
# Below the rank of every run: a stand-in leaves as soon as a run is there.
STAND_IN: Final = 0
_FIRST, _TRIES = datetime(2020, 1, 1, tzinfo=UTC), 64
log = logging.getLogger(__name__)


def rank_of(run_after: datetime, try_number: int) -> int:
    """Return the rank of a run: higher than those of earlier runs and of earlier tries of the same run.

    :param run_after: the moment of a scheduled run, aware; two of a DAG are a minute apart or more
    """
    minutes = int((run_after - _FIRST).total_seconds()) // 60
    return minutes * _TRIES + min(try_number, _TRIES - 1)  # below 2³¹ until 2083: a lock's number has 32 bits


def is_forsaken(session: psycopg.Connection[Any], shop: str) -> bool:
    """Return whether nobody holds the lock of a shop that had a sender before."""
    [lock] = query(session, "youshu/sender_lock/held", {"shop": shop})
    return bool(lock["had_one"] and not lock["held"])


class Place(Enum):
    """The position of a run."""

    HOLDS_LOCK = "holding the lock"
    WAITS = "waits"
    LEAVES = "leaves"


class SenderLock:
    """The lock of a shop's sender, as one run sees it.

    It is a lock of the session: a run that dies, or loses the database, has released it. It needs a connection of its
    own to the server itself, not through a pooler that shares sessions.

    Only the newest run takes the lock, and releases it only for a newer one. A run that has released it stands by: it
    takes the lock again when all newer runs have died, and leaves for good when two runs are newer. A run that never
    had the lock leaves when one run is newer, so that an old run that was restarted does not delay a newer one.

    :param rank: of the run, by ``rank_of``
    :param stopped: whether the run is to end
    :ivar two_are_newer: at its last look there were two newer runs, a sender and its standby
    """

    two_are_newer = False

    def __init__(
        self,
        session: psycopg.Connection[Any],
        shop: str,
        rank: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._session = session
        self._who = {"shop": shop, "rank": rank}
        self._stopped = stopped
        self._is_there = self._had_it = self._wanted = False
        query(session, "youshu/sender_lock/listen", None)

    @property
    def must_leave(self) -> bool:
        """Return whether a newer run wants to take over, or this one is to end, by the notices received so far."""
        return self._wanted or self._stopped()

    def take(self, max_seconds: float) -> bool:
        """Take the lock as soon as this run may; notify its holder that a newer run is there.

        False: this run has to leave, or the time is up.
        """
        end = clock.now() + timedelta(seconds=max_seconds)
        told = False
        while not self._stopped():
            place = self.look()
            if place is not Place.WAITS:
                log.info("%s: this run %s", self._who["shop"], _TOLD[place])
                return place is Place.HOLDS_LOCK
            if clock.now() >= end:
                return False
            if not told:
                log.info("%s: this run %s", self._who["shop"], _STANDS_BY if self._had_it else _TOLD[place])
                told = True
            self._wait_for_handover()
        return False

    def look(self) -> Place:
        """Look once which runs are there; take the lock if it is free and this run may take it."""
        newer = self._newer()
        self.two_are_newer = newer >= 2
        if newer >= (2 if self._had_it else 1):
            return Place.LEAVES
        if not self._is_there:
            query(self._session, "youshu/sender_lock/arrive", self._who)
            self._is_there = True
            newer = self._newer()
        if newer:
            return Place.WAITS
        if not query(self._session, "youshu/sender_lock/take", self._who)[0]["taken"]:
            query(self._session, "youshu/sender_lock/ask_handover", self._who)
            return Place.WAITS
        self._had_it, self._wanted = True, False  # notices until now were meant for others
        return Place.HOLDS_LOCK

    def release(self) -> None:
        """Release the lock, and notify the runs that wait."""
        query(self._session, "youshu/sender_lock/release", self._who)
        query(self._session, "youshu/sender_lock/ask_handover", self._who)

    def wait(self, seconds: float) -> None:
        """Return as soon as rows or a newer run have come; at the latest after so many seconds."""
        end = time.monotonic() + seconds
        while not self.must_leave:
            left = end - time.monotonic()
            if self._note(self._listen(min(left, STOP_SECONDS))) or left <= STOP_SECONDS:
                return

    def asked_to_leave(self) -> bool:
        """Return whether a newer run wants to take over, or this one is to end, without waiting."""
        self._note(self._listen(0))
        return self.must_leave

    def _wait_for_handover(self) -> None:
        """Wait for a handover only: a waiting run does not send, and notices of rows may be many."""
        end = time.monotonic() + LOOK_SECONDS
        while (left := end - time.monotonic()) > 0 and HANDOVER not in self._listen(left):
            pass

    def _note(self, notices: set[str]) -> bool:
        """Note a request to leave, if it came from a newer run: its sender may have died, or be a standby."""
        if HANDOVER in notices:
            self._wanted = self._newer() > 0
        return bool(notices)

    def _listen(self, seconds: float) -> set[str]:
        """Wait for notices; return their channels, without those of other shops."""
        received = self._session.notifies(timeout=max(0.0, seconds), stop_after=1)
        return {
            notice.channel
            for notice in received
            if notice.payload == self._who["shop"] or notice.channel == ROWS
        }

    def _newer(self) -> int:
        return int(query(self._session, "youshu/sender_lock/roster", self._who)[0]["newer"])


_STANDS_BY = "stands by: a newer one sends"
_TOLD = {
    Place.HOLDS_LOCK: "is the sender",
    Place.WAITS: "waits for the sender before it to finish what is on its way",
    Place.LEAVES: "leaves: there are newer ones",
}
