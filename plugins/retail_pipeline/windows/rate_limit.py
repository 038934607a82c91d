"""The rate limiter: how fast a vendor may be called. All tasks of a connection share it, in the target's database.

Vendors count calls per minute, per account and not per process, and some do not say how many they allow. So the
limit is a setting of the connection. The speed is halved whenever the vendor says that it was too much, and slowly
restored.

Several calls are on their way when that happens, and the vendor refuses each of them. So each turn keeps the slowdown
that was the latest when the turn was taken. Only a call that was sent after the latest slowdown halves the speed
again.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from retail_pipeline import clock
from retail_pipeline.databases.target_session import query, transaction
from retail_pipeline.errors import RateLimited

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

Result = TypeVar("Result")

# After a quiet time, this part of a minute's calls may go out at once, and the rest evenly: no minute has more than
# the limit.
BURST_SHARE = 0.25
# Taking turns costs a transaction, so at a high speed one transaction takes as many as go out within this time.
AT_ONCE = timedelta(milliseconds=100)
# A turn that is not used for so long is given up: later it would be one call too many.
STALE = timedelta(seconds=1)
PAUSE = timedelta(seconds=5)
SLOWEST_SHARE = 1 / 32
RECOVERY = 1.02
# A vendor that says "slow down" for so long does not serve us: let the task fail and be tried again.
PATIENCE = timedelta(minutes=30)
# We never put a turn further ahead than a pause, or than so many calls: one that is further comes from a fast clock.
FARTHEST, MAX_WAITING = timedelta(minutes=9), 64
log = logging.getLogger(__name__)


@dataclass
class CallCounts:
    """How often a vendor was called for one purpose, and how often it asked to slow down."""

    calls: int = 0
    throttles: int = 0


@dataclass(frozen=True)
class Bucket:
    """The state of the limiter at one moment. Pure.

    :param budget: the limit, in calls a minute, that the connection allows
    :param per_minute: the speed at present
    :param free_at: when the next call may go out, if calls came evenly
    :param throttled_at: when it was slowed down last
    """

    budget: float
    per_minute: float
    free_at: datetime
    throttled_at: datetime | None = None

    @property
    def at_once(self) -> int:
        """Return how many turns are taken in one transaction."""
        return max(int(self.per_minute * (AT_ONCE / timedelta(minutes=1))), 1)

    def take(self, now: datetime) -> tuple[Bucket, timedelta]:
        """Return the bucket after one more call, and how long that call has to wait."""
        gap = timedelta(minutes=1) / (self.per_minute * (1 - BURST_SHARE))
        # Less the turn at each end of a minute, and those that others took and use late.
        burst = gap * max(int(self.per_minute * BURST_SHARE) - self.at_once - 1, 0)
        start = max(self.free_at, now - burst)
        faster = min(self.budget, self.per_minute * RECOVERY)
        return replace(self, per_minute=faster, free_at=start + gap), max(start - now, timedelta())

    def slowed(self, now: datetime, pause: timedelta, under: datetime | None) -> Bucket:
        """Return the bucket after the vendor said that it was too much: half the speed, and no call for ``pause``.

        :param under: the latest slowdown when the call's turn was taken; it counts once for all calls of that time
        """
        paused = replace(self, free_at=max(self.free_at, now + pause))
        if under != self.throttled_at:
            return paused
        return replace(
            paused, per_minute=max(self.per_minute / 2, self.budget * SLOWEST_SHARE), throttled_at=now
        )


class Turn(NamedTuple):
    """The permission for one call.

    :ivar due: when it may go out
    :ivar under: the latest slowdown when the turn was taken, by the database's clock
    """

    due: datetime
    under: datetime | None


class RateLimiter:
    """The limiter of one connection; safe to share between threads, which use the session one after the other."""

    def __init__(self, session: Session, conn_id: str, per_minute: int) -> None:
        self._session = session
        self._conn_id = conn_id
        self._budget = float(per_minute)
        self._lock = threading.Lock()
        self._turns: deque[Turn] = deque()
        query(session, "rate_limit/start", {"conn_id": conn_id, "per_minute": self._budget})

    def call(
        self, ask: Callable[[], Result], counts: CallCounts, *, patience: timedelta = PATIENCE
    ) -> Result:
        """Call when the limiter allows it; if the vendor asks to slow down, wait and call again.

        :param counts: counts these calls
        :param patience: how long to go on waiting; if it is zero, later calls are slowed all the same
        :raises RateLimited: the vendor has been asking to slow down for longer
        """
        waited = timedelta()
        while True:
            turn, wait = self._wait_for_turn(counts)
            waited += wait
            try:
                return ask()
            except RateLimited as limit:
                self._slow_down(limit.retry_after or PAUSE, turn, counts)
                if waited > patience or not patience:
                    raise

    def _wait_for_turn(self, counts: CallCounts) -> tuple[Turn, timedelta]:
        with self._lock:
            counts.calls += 1
            now = clock.now()
            while self._turns and self._turns[0].due < now - STALE:
                self._turns.popleft()
            if not self._turns:
                waits, under = self._change(_turns)
                self._turns.extend(Turn(now + wait, under) for wait in waits)
            turn = self._turns.popleft()
        wait = max(turn.due - now, timedelta())
        if wait:
            clock.pause(wait.total_seconds())
        return turn, wait

    def _slow_down(self, pause: timedelta, turn: Turn, counts: CallCounts) -> None:
        with self._lock:
            counts.throttles += 1
            self._turns.clear()
            self._change(lambda bucket, now: (bucket.slowed(now, min(pause, FARTHEST), turn.under), None))

    def _change(self, change: Callable[[Bucket, datetime], tuple[Bucket, Result]]) -> Result:
        """Change the bucket under its row's lock, by the database's clock: machines may disagree on the time."""
        with transaction(self._session):
            row = query(self._session, "rate_limit/lock", {"conn_id": self._conn_id})[0]
            speed = min(row["per_minute"], self._budget)
            before = Bucket(self._budget, speed, self._free_at(row, speed), row["throttled_at"])
            after, result = change(before, row["now"])
            values = {
                "conn_id": self._conn_id,
                "per_minute": after.per_minute,
                "free_at": after.free_at,
                "throttled_at": after.throttled_at,
            }
            query(self._session, "rate_limit/store", values)
        return result

    def _free_at(self, row: Mapping[str, Any], speed: float) -> datetime:
        """Return when the next call may go out; now, if our own queue cannot explain the stored moment."""
        free_at: datetime = row["free_at"]
        now: datetime = row["now"]
        if free_at - now <= max(FARTHEST, MAX_WAITING * timedelta(minutes=1) / speed):
            return free_at
        log.error("the rate limit of %s was used up until %s: a clock was ahead", self._conn_id, free_at)
        return now


def _turns(bucket: Bucket, now: datetime) -> tuple[Bucket, tuple[list[timedelta], datetime | None]]:
    """Take the turns of one transaction; return how long each of them has to wait, and the latest slowdown."""
    waits = []
    for _ in range(bucket.at_once):
        bucket, wait = bucket.take(now)
        waits.append(wait)
    return bucket, (waits, bucket.throttled_at)
