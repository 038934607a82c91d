"""Sweeps of a shop's outbox on a simulated clock, with the real PostgreSQL and the sandbox that remembers states."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg

from retail_pipeline.pipelines.order_push.drain import OrderPusher
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.outbox import Outbox
from retail_pipeline.pipelines.order_push.reconcile import Missing, OrderReconcile
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop
from tests.clients import youshu_client
from tests.conftest import SimulatedClock, server_url
from tests.order_push.orders import ShopOrders
from tests.sandbox_control import SandboxControl

PATH = "/data-api/v1/order/add_order"


@dataclass
class Pushes:
    """Drives senders of one shop."""

    shop: ShopOrders
    sandbox: SandboxControl
    clock: SimulatedClock
    settings: OrderPush = field(default_factory=OrderPush)
    _pushers: list[OrderPusher] = field(default_factory=list)
    _sessions: list[psycopg.Connection[Any]] = field(default_factory=list)

    def pusher(self, session: psycopg.Connection[Any] | None = None, **how: Any) -> OrderPusher:
        """Return a sender as a task of its own would be."""
        outbox = Outbox(session or self.session(), self.shop.shop, self.settings, (1,))
        source = self.sandbox.credentials("youshu")["data_source_id"]
        sender = BatchSender(youshu_client(self.sandbox), source, self.settings.strict_rules)
        return OrderPusher(outbox, sender, self.settings, **how)

    def session(self) -> psycopg.Connection[Any]:
        self._sessions.append(psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True))
        return self._sessions[-1]

    def begin_anew(self) -> None:
        """End all senders: a property has so many examples that their sessions would fill the server."""
        for session in self._sessions:
            session.close()
        self._sessions.clear()
        self._pushers.clear()

    def drain(self, pusher: OrderPusher | None = None) -> Counter[End]:
        """Drain once."""
        if not pusher:
            self._pushers = self._pushers or [self.pusher()]
            pusher = self._pushers[0]
        with ThreadPoolExecutor(self.settings.max_threads) as pool:
            return pusher.drain(pool).ends

    def drain_until_empty(self, most: timedelta = timedelta(hours=2)) -> timedelta:
        """Drain each half minute until nothing waits; return how long that took."""
        began = self.clock.moment
        self.drain()
        while self.waiting():
            self.clock.advance(timedelta(seconds=self.settings.drain_seconds))
            assert self.clock.moment - began <= most, "the outbox is not emptied"
            self.drain()
        return self.clock.moment - began

    def waiting(self) -> int:
        """Return how many rows are still to be sent."""
        return len([row for row in self.shop.rows() if row["status"] in (0, 2, 3)])

    def told(self, order: int | str) -> list[str]:
        """Return the states of an order that Youshu has accepted, in the order in which they came."""
        number = order if isinstance(order, str) else f"N{order}"
        found = [each for each in self.sandbox.ask("orders") if each["id"] == number]
        return [state["status"] for each in found for state in each["states"]]

    def totals(self) -> dict[str, int]:
        """Return what the sandbox counts of all orders."""
        return self.sandbox.ask("order_totals")[0]

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls of add_order that reached the sandbox."""
        return self.sandbox.journal(PATH)


def night(shop: ShopOrders) -> Missing:
    """Let the night compare every order, as if it had changed an hour ago by the database's clock."""
    shop.store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at)"
        " VALUES (%s, now(), 0, '-infinity') ON CONFLICT (shop) DO NOTHING",
        [shop.shop],
    )
    shop.store.execute("UPDATE t_store_order SET last_modify_time = now() - interval '1 hour'")
    names = dict.fromkeys(("store_conn_id", "wechat_conn_id", "youshu_conn_id"), "")
    settings = Shop(name=shop.shop, reports=(), orders="enqueued", **names)
    return OrderReconcile(shop.store, settings, timedelta(minutes=5)).reconcile(1, enqueue=True)
