"""A shop's business day in ``youshu_order_summary``: summed up, checked, confirmed by a person, reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.alerts.usual_volume import DAYS
from retail_pipeline.business_time import Window, day_window
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.deliveries import REPORTED, Delivery, deliver_once
from retail_pipeline.pipelines.daily_reports.order_doubts import (
    Doubt,
    empty_doubt,
    is_empty,
    volume_doubt,
)
from retail_pipeline.pipelines.daily_reports.rows import OrderSummary, order_sum_body
from retail_pipeline.settings.nearest_names import Seller, unknown_shop
from retail_pipeline.settings.reports import OrderVolume
from retail_pipeline.settings.retail import Shop
from retail_pipeline.vendors.youshu.client import YoushuClient

if TYPE_CHECKING:
    import psycopg

# A shop that had no order for this time may be misspelt; the message names at most so many shops that have orders.
LOOKED_BACK = timedelta(days=30)
MAX_NAMED = 10


@dataclass(frozen=True)
class StoredDay:
    """The stored row of a day.

    :ivar doubt: why it looks wrong
    :ivar confirmed_at: when a person said that it is right
    """

    sums: OrderSummary
    status: int
    reported_at: datetime | None
    doubt: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True)
class OrderDay:
    """One day of one shop.

    :param session: with the shop's database, in autocommit mode
    """

    session: psycopg.Connection[Any]
    shop: Shop
    business_date: date

    def sum_up(self) -> OrderSummary:
        """Compute the sums anew and store them; a day whose sums changed becomes due for reporting again."""
        asked = {**self._key, **self._sources, **_span(day_window(self.business_date))}
        sums = query(self.session, "youshu/order_summary/compute", asked)[0]
        query(self.session, "youshu/order_summary/store", {**self._key, **sums, "now": clock.now()})
        return OrderSummary(**sums)

    def stored(self) -> StoredDay | None:
        """Return the stored row; None where there is none."""
        for row in query(self.session, "youshu/order_summary/find", self._key):
            facts = ("status", "reported_at", "doubt", "confirmed_at")
            return StoredDay(_summary(row), **{name: row[name] for name in facts})
        return None

    def examine(self, sums: OrderSummary, limits: OrderVolume) -> Doubt | None:
        """Check the stored sums, and record what looks wrong; None where they may be reported to Youshu.

        Sums that were reported or confirmed unchanged are not checked.
        """
        stored = self.stored()
        if stored and (stored.status == REPORTED or stored.confirmed_at):
            return None
        doubt = self._doubt(sums, limits)
        kept = {"doubt": doubt.why if doubt else None, "now": clock.now()}
        query(self.session, "youshu/order_summary/doubt", {**self._key, **kept})
        return replace(doubt, asked=bool(stored and stored.doubt)) if doubt else None

    def confirm(self, sums: OrderSummary) -> bool:
        """Record that a person confirms these sums; return whether they are still those of the day."""
        values = {**self._key, **vars(sums), "now": clock.now()}
        return bool(query(self.session, "youshu/order_summary/confirm", values))

    def report(self, client: YoushuClient, data_source_id: str, *, force: bool = False) -> Delivery:
        """Report the stored sums to Youshu, once."""

        def body_of(row: Mapping[str, Any]) -> str:
            return order_sum_body(data_source_id, self.business_date, _summary(row))

        again = partial(open_postgres, self.shop.store_conn_id)
        return deliver_once(
            self.session,
            "order_summary",
            self._key,
            body_of=body_of,
            send=client.add_order_sum,
            reopen=again,
            force=force,
        )

    def _doubt(self, sums: OrderSummary, limits: OrderVolume) -> Doubt | None:
        asked = {**self._key, "days": DAYS}
        before = [_summary(row) for row in query(self.session, "youshu/order_summary/days_before", asked)]
        if not is_empty(sums):
            return volume_doubt(sums, before, limits)
        day = day_window(self.business_date)
        lately = _span(Window(day.start - LOOKED_BACK, day.end))
        asked = {**self._key, **self._sources, **lately}
        if query(self.session, "youshu/order_summary/has_orders", asked)[0]["has_orders"]:
            return empty_doubt(before)
        sellers = query(self.session, "youshu/order_summary/sellers", {**lately, "limit": MAX_NAMED})
        named = [Seller(**row) for row in sellers]
        shop, days = self.shop, LOOKED_BACK.days
        return Doubt(unknown_shop("youshu_order", shop.name, shop.order_sources, named, days), empty=True)

    @property
    def _key(self) -> dict[str, Any]:
        return {"shop": self.shop.name, "business_date": self.business_date}

    @property
    def _sources(self) -> dict[str, Any]:
        return {"order_sources": list(self.shop.order_sources)}


def _span(window: Window) -> dict[str, datetime]:
    return {"from": window.start, "to": window.end}


def _summary(row: Mapping[str, Any]) -> OrderSummary:
    return OrderSummary(**{name: row[name] for name in OrderSummary.__annotations__})
