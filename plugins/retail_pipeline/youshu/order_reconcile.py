"""A shop's orders and returns against its outbox: what should have been enqueued and was not, is enqueued.

The capture reads again for as long as a transaction may last. One that lasts longer, or a backend whose clock is
slow, leaves changes behind that nobody reads any more; so does a place in a backend that forgets to enqueue. All of
them are in the shop's view, and not in its outbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline.postgres_session import query
from retail_pipeline.settings import Shop

if TYPE_CHECKING:
    import psycopg

# Read at once, without a lock; what lacks is enqueued one by one.
PAGE = 500
MOST_NAMED = 5


@dataclass
class Missing:
    """What the outbox of a shop lacks, or lacked.

    :ivar compared: orders and returns that changed in the window
    :ivar records: so many of them were not enqueued, or not as they are now
    :ivar states: that were reached and never enqueued
    :ivar changed: orders and returns that were enqueued, and not as they are now
    :ivar since: when the first of these states began, or the first of these orders changed
    :ivar named: a few of them, with their states
    """

    compared: int = 0
    records: int = 0
    states: int = 0
    changed: int = 0
    since: datetime | None = None
    named: list[str] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        """Count an order or return that is not in the outbox as it is."""
        states = row["states"] or []
        self.records += 1
        self.states += len(states)
        self.changed += not states
        self.since = min(self.since or row["since"], row["since"])
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{row['code']} {'+'.join(states) or 'changed'}")


class OrderReconcile:
    """Holds one shop's views of orders and returns against its outbox.

    :param session: with the shop's database, in autocommit mode
    :param lookback: what a transaction may last in the shop's database and still be captured
    """

    def __init__(self, session: psycopg.Connection[Any], shop: Shop, lookback: timedelta) -> None:
        self._session = session
        self._shop = shop
        self._lookback = lookback

    def reconcile(self, days: int, *, enqueue: bool) -> Missing:
        """Return what lacks of that which was changed within so many days, and enqueue it where that is asked for.

        What others have enqueued in the meantime is not missing.
        """
        missing = Missing()
        for what in ("order", "return"):
            for row in self._rows(what, days):
                missing.compared += 1
                lacks = bool(row["states"] or row["changed"])
                if lacks and not (enqueue and not self._enqueue(what, row["id"])):
                    missing.add(row)
        return missing

    def _enqueue(self, what: str, number: int) -> bool:
        values = {"shop": self._shop.name, "id": number}
        return bool(query(self._session, f"youshu/push_enqueue_missing_{what}", values)[0]["added"])

    def _rows(self, what: str, days: int) -> Iterator[dict[str, Any]]:
        """Yield all orders, or returns, that were changed in the window, page by page."""
        values = {"shop": self._shop.name, "what": what, "lookback": self._lookback}
        captured = self._shop.orders == "captured"
        for window in query(
            self._session, "youshu/push_compare_window", {**values, "captured": captured, "days": days}
        ):
            values |= {
                "order_sources": list(self._shop.order_sources),
                "until": window["until"],
                "limit": PAGE,
            }
            after_time, after_id = window["from"], -1
            while True:
                after = {"after_time": after_time, "after_id": after_id}
                page = query(self._session, f"youshu/push_compare_{what}s", {**values, **after})
                yield from page
                if len(page) < PAGE:
                    break
                after_time, after_id = page[-1]["changed_at"], page[-1]["id"]
