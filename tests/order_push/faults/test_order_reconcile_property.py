"""However long transactions last, however slow clocks are: each state is enqueued once in the end, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.pipelines.order_push import capture as captures
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.reconcile import Missing, OrderReconcile
from retail_pipeline.settings.retail import Shop
from tests.conftest import SimulatedClock, server_url
from tests.examples import examples
from tests.order_push.orders import SHOP, ShopOrders

COURSES = (["1110", "1150", "1160", "1180"], ["1110", "1150", "1140"], ["1110", "1130"])
LOOKBACK = timedelta(minutes=5)
# How slow each writer's clock is; an order is always written by the same one.
SLOW = (timedelta(0), timedelta(minutes=3), timedelta(minutes=40))
ORDERS = st.integers(1, 3)
STEPS = st.one_of(
    st.tuples(st.just("go_on"), ORDERS, st.booleans()),
    st.tuples(st.just("go_on"), ORDERS, st.booleans()),
    st.tuples(st.just("go_on"), ORDERS, st.booleans()),
    st.tuples(st.just("change"), ORDERS, st.booleans()),
    st.tuples(st.just("change"), ORDERS, st.booleans()),
    st.tuples(st.just("finish"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("finish"), st.integers(0, 2), st.just(True)),
    st.tuples(st.just("wait"), st.integers(1, 1200)),
    st.tuples(st.just("capture")),
    st.tuples(st.just("send"), st.integers(1, 3)),
    st.tuples(st.just("night")),
)


class Story:
    """One shop, three writers with transactions that stay open, the capture or their own calls, and the nights."""

    def __init__(self, store: psycopg.Connection[Any], clock: SimulatedClock, orders: str) -> None:
        self.store, self.clock, self.orders = store, clock, orders
        self.shop = Shop(
            name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders=orders
        )
        self.reached: dict[int, list[str]] = {}
        self.accepted: dict[int, list[int]] = {}
        self._before: list[dict[int, list[str]]] = [{}, {}, {}]
        self._freight = 5
        sessions = [psycopg.connect(server_url("STORE_POSTGRES_URL")) for _ in SLOW]
        self._writers = [ShopOrders(session) for session in sessions]

    def close(self) -> None:
        for writer in self._writers:
            writer.store.close()

    def go_on(self, number: int, calls: bool) -> None:
        """Let an order reach its next state, in a transaction that stays open."""
        reached, course = self.reached.get(number, []), COURSES[number % 3]
        if len(reached) == len(course):
            return
        writer, calls = self._writing(number), calls and self.orders == "enqueued"
        if reached:
            writer.reach(number, course[len(reached)], enqueue=calls)
        else:
            writer.place(number, enqueue=calls)
        self.reached[number] = course[: len(reached) + 1]

    def change(self, number: int, calls: bool) -> None:
        if number in self.reached:
            self._freight += 1
            writer = self._writing(number)
            writer.move_house(number, f"{self._freight}.00", enqueue=calls and self.orders == "enqueued")

    def finish(self, which: int, well: bool) -> None:
        """Let a writer commit what it has written, or roll it back."""
        session = self._writers[which].store
        if well:
            session.commit()
        else:
            session.rollback()
            for number, reached in self._before[which].items():
                self.reached.pop(number)
                self.reached |= {number: reached} if reached else {}
        self._before[which] = {}

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def capture(self) -> None:
        if self.orders == "captured":
            OrderCapture(self.store, SHOP, [1], LOOKBACK).capture()

    def night(self) -> Missing:
        return OrderReconcile(self.store, self.shop, LOOKBACK).reconcile(3, enqueue=True)

    def send(self, times: int) -> int:
        """Let Youshu accept what is due."""
        outbox = ShopOrders(self.store).outbox()
        for _ in range(times):
            rows = outbox.claim(50)
            outbox.accepted(rows, "{}")
            ids = [row.id for row in rows]
            for order, rank in self.store.execute(
                "SELECT order_id, state_rank FROM t_store_youshu_request WHERE id = ANY (%s)", [ids]
            ):
                self.accepted.setdefault(order, []).append(rank)
        return len(rows)

    def end(self) -> None:
        """Let all transactions commit, time pass, and a night come."""
        for which in range(len(self._writers)):
            self.finish(which, well=True)
        self.clock.advance(timedelta(hours=2))
        self.capture()
        self.night()
        while self.send(1):
            pass

    def _writing(self, number: int) -> ShopOrders:
        which = number % 3
        writer = self._writers[which]
        writer.store.execute("SELECT 1")  # from here on it is one transaction
        writer.moment = self.clock.moment - SLOW[which]
        self._before[which].setdefault(number, self.reached.get(number, []))
        return writer


@pytest.fixture
def captured_at(simulated_clock, monkeypatch) -> Iterator[SimulatedClock]:
    """Let the capture take the simulated time for the database's."""
    original = captures.query

    def query(session: Any, name: str, values: Any) -> list[dict[str, Any]]:
        rows = original(session, name, values)
        return [{**row, "now": simulated_clock.moment} for row in rows] if "captured_until" in name else rows

    monkeypatch.setattr(captures, "query", query)
    return simulated_clock


def begin(store: psycopg.Connection[Any], clock: SimulatedClock, orders: str) -> Story:
    store.execute(
        "TRUNCATE t_store_order, t_store_order_item, t_store_youshu_request, youshu_capture, youshu_push_sender"
    )
    [(now,)] = store.execute("SELECT date_trunc('second', statement_timestamp())").fetchall()
    began: datetime = now - timedelta(days=2)
    clock.moment = began
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at) VALUES (%s, %s, 0, '-infinity')",
        [SHOP, began],
    )
    store.execute(
        "INSERT INTO youshu_capture SELECT %s, what, %s FROM unnest('{order,return}'::text[]) AS what",
        [SHOP, began],
    )
    return Story(store, clock, orders)


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=5, max_size=30), orders=st.sampled_from(["captured", "enqueued"]))
def test_in_the_end_every_state_is_enqueued_once_and_none_is_sent_after_a_newer_one(
    store, captured_at, steps, orders
):
    story = begin(store, captured_at, orders)
    try:
        for name, *arguments in steps:
            getattr(story, name)(*arguments)
        story.end()
        everything_is_there_once(story)
        assert story.night().records == 0
    finally:
        story.close()


def everything_is_there_once(story: Story) -> None:
    shop = ShopOrders(story.store)
    views = dict(story.store.execute("SELECT order_id, detail::text FROM youshu_order_push").fetchall())
    assert views.keys() == story.reached.keys()
    for number, reached in story.reached.items():
        rows = shop.rows(order_id=number)
        newest = max(rows, key=lambda row: (row["state_rank"], row["id"]))
        assert newest["request_info"] == views[number]
        assert {row["push_type"] for row in rows} == set(reached)
        contents = [(row["push_type"], row["request_info"]) for row in rows]
        assert len(set(contents)) == len(contents), "nothing twice"
        assert {row["status"] for row in rows} <= {1, 4}
        assert story.accepted[number] == sorted(story.accepted[number])
        assert newest["status"] == 1
