"""A shop's views → the rehearsal: the orders and returns that changed last, and those that cannot be read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query
from retail_pipeline.pipelines.order_push.rehearsal import ReturnSample, Sample
from retail_pipeline.pipelines.order_push.unreadable import raise_unless_of_values, unreadable
from retail_pipeline.settings.order_push import STATES
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

# The latest orders show as much as all orders.
MAX_ORDERS = 5000


class ShopSamples:
    """Reads one shop's views.

    :param session: with the shop's database, in autocommit mode
    :ivar unreadable: orders and returns at which the view fails, or with values that no driver can read
    """

    def __init__(self, session: psycopg.Connection[Any], shop: Shop, since: datetime) -> None:
        self._session = session
        sources = list(shop.order_sources)
        self._asked = {"shop": shop.name, "from": since, "order_sources": sources, "limit": MAX_ORDERS}
        self.unreadable: list[str] = []

    def orders(self) -> list[Sample]:
        """Return orders, the latest first."""
        return [
            Sample(
                order_id=row["order_id"],
                order_code=row["order_code"],
                reached={state: row[state] for state in STATES if row[state] is not None},
                detail=row["detail"],
                changed_at=row["changed_at"],
                untold=row["untold"],
            )
            for row in self._rows("order")
        ]

    def returns(self) -> list[ReturnSample]:
        """Return finished returns, the latest first."""
        return [ReturnSample(**row) for row in self._rows("return")]

    def _rows(self, what: str) -> list[dict[str, Any]]:
        try:
            return query(self._session, f"youshu/rehearsal/{what}s", {**self._asked, "only": None})
        except self._session.DatabaseError as fault:
            raise_unless_of_values(fault)
        keys = query(self._session, f"youshu/rehearsal/keys_{what}s", self._asked)
        return [row for key in keys for row in self._row(what, key["id"])]

    def _row(self, what: str, number: int) -> list[dict[str, Any]]:
        try:
            return query(self._session, f"youshu/rehearsal/{what}s", {**self._asked, "only": number})
        except self._session.DatabaseError as fault:
            raise_unless_of_values(fault)
            self.unreadable.append(unreadable(what, number, fault))
            return []
