"""Compares a shop's orders and returns with its outbox, and enqueues those that are missing.

The capture reads changes again for as long as a transaction may last. A transaction that lasts longer, or a backend
whose clock is slow, leaves changes that the capture never reads; so does code in a backend that forgets to enqueue.
All of these orders are in the shop's view, and not in its outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query
from retail_pipeline.pipelines.order_push.unreadable import raise_unless_of_values, unreadable
from retail_pipeline.settings.nearest_names import Seller, unknown_shop
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

# Rows of a page, read without a lock; missing orders are enqueued one by one.
PAGE = 500
MAX_NAMED = 5
MAX_SELLERS = 10


@dataclass
class Missing:
    """The orders and returns that were missing from a shop's outbox.

    :ivar compared: orders and returns that changed in the window
    :ivar records: how many of them were not enqueued, or have changed since
    :ivar states: states that were reached and never enqueued
    :ivar changed: orders and returns that have changed since they were enqueued
    :ivar mended: orders that missed only dead-lettered states, and that can be sent by now
    :ivar undated: records without changed_at, or without order_source, which no capture can see
    :ivar unreadable: orders and returns at which the view, or the function that enqueues them, fails
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
        """Count an order or return whose present state is not in the outbox."""
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
    """Return whether a part of a record was never enqueued; dead-lettered states were enqueued."""
    return bool(row["states"] or row["changed"])


class OrderReconcile:
    """Compares one shop's views of orders and returns with its outbox.

    :param session: with the shop's database, in autocommit mode
    :param lookback: how long a transaction may last in the shop's database and still be captured
    """

    def __init__(self, session: psycopg.Connection[Any], shop: Shop, lookback: timedelta) -> None:
        self._session = session
        self._shop = shop
        self._lookback = lookback

    def reconcile(
        self, days: int, *, enqueue: bool, told: Callable[[int], None] = lambda _compared: None
    ) -> Missing:
        """Return what is missing among the changes of so many days, and enqueue it on request.

        Records that others have enqueued in the meantime are not missing.

        :param told: is called with the number of records compared so far
        """
        missing = Missing()
        for what in ("order", "return"):
            for row in self._rows(what, days, missing):
                missing.compared += 1
                told(missing.compared)
                self._judge(what, row, missing, enqueue=enqueue)
            for row in self._undated(what, days, missing):
                missing.undated += self._judge(what, row, missing, enqueue=enqueue)
        return missing

    def unknown_shop(self, days: int, missing: Missing) -> str | None:
        """Return a message where the view has no order of the shop in so many days; it names the shops that it has.

        Nothing is missing of a shop whose name is misspelt, since no order of it is found.

        :param missing: the comparison of these days
        """
        if missing.compared or missing.undated or missing.unreadable:
            return None
        shop, asked = self._shop, {"days": days, "limit": MAX_SELLERS}
        names = {"shop": shop.name, "order_sources": list(shop.order_sources)}
        if query(self._session, "youshu/compare/has_shop", {**names, **asked})[0]["has_shop"]:
            return None
        sellers = [Seller(**row) for row in query(self._session, "youshu/compare/sellers", asked)]
        return unknown_shop("youshu_order_push", shop.name, shop.order_sources, sellers, days)

    def _judge(self, what: str, row: dict[str, Any], missing: Missing, *, enqueue: bool) -> bool:
        """Count a missing record; return whether it was missing. One that cannot be enqueued does not stop others."""
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
            query(self._session, "youshu/enqueue/strictly", None)  # here an error names the record
            return bool(query(self._session, f"youshu/enqueue/missing_{what}", values)[0]["added"])

    def _rows(self, what: str, days: int, missing: Missing) -> Iterator[dict[str, Any]]:
        """Yield all orders, or returns, that were changed in the window, page by page."""
        for values in self._windows(what, days):
            after: dict[str, Any] = {"after_time": values["from"], "after_id": -1}
            while True:
                asked = {**values, **after}
                try:
                    page = query(self._session, f"youshu/compare/{what}s", {**asked, "only": None})
                except self._session.DatabaseError as fault:
                    raise_unless_of_values(fault)
                    keys = query(self._session, f"youshu/compare/keys_{what}s", asked)
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
        """Yield the readable records of a page: one at which the view fails must not hide the others."""
        for key in keys:
            try:
                yield from query(self._session, f"youshu/compare/{what}s", {**asked, "only": key["id"]})
            except self._session.DatabaseError as fault:
                raise_unless_of_values(fault)
                missing.cannot_read(what, key["id"], fault)

    def _undated(self, what: str, days: int, missing: Missing) -> Iterator[dict[str, Any]]:
        """Yield records without changed_at, by the time of their creation, and records without an order_source."""
        for values in self._windows(what, days):
            after_id = -1
            while True:
                asked = {**values, "after_id": after_id}
                try:
                    page = query(self._session, f"youshu/compare/undated_{what}s", asked)
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
        for window in query(self._session, "youshu/compare/window", values):
            yield {**values, **window, "order_sources": list(self._shop.order_sources), "limit": PAGE}
