"""One drain of a shop's outbox: claims due rows, sends them in as many threads as needed, records the results."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from retail_pipeline import clock
from retail_pipeline.errors import PermanentApiError, UnknownApiError
from retail_pipeline.pipelines.order_push.dead_letters import DeadLetterRule
from retail_pipeline.pipelines.order_push.order_sending import Batch, BatchSender, End, Outcome, batches
from retail_pipeline.pipelines.order_push.outbox import CALL, FAILED, TIMEOUT, Outbox, Waiting
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.vendors.vendor_words import without_values

# While calls are on their way, new due rows are looked for at this interval.
LOOK_SECONDS: Final = 1.0
log = logging.getLogger(__name__)


@dataclass
class Drained:
    """The result of a drain.

    :ivar ends: how many rows, by outcome
    :ivar last_error: Youshu's answer where not all was taken
    :ivar unknown: the last error that our tables of errors do not know
    """

    ends: Counter[End] = field(default_factory=Counter)
    last_error: str | None = None
    unknown: UnknownApiError | None = None


class OrderPusher:
    """Empties the outbox of one shop. Not thread-safe; the outbox is only used by the calling thread.

    :param progress: called after every batch
    :param stop: asked between batches; true: finish the calls on their way, and start no others
    """

    def __init__(
        self,
        outbox: Outbox,
        sender: BatchSender,
        settings: OrderPush,
        *,
        progress: Callable[[Drained], None] = lambda _drained: None,
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
        """Send all rows that are due; none during a pause of calls.

        :param pool: of ``max_threads`` threads
        :raises PermanentApiError: Youshu refuses us; claimed rows are given back or recorded
        """
        drained = Drained()
        if self.left_alone_until:
            return drained
        self._wait, self._fresh_is_next = None, True
        try:
            self._send_all(pool, drained)
        finally:
            self._give_back(drained)
        return drained

    @property
    def left_alone_until(self) -> datetime | None:
        """Return until when Youshu is not called; None: there is no pause. A clock that was set back ends it."""
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
                in_its_context = copy_context().run  # by which the log knows the shop
                self._flying[pool.submit(in_its_context, self._sender.send, batch)] = batch
            if not self._flying:
                return
            landed, _ = wait(self._flying, LOOK_SECONDS, FIRST_COMPLETED)
            for future in landed:
                self._land(future, drained)
            self._progress(drained)

    def _claim(self, threads: int) -> int:
        """Claim the rows that are due; return the number of threads that send them.

        One thread normally; where there is more than the threads can send, twice as many, and so on.
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
        """Take new rows and rows that were tried before in turn: neither wait for the other."""
        first, second = (self._fresh, self._tried) if self._fresh_is_next else (self._tried, self._fresh)
        taken = first or second
        self._fresh_is_next = taken is self._tried
        return taken.popleft()

    def _keep_leases(self) -> None:
        """Renew leases that would end during a call; rows whose lease has ended are sent by the next claimer."""
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
        """Record the outcomes of a batch."""
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
            # Youshu answers, and may take some of them: they are sent again in smaller batches, at once.
            apart = outcome.answered and len(outcome.rows) > 1
            self._outbox.not_accepted(outcome.rows, status, outcome.answer, at_once=apart)

    def _warn(self, outcome: Outcome) -> None:
        """Log once for each rule that orders break it: they may be many, and the outbox records each."""
        for row in outcome.rows:
            told = outcome.warnings.get(row.id)
            if told and (rule := told.split(" is ")[0]) not in self._warned:
                self._warned.add(rule)
                log.warning("%s %s was sent, odd as it is: %s", row.order_code, row.push_type, told)

    def _react(self, outcome: Outcome, drained: Drained) -> None:
        """Pause where Youshu takes nothing or asks for it; go on at once where it takes something again."""
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

    def _give_back(self, drained: Drained) -> None:
        """Give back rows that are not on their way, and wait for the others: after an error, or for a pause."""
        self._outbox.unsent([row for batch in (*self._fresh, *self._tried) for row in batch.rows])
        self._fresh.clear()
        self._tried.clear()
        wait(self._flying)
        for future in list(self._flying):
            try:
                self._land(future, drained)
            except PermanentApiError as error:
                log.warning("also refused: %s", error)  # the same as the one that is being raised
        self._conclude(self._dead_letter_rule.undecided(), drained)


def _only(batch: Batch, rows: Mapping[int, Waiting]) -> Batch:
    """Return the rows of a batch that are still held."""
    return replace(batch, rows=[rows[row.id] for row in batch.rows if row.id in rows])
