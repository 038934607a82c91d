"""One sweep of a shop's outbox: what is due is claimed, sent by as many threads as it takes, and recorded."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from retail_pipeline import clock
from retail_pipeline.errors import PermanentApiError, UnknownApiError
from retail_pipeline.order_push_settings import OrderPush
from retail_pipeline.youshu.order_sending import Batch, End, OrderSender, Outcome, batches
from retail_pipeline.youshu.outbox import FAILED, TIMEOUT, Outbox

# One call that gets no answer may be bad luck; after so many in a row Youshu is left alone until the next sweep.
TROUBLES = 2
log = logging.getLogger(__name__)


@dataclass
class Sweep:
    """What a sweep came to.

    :ivar ends: how many rows, by what became of them
    :ivar last_error: Youshu's words where not all was taken
    :ivar unknown: the last of its errors that no table knows
    """

    ends: Counter[End] = field(default_factory=Counter)
    last_error: str | None = None
    unknown: UnknownApiError | None = None


class OrderPusher:
    """Empties the outbox of one shop. Not thread-safe; the outbox is only used by the calling thread.

    :param progress: told after every batch
    :param stop: asked between batches; true: finish what is on its way, and no more
    """

    def __init__(
        self,
        outbox: Outbox,
        sender: OrderSender,
        settings: OrderPush,
        *,
        progress: Callable[[Sweep], None] = lambda _sweep: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._troubles = 0
        self._wait: tuple[datetime, datetime] | None = None
        self._waiting: deque[Batch] = deque()
        self._flying: dict[Future[list[Outcome]], Batch] = {}
        self._warned: set[str] = set()

    def sweep(self, pool: ThreadPoolExecutor) -> Sweep:
        """Send all that is due; nothing while Youshu is left alone.

        :param pool: of ``most_threads`` threads
        :raises PermanentApiError: Youshu refuses us; what was claimed is given back or recorded
        """
        sweep = Sweep()
        if self.left_alone_until:
            return sweep
        self._wait = None
        try:
            self._send_all(pool, sweep)
        finally:
            self._settle(sweep)
        return sweep

    @property
    def left_alone_until(self) -> datetime | None:
        """Return until when Youshu is left alone; None: it is not. A clock that was set back ends it."""
        if self._wait and self._wait[0] <= clock.now() < self._wait[1]:
            return self._wait[1]
        return None

    def _send_all(self, pool: ThreadPoolExecutor, sweep: Sweep) -> None:
        threads, dry = 1, False
        while True:
            if not dry and len(self._waiting) < threads and not self._leaving:
                most = threads * self._settings.batch_orders
                rows = self._outbox.claim(most)
                self._waiting.extend(batches(rows, self._settings))
                dry = not rows
                # Calm: one thread. Where there is more than it can carry: twice as many, and so on.
                threads = min(2 * threads, self._settings.most_threads) if len(rows) == most else threads
            while self._waiting and len(self._flying) < threads and not self._leaving:
                batch = self._waiting.popleft()
                self._flying[pool.submit(self._sender.send, batch)] = batch
            if not self._flying:
                return
            landed, _ = wait(self._flying, return_when=FIRST_COMPLETED)
            for future in landed:
                self._land(future, sweep)
            self._progress(sweep)
            dry = False  # what waited for these may be due now

    @property
    def _leaving(self) -> bool:
        return self._wait is not None or self._stop()

    def _land(self, future: Future[list[Outcome]], sweep: Sweep) -> None:
        """Record what became of a batch."""
        batch = self._flying.pop(future)
        try:
            outcomes = future.result()
        except Exception as fault:
            sweep.last_error = str(fault)
            self._outbox.not_accepted(batch.rows, FAILED, str(fault))
            raise
        for outcome in outcomes:
            sweep.ends[outcome.end] += len(outcome.rows)
            self._record(outcome)
            self._heed(outcome, sweep)

    def _record(self, outcome: Outcome) -> None:
        if outcome.end is End.ACCEPTED:
            self._outbox.accepted(outcome.rows, outcome.answer, outcome.warnings)
            self._warn(outcome)
        elif outcome.end is End.SET_ASIDE:
            self._outbox.set_aside(outcome.rows, outcome.answer)
            log.warning("set aside: %s", ", ".join(f"{r.order_code} {r.push_type}" for r in outcome.rows))
        else:
            status = TIMEOUT if outcome.end is End.TIMEOUT else FAILED
            self._outbox.not_accepted(outcome.rows, status, outcome.answer)

    def _warn(self, outcome: Outcome) -> None:
        """Say of each rule once that orders break it: they may be many, and each is on record in the outbox."""
        for row in outcome.rows:
            told = outcome.warnings.get(row.id)
            if told and (rule := told.split(" is ")[0]) not in self._warned:
                self._warned.add(rule)
                log.warning("%s %s was sent, odd as it is: %s", row.order_code, row.push_type, told)

    def _heed(self, outcome: Outcome, sweep: Sweep) -> None:
        """Leave Youshu alone where it does not answer, or asks for it; make haste where it answers again."""
        if outcome.end is End.ACCEPTED:
            if self._troubles:
                self._outbox.bring_forward()
            self._troubles = 0
        elif outcome.end is not End.SET_ASIDE:
            sweep.last_error = outcome.answer
            sweep.unknown = outcome.unknown or sweep.unknown
            self._troubles += 1
            if self._troubles >= TROUBLES or outcome.pause:
                pause = outcome.pause or timedelta(seconds=self._settings.sweep_seconds)
                self._wait = clock.now(), clock.now() + pause
                log.warning("Youshu is left alone for %.0f s: %s", pause.total_seconds(), outcome.answer)

    def _settle(self, sweep: Sweep) -> None:
        """Give back what is not on its way, and wait for what is: something went wrong, or Youshu is left alone."""
        self._outbox.unsent([row for batch in self._waiting for row in batch.rows])
        self._waiting.clear()
        wait(self._flying)
        for future in list(self._flying):
            try:
                self._land(future, sweep)
            except PermanentApiError as error:
                log.warning("also refused: %s", error)  # as the one that is being raised
