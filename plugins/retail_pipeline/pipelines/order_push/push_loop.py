"""The sender of a shop: it holds the post, and sweeps when rows come, and every half minute."""

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
from retail_pipeline.pipelines.order_push.drain import OrderPusher, Sweep
from retail_pipeline.pipelines.order_push.enqueue_faults import enqueue_kept_out
from retail_pipeline.pipelines.order_push.order_sending import End, OrderSender
from retail_pipeline.pipelines.order_push.outbox import Outbox
from retail_pipeline.pipelines.order_push.sender_lock import Post
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

# While orders pile up it says so often how far it is.
BEAT = timedelta(seconds=5)
log = logging.getLogger(__name__)


@dataclass
class PushLoop:
    """Pushes one shop's orders until it is relieved.

    Only a run that is at the post says that the shop has a sender: helpers must not hide that there is none.

    :param session: with the shop's database, in autocommit mode
    :param post: None: there is no other sender to be careful of, or it does not matter
    :param review: told every ``sweep_seconds``; rings where orders are about to miss their time, and returns at once
    :param unknown: told, at most as often, what Youshu said that no table knows
    :param stopped: whether the task is to end: what is on its way is finished, and no more
    :ivar ends: what became of all rows
    :ivar stands_in: it is at the post since no run is there
    """

    session: psycopg.Connection[Any]
    shop: Shop
    settings: OrderPush
    sender: OrderSender
    post: Post | None = None
    review: Callable[[], object] = lambda: None
    unknown: Callable[[UnknownApiError], object] = lambda _error: None
    stopped: Callable[[], bool] = lambda: False
    ends: Counter[End] = field(default_factory=Counter)
    stands_in: bool = field(default=False, init=False)
    _beat_at: datetime = field(default_factory=clock.now)
    _beat_accepted: int = 0
    _next_review: datetime = field(init=False)
    _unheard: UnknownApiError | None = None
    _capturing: OrderCapture | None = None
    _next_capture: datetime = field(default_factory=clock.now)

    def stay(self, post: Post, until: datetime) -> Counter[End]:
        """Be the sender whenever it is this run's turn, and stand by when a newer run sends.

        :param until: when to leave although nobody wants to take over
        """
        self.post = post
        while clock.now() < until and post.take((until - clock.now()).total_seconds()):
            self.run(until)
            post.leave()
        return self.ends

    def stand_in(self, post: Post, until: datetime) -> Counter[End]:
        """Be the sender until a run comes; sweep once where somebody else is at the post by now.

        :param until: when to leave although no run has come
        """
        if not post.take(0):
            return self.run(clock.now())
        self.post, self.stands_in = post, True
        self.run(until)
        post.leave()
        return self.ends

    def run(self, until: datetime) -> Counter[End]:
        """Sweep when rows come, and every ``sweep_seconds``; return what became of the rows.

        :param until: when to leave although nobody wants to take over
        """
        pusher, capture = self._pusher(), self._capture()
        self._capturing, self._next_capture = capture, clock.now() + self._period
        self._tell(
            None, None
        )  # before the first sweep, which may be long: since then the shop's orders are pushed
        with ThreadPoolExecutor(self.settings.most_threads, "push") as pool:
            next_sweep = self._next_review = clock.now()
            again = False
            while True:
                due = self._is_due(next_sweep)
                if due:
                    next_sweep = clock.now() + self._period
                    if capture:
                        capture.capture()
                if due or again:
                    again = enqueue_kept_out(self.session, self.shop.name)
                self._beat_at, self._beat_accepted = clock.now(), 0
                self._account(pusher.sweep(pool), tell=due)
                if self.post is None or self.post.relieved or clock.now() >= until:
                    return self.ends
                # Not at the sweep after: Youshu is left alone from some moment between two of them.
                wake = clock.now() if again else min(next_sweep, pusher.left_alone_until or next_sweep)
                self.post.wait(max(0.0, (wake - clock.now()).total_seconds()))

    @property
    def _period(self) -> timedelta:
        return timedelta(seconds=self.settings.sweep_seconds)

    def _is_due(self, moment: datetime) -> bool:
        """Return whether a moment has come; one further ahead than a period is of a clock that was set back."""
        return not clock.now() < moment <= clock.now() + self._period

    def _pusher(self) -> OrderPusher:
        outbox = Outbox(self.session, self.shop.name, self.settings, self.shop.order_sources)
        stop = self.post.asked_to_leave if self.post else self.stopped
        return OrderPusher(outbox, self.sender, self.settings, progress=self._progress, stop=stop)

    def _capture(self) -> OrderCapture | None:
        if self.shop.orders != "captured":
            return None
        return OrderCapture(self.session, self.shop.name, self.shop.order_sources, self.settings.lookback)

    def _account(self, sweep: Sweep, *, tell: bool) -> None:
        self.ends += sweep.ends
        if sweep.ends:
            told = ", ".join(f"{count} {end.value}" for end, count in sweep.ends.items())
            log.info("%s: %s", self.shop.name, told)
        if tell or sweep.last_error:
            self._tell(None, sweep.last_error)
            self._review(sweep)

    def _progress(self, sweep: Sweep) -> None:
        """Say how far it is, and when it will be done; what changes meanwhile is captured."""
        now = clock.now()
        if self._capturing and self._is_due(self._next_capture):
            self._next_capture = now + self._period
            self._capturing.capture(most_pages=1)  # orders that are on their way must be recorded soon
        past = (now - self._beat_at).total_seconds()
        if past < BEAT.total_seconds():
            return
        accepted = sweep.ends[End.ACCEPTED]
        rate = (accepted - self._beat_accepted) / past
        self._beat_at, self._beat_accepted = now, accepted
        waiting = self._tell(rate, sweep.last_error)
        done_in = f"done in about {waiting / rate:.0f} s" if rate else "nothing is taken at present"
        log.info("%s: %d orders wait, %.0f a second are taken: %s", self.shop.name, waiting, rate, done_in)
        self._review(sweep)

    def _review(self, sweep: Sweep) -> None:
        """Not at every turn: it is a question to the database."""
        self._unheard = sweep.unknown or self._unheard
        if self._is_due(self._next_review):
            self._next_review = clock.now() + self._period
            self.review()
            if self._unheard:
                self.unknown(self._unheard)
                self._unheard = None

    def _tell(self, rate: float | None, error: str | None) -> int:
        waiting = int(query(self.session, "youshu/push_backlog", {"shop": self.shop.name})[0]["waiting"])
        facts = {
            "shop": self.shop.name,
            "now": clock.now(),
            "waiting": waiting,
            "rate": rate,
            "error": error,
        }
        if self.post and not self.stands_in:
            query(self.session, "youshu/push_seen", facts)
        return waiting
