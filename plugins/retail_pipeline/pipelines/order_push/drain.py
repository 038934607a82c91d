"""One drain of a shop's outbox: what is due is claimed, sent by as many threads as it takes, and recorded."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from retail_pipeline import clock
from retail_pipeline.errors import PermanentApiError, UnknownApiError
from retail_pipeline.pipelines.order_push.dead_letters import DeadLetterRule
from retail_pipeline.pipelines.order_push.order_sending import Batch, End, OrderSender, Outcome, batches
from retail_pipeline.pipelines.order_push.outbox import CALL, FAILED, TIMEOUT, Outbox, Waiting
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.vendors.vendor_words import without_values

# While calls are on their way, so often what has become due meanwhile is looked for.
LOOK_SECONDS: Final = 1.0
log = logging.getLogger(__name__)


@dataclass
class Drained:
    """What a drain came to.

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
        progress: Callable[[Drained], None] = lambda _sweep: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._dead_letter_rule = DeadLetterRule()
        self._wait: tuple[datetime, datetime] | None = None
        self._fresh: deque[Batch] = deque()
        self._tried: deque[Batch] = deque()
        self._fresh_is_next = True
        self._flying: dict[Future[list[Outcome]], Batch] = {}
        self._warned: set[str] = set()

    def drain(self, pool: ThreadPoolExecutor) -> Drained:
        """Send all that is due; nothing while Youshu is left alone.

        :param pool: of ``max_threads`` threads
        :raises PermanentApiError: Youshu refuses us; what was claimed is given back or recorded
        """
        drained = Drained()
        if self.left_alone_until:
            return drained
        self._wait, self._fresh_is_next = None, True
        try:
            self._send_all(pool, drained)
        finally:
            self._settle(drained)
        return drained

    @property
    def left_alone_until(self) -> datetime | None:
        """Return until when Youshu is left alone; None: it is not. A clock that was set back ends it."""
        if self._wait and self._wait[0] <= clock.now() < self._wait[1]:
            return self._wait[1]
        return None

    def _send_all(self, pool: ThreadPoolExecutor, drained: Drained) -> None:
        threads = 1
        while True:
            threads = self._claim(threads)
            self._keep_leases()
            while (self._fresh or self._tried) and len(self._flying) < threads and not self._leaving:
                batch = self._next()
                self._flying[pool.submit(self._sender.send, batch)] = batch
            if not self._flying:
                return
            landed, _ = wait(self._flying, LOOK_SECONDS, FIRST_COMPLETED)
            for future in landed:
                self._land(future, drained)
            self._progress(drained)

    def _claim(self, threads: int) -> int:
        """Claim what is due; return by how many threads it is sent.

        Calm: one. Where there is more than they can carry: twice as many, and so on.
        """
        if self._leaving:
            return threads
        most = threads * self._settings.batch_orders
        room = [most if len(queue) < threads else 0 for queue in (self._fresh, self._tried)]
        rows = self._outbox.claim(*room) if any(room) else []
        fresh = [row for row in rows if row.push_num == 1]
        self._fresh.extend(batches(fresh, self._settings))
        self._tried.extend(batches([row for row in rows if row.push_num > 1], self._settings))
        waiting = len(self._fresh) + len(self._tried)
        crowded = len(fresh) == most or waiting > threads - len(self._flying)
        return min(2 * threads, self._settings.max_threads) if crowded else threads

    def _next(self) -> Batch:
        """Take what is new and what was tried before in turn: neither waits for the other."""
        first, second = (self._fresh, self._tried) if self._fresh_is_next else (self._tried, self._fresh)
        taken = first or second
        self._fresh_is_next = taken is self._tried
        return taken.popleft()

    def _keep_leases(self) -> None:
        """Renew what would be over in the middle of a call; what is over is sent by whoever claims it next."""
        now = clock.now()
        held = [*self._flying.values(), *self._fresh, *self._tried]
        rows = [row for batch in held for row in batch.rows]
        if all(now + CALL <= row.lease_end for row in rows):
            return
        renewed = {row.id: row for row in self._outbox.renew(rows)}
        self._flying = {future: _only(batch, renewed) for future, batch in self._flying.items()}
        lost = [row for batch in (*self._fresh, *self._tried) for row in batch.rows if row.id not in renewed]
        self._outbox.unsent(lost)
        for queue in (self._fresh, self._tried):
            left = [only for batch in queue if (only := _only(batch, renewed)).rows]
            queue.clear()
            queue.extend(left)

    @property
    def _leaving(self) -> bool:
        return self._wait is not None or self._stop()

    def _land(self, future: Future[list[Outcome]], drained: Drained) -> None:
        """Record what became of a batch."""
        batch = self._flying.pop(future)
        try:
            outcomes = future.result()
        except Exception as fault:
            drained.last_error = str(fault)
            self._outbox.not_accepted(batch.rows, FAILED, str(fault))
            raise
        for outcome in outcomes:
            if outcome.end is End.DEAD_LETTERED and outcome.answered:
                self._conclude(self._dead_letter_rule.refused(outcome), drained)
            else:
                self._conclude([outcome], drained)

    def _conclude(self, outcomes: Iterable[Outcome], drained: Drained) -> None:
        for outcome in outcomes:
            drained.ends[outcome.end] += len(outcome.rows)
            self._record(outcome)
            self._react(outcome, drained)

    def _record(self, outcome: Outcome) -> None:
        if outcome.end is End.ACCEPTED:
            self._outbox.accepted(outcome.rows, outcome.answer, outcome.warnings)
            self._warn(outcome)
        elif outcome.end is End.DEAD_LETTERED:
            self._outbox.dead_lettered(outcome.rows, outcome.answer)
            log.warning("dead-lettered: %s", ", ".join(f"{r.order_code} {r.push_type}" for r in outcome.rows))
        else:
            status = TIMEOUT if outcome.end is End.TIMEOUT else FAILED
            # Youshu is there, and takes some of them perhaps: in smaller company, at once.
            apart = outcome.answered and len(outcome.rows) > 1
            self._outbox.not_accepted(outcome.rows, status, outcome.answer, at_once=apart)

    def _warn(self, outcome: Outcome) -> None:
        """Say of each rule once that orders break it: they may be many, and each is on record in the outbox."""
        for row in outcome.rows:
            told = outcome.warnings.get(row.id)
            if told and (rule := told.split(" is ")[0]) not in self._warned:
                self._warned.add(rule)
                log.warning("%s %s was sent, odd as it is: %s", row.order_code, row.push_type, told)

    def _react(self, outcome: Outcome, drained: Drained) -> None:
        """Leave Youshu alone where it takes nothing, or asks for it; make haste where it takes something again."""
        if outcome.end is End.ACCEPTED:
            below = self._dead_letter_rule.standstill.taken()
            if below != 0:
                self._outbox.bring_forward(below)
            self._conclude(self._dead_letter_rule.taken(outcome), drained)
        elif outcome.end is not End.DEAD_LETTERED:
            drained.last_error = said = without_values(outcome.answer)
            drained.unknown = outcome.unknown or drained.unknown
            if self._dead_letter_rule.standstill.failed(outcome):
                pause = outcome.pause or timedelta(seconds=self._settings.drain_seconds)
                self._wait = clock.now(), clock.now() + pause
                log.warning("Youshu is left alone for %.0f s: %s", pause.total_seconds(), said)

    def _settle(self, drained: Drained) -> None:
        """Give back what is not on its way, and wait for what is: something went wrong, or Youshu is left alone."""
        self._outbox.unsent([row for batch in (*self._fresh, *self._tried) for row in batch.rows])
        self._fresh.clear()
        self._tried.clear()
        wait(self._flying)
        for future in list(self._flying):
            try:
                self._land(future, drained)
            except PermanentApiError as error:
                log.warning("also refused: %s", error)  # as the one that is being raised
        self._conclude(self._dead_letter_rule.undecided(), drained)


def _only(batch: Batch, rows: Mapping[int, Waiting]) -> Batch:
    """Return what of a batch is still held."""
    return replace(batch, rows=[rows[row.id] for row in batch.rows if row.id in rows])
