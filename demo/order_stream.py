"""Places an order every half second, for as long as the time that orders take is to be measured."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg

from devstack.steps import StackError
from sandbox.shop.live import Event, Play
from sandbox.shop.orders import MINI_PROGRAM

_EVERY = 0.5
_ACCEPTED = """
SELECT order_id, accepted_at FROM t_store_youshu_request WHERE order_id = ANY (%s) AND push_type = '1110'"""


@dataclass
class OrderStream:
    """Orders of a shop whose backend enqueues.

    :ivar committed: when each order was committed, by its id
    """

    store: str
    shop: str
    committed: dict[int, datetime] = field(default_factory=dict)

    def run(self, seconds: float) -> None:
        """Place the orders; while the database is away, an order waits until it is back."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self._place_until(end)
            except psycopg.OperationalError:
                time.sleep(0.1)

    def _place_until(self, end: float) -> None:
        with psycopg.connect(self.store, autocommit=True) as connection:
            play = Play(connection, self.shop, enqueue=True, now=lambda: datetime.now(UTC))
            orders = play.orders(1000, seed=len(self.committed))
            for order in (each for each in orders if each.source == MINI_PROGRAM):  # others are not agreed
                play.step(Event(timedelta(0), order, "created"))
                self.committed[order.id] = datetime.now(UTC)
                if time.monotonic() > end:
                    return
                time.sleep(_EVERY)

    def max_wait(self, since: datetime, limit: float = 300) -> float:
        """Return the longest wait of the orders that were committed since then."""
        accepted = self._accepted(limit)
        return max(
            (accepted[order] - committed).total_seconds()
            for order, committed in self.committed.items()
            if committed >= since
        )

    def _accepted(self, limit: float) -> dict[int, datetime]:
        end = time.monotonic() + limit
        while time.monotonic() < end:
            with psycopg.connect(self.store) as connection:
                rows = connection.execute(_ACCEPTED.encode(), [list(self.committed)]).fetchall()
            accepted = {order: moment for order, moment in rows if moment}
            if len(accepted) == len(self.committed):
                return accepted
            time.sleep(0.5)
        raise StackError(f"{len(self.committed) - len(accepted)} orders were not sent within {limit:.0f} s")
