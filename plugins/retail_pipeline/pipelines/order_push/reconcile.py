"""A shop's orders and returns against its outbox: what should have been enqueued and was not, is enqueued.

The capture reads again for as long as a transaction may last. One that lasts longer, or a backend whose clock is
slow, leaves changes behind that nobody reads any more; so does a place in a backend that forgets to enqueue. All of
them are in the shop's view, and not in its outbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query
from retail_pipeline.pipelines.order_push.unreadable import raise_unless_of_values, unreadable
from retail_pipeline.settings.nearest_names import Seller, unknown_shop
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

# Read at once, without a lock; what lacks is enqueued one by one.
PAGE = 500
MAX_NAMED = 5
MAX_SELLERS = 10


@dataclass
class Missing:
    """What the outbox of a shop lacks, or lacked.

    :ivar compared: orders and returns that changed in the window
    :ivar records: so many of them were not enqueued, or not as they are now
    :ivar states: that were reached and never enqueued
    :ivar changed: orders and returns that were enqueued, and not as they are now
    :ivar mended: orders that lacked nothing but states that had been dead-lettered, and that can go out by now
    :ivar undated: records without changed_at, or without order_source: no capture can see them
    :ivar unreadable: orders and returns that the view, or the function that enqueues them, fails at
    :ivar since: when the first of these states began, or the first of these orders changed
    :ivar named: a few of them, with their states
    """

    compared: int = 0
    records: int = 0
    states: int = 0
    changed: int = 0
    mended: int = 0
    undated: int = 0
    unreadable: list[str] = field(default_factory=list)
    since: datetime | None = None
    named: list[str] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        """Count an order or return that is not in the outbox as it is."""
        if not lacks(row):
            self.mended += 1
            return
        states = row["states"] or []
        self.records += 1
        self.states += len(states)
        self.changed += not states
        self.since = min(self.since or row["since"], row["since"])
        if len(self.named) < MAX_NAMED:
            self.named.append(f"{row['code']} {'+'.join(states) or 'changed'}")

    def cannot_read(self, what: str, number: int, fault: Exception) -> None:
        """Name a record at which the database fails."""
        self.unreadable.append(unreadable(what, number, fault))


def lacks(row: dict[str, Any]) -> bool:
    """Return whether something of a record was not enqueued; what was dead-lettered was."""
    return bool(row["states"] or row["changed"])


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
            for row in self._rows(what, days, missing):
                missing.compared += 1
                self._judge(what, row, missing, enqueue=enqueue)
            for row in self._undated(what, days, missing):
                missing.undated += self._judge(what, row, missing, enqueue=enqueue)
        return missing

    def unknown_shop(self, days: int, missing: Missing) -> str | None:
        """Say that the view has no order of the shop within so many days, and whose it has; None where it has one.

        Nothing lacks of a shop whose name is misspelt, since nothing of it is found.

        :param missing: what was compared of these days
        """
        if missing.compared or missing.undated or missing.unreadable:
            return None
        shop, asked = self._shop, {"days": days, "limit": MAX_SELLERS}
        names = {"shop": shop.name, "order_sources": list(shop.order_sources)}
        if query(self._session, "youshu/push_has_shop", {**names, **asked})[0]["has_shop"]:
            return None
        sellers = [Seller(**row) for row in query(self._session, "youshu/push_sellers", asked)]
        return unknown_shop("youshu_order_push", shop.name, shop.order_sources, sellers, days)

    def _judge(self, what: str, row: dict[str, Any], missing: Missing, *, enqueue: bool) -> bool:
        """Add to what is missing, and return whether it was; one that cannot be enqueued holds up no other."""
        if not (lacks(row) or row["mended"]):
            return False
        try:
            if enqueue and not self._enqueue(what, row["id"]):
                return False
        except self._session.DatabaseError as fault:
            raise_unless_of_values(fault)
            missing.cannot_read(what, row["id"], fault)
            return False
        missing.add(row)
        return True

    def _enqueue(self, what: str, number: int) -> bool:
        values = {"shop": self._shop.name, "id": number}
        with self._session.transaction():
            query(self._session, "youshu/push_strictly", None)  # whoever enqueues here names what fails
            return bool(query(self._session, f"youshu/push_enqueue_missing_{what}", values)[0]["added"])

    def _rows(self, what: str, days: int, missing: Missing) -> Iterator[dict[str, Any]]:
        """Yield all orders, or returns, that were changed in the window, page by page."""
        for values in self._windows(what, days):
            after: dict[str, Any] = {"after_time": values["from"], "after_id": -1}
            while True:
                asked = {**values, **after}
                try:
                    page = query(self._session, f"youshu/push_compare_{what}s", {**asked, "only": None})
                except self._session.DatabaseError as fault:
                    raise_unless_of_values(fault)
                    keys = query(self._session, f"youshu/push_compare_keys_{what}s", asked)
                    yield from self._one_by_one(what, asked, keys, missing)
                else:
                    keys = page
                    yield from page
                if len(keys) < PAGE:
                    break
                after = {"after_time": keys[-1]["changed_at"], "after_id": keys[-1]["id"]}

    def _one_by_one(
        self, what: str, asked: dict[str, Any], keys: Sequence[dict[str, Any]], missing: Missing
    ) -> Iterator[dict[str, Any]]:
        """Yield what of a page can be read: one record at which the view fails must not hide the others."""
        for key in keys:
            try:
                yield from query(self._session, f"youshu/push_compare_{what}s", {**asked, "only": key["id"]})
            except self._session.DatabaseError as fault:
                raise_unless_of_values(fault)
                missing.cannot_read(what, key["id"], fault)

    def _undated(self, what: str, days: int, missing: Missing) -> Iterator[dict[str, Any]]:
        """Yield what has no place in time: by the moment of its creation, or without an order_source."""
        for values in self._windows(what, days):
            after_id = -1
            while True:
                asked = {**values, "after_id": after_id}
                try:
                    page = query(self._session, f"youshu/push_compare_undated_{what}s", asked)
                except self._session.DatabaseError as fault:
                    raise_unless_of_values(fault)
                    missing.cannot_read(f"{what} without a time, after", after_id, fault)
                    break
                yield from page
                if len(page) < PAGE:
                    break
                after_id = page[-1]["id"]

    def _windows(self, what: str, days: int) -> Iterator[dict[str, Any]]:
        values = {"shop": self._shop.name, "what": what, "lookback": self._lookback, "days": days}
        values["captured"] = self._shop.orders == "captured"
        for window in query(self._session, "youshu/push_compare_window", values):
            yield {**values, **window, "order_sources": list(self._shop.order_sources), "limit": PAGE}
