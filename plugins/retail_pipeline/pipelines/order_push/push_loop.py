"""The sender of a shop: it holds the lock, and drains when rows come, and every half minute."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.errors import UnknownApiError
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.drain import Drained, OrderPusher
from retail_pipeline.pipelines.order_push.enqueue_faults import enqueue_kept_out
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.outbox import Outbox
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

# While orders pile up, the progress is logged at this interval.
BEAT = timedelta(seconds=5)
log = logging.getLogger(__name__)


@dataclass
class PushLoop:
    """Pushes one shop's orders until it hands over.

    Only a run that holds the lock says that the shop has a sender: helpers must not hide that there is none.

    :param session: with the shop's database, in autocommit mode
    :param lock: None: no other sender needs to be considered
    :param review: called every ``drain_seconds``; alerts where orders are about to be late, and returns at once
    :param unknown: called, at most as often, with an error of Youshu that our tables do not know
    :param stopped: whether the task is to end: calls on their way are finished, and no others started
    :ivar ends: the number of rows by outcome
    :ivar stands_in: it holds the lock as a stand-in, since no run is there
    """

    session: psycopg.Connection[Any]
    shop: Shop
    settings: OrderPush
    sender: BatchSender
    lock: SenderLock | None = None
    review: Callable[[], object] = lambda: None
    unknown: Callable[[UnknownApiError], object] = lambda _error: None
    stopped: Callable[[], bool] = lambda: False
    ends: Counter[End] = field(default_factory=Counter)
    stands_in: bool = field(default=False, init=False)
    _beat_at: datetime = field(default_factory=clock.now)
    _beat_accepted: int = 0
    _next_review: datetime = field(init=False)
    _unknown: UnknownApiError | None = None
    _capturing: OrderCapture | None = None
    _next_capture: datetime = field(default_factory=clock.now)

    def stay(self, lock: SenderLock, until: datetime) -> Counter[End]:
        """Be the sender while this run has the lock, and stand by while a newer run sends.

        :param until: when to leave even if no run wants to take over
        """
        self.lock = lock
        while clock.now() < until and lock.take((until - clock.now()).total_seconds()):
            self.run(until)
            lock.release()
        return self.ends

    def stand_in(self, lock: SenderLock, until: datetime) -> Counter[End]:
        """Be the sender until a run comes; drain once where another sender holds the lock by now.

        :param until: when to leave even if no run has come
        """
        if not lock.take(0):
            return self.run(clock.now())
        self.lock, self.stands_in = lock, True
        self.run(until)
        lock.release()
        return self.ends

    def run(self, until: datetime) -> Counter[End]:
        """Drain when rows come, and every ``drain_seconds``; return the outcomes of the rows.

        :param until: when to leave even if no run wants to take over
        """
        pusher, capture = self._pusher(), self._capture()
        self._capturing, self._next_capture = capture, clock.now() + self._period
        self._tell(
            None, None
        )  # before the first drain, which may be long: from here on the shop's orders count as pushed
        with ThreadPoolExecutor(self.settings.max_threads, "push") as pool:
            next_drain = self._next_review = clock.now()
            again = False
            while True:
                due = self._is_due(next_drain)
                if due:
                    next_drain = clock.now() + self._period
                    if capture:
                        capture.capture()
                if due or again:
                    again = enqueue_kept_out(self.session, self.shop.name)
                self._beat_at, self._beat_accepted = clock.now(), 0
                self._account(pusher.drain(pool), tell=due)
                if self.lock is None or self.lock.must_leave or clock.now() >= until:
                    return self.ends
                # Wake at the end of a pause, not at the drain after it: a pause begins at any moment between two
                # drains.
                wake = clock.now() if again else min(next_drain, pusher.left_alone_until or next_drain)
                self.lock.wait(max(0.0, (wake - clock.now()).total_seconds()))

    @property
    def _period(self) -> timedelta:
        return timedelta(seconds=self.settings.drain_seconds)

    def _is_due(self, moment: datetime) -> bool:
        """Return whether a moment has come; if it is more than a period ahead, the clock was set back."""
        return not clock.now() < moment <= clock.now() + self._period

    def _pusher(self) -> OrderPusher:
        outbox = Outbox(self.session, self.shop.name, self.settings, self.shop.order_sources)
        stop = self.lock.asked_to_leave if self.lock else self.stopped
        return OrderPusher(outbox, self.sender, self.settings, progress=self._progress, stop=stop)

    def _capture(self) -> OrderCapture | None:
        if self.shop.orders != "captured":
            return None
        return OrderCapture(self.session, self.shop.name, self.shop.order_sources, self.settings.lookback)

    def _account(self, drained: Drained, *, tell: bool) -> None:
        self.ends += drained.ends
        if drained.ends:
            told = ", ".join(f"{count} {end.value}" for end, count in drained.ends.items())
            log.info("%s: %s", self.shop.name, told)
        if tell or drained.last_error:
            self._tell(None, drained.last_error)
            self._review(drained)

    def _progress(self, drained: Drained) -> None:
        """Log the progress and the expected end; capture changes meanwhile."""
        now = clock.now()
        if self._capturing and self._is_due(self._next_capture):
            self._next_capture = now + self._period
            self._capturing.capture(max_pages=1)  # orders on their way must be recorded soon
        past = (now - self._beat_at).total_seconds()
        if past < BEAT.total_seconds():
            return
        accepted = drained.ends[End.ACCEPTED]
        rate = (accepted - self._beat_accepted) / past
        self._beat_at, self._beat_accepted = now, accepted
        waiting = self._tell(rate, drained.last_error)
        done_in = f"done in about {waiting / rate:.0f} s" if rate else "nothing is taken at present"
        log.info("%s: %d orders wait, %.0f a second are taken: %s", self.shop.name, waiting, rate, done_in)
        self._review(drained)

    def _review(self, drained: Drained) -> None:
        """Review, but not at every turn, since it queries the database."""
        self._unknown = drained.unknown or self._unknown
        if self._is_due(self._next_review):
            self._next_review = clock.now() + self._period
            self.review()
            if self._unknown:
                self.unknown(self._unknown)
                self._unknown = None

    def _tell(self, rate: float | None, error: str | None) -> int:
        waiting = int(query(self.session, "youshu/outbox/backlog", {"shop": self.shop.name})[0]["waiting"])
        facts = {
            "shop": self.shop.name,
            "now": clock.now(),
            "waiting": waiting,
            "rate": rate,
            "error": error,
        }
        if self.lock and not self.stands_in:
            query(self.session, "youshu/push_watch/seen", facts)
        return waiting
