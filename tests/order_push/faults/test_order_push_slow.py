"""A Youshu that takes seconds for a call: no lease is outlived, and new orders do not wait for bad ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from retail_pipeline.pipelines.order_push.outbox import LEASE
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.vendors.youshu.client import YoushuClient
from tests.order_push.faults.pushes import PATH, Pushes
from tests.order_push.orders import NOON, ShopOrders


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    """With one thread: a clock that each of several moves on would make each call as long as all of them."""
    simulated_clock.set(NOON)
    return Pushes(ShopOrders(store), sandbox, simulated_clock, OrderPush(max_threads=1))


@pytest.fixture
def slow(pushes, monkeypatch) -> Callable[..., None]:
    """Let a call of add_order take so many seconds, and something happen before each."""
    real = YoushuClient.add_order

    def slow(seconds: float, happens: Callable[[str], object] = lambda _body: None) -> None:
        def call(client: YoushuClient, body: str) -> str:
            happens(body)
            pushes.clock.advance(timedelta(seconds=seconds))
            return real(client, body)

        monkeypatch.setattr(YoushuClient, "add_order", call)

    return slow


def test_a_batch_that_is_told_apart_for_longer_than_a_lease_is_sent_by_nobody_else(pushes, slow):
    """One of 50 is refused; when a lease is over, others are paid and a helper drains beside."""
    for number in range(1001, 1051):
        pushes.shop.place(number)
    pushes.sandbox.fault(PATH, "poison_order", ids=["N1001"])
    helpers = []

    def help_late(_body: str) -> None:
        if pushes.clock.moment - NOON > LEASE and not helpers:
            helpers.append(pushes.pusher())
            for number in range(1030, 1051):
                pushes.shop.reach(number, "1150")
            for _ in range(2):
                pushes.drain(helpers[0])

    slow(6, help_late)
    pushes.drain()
    pushes.drain_until_empty()
    assert helpers
    assert {row["order_code"] for row in pushes.shop.rows() if row["status"] != 1} == {"N1001"}
    assert pushes.totals() == {**pushes.totals(), "states": 70, "regressions": 0, "duplicates": 0}


def test_what_waits_for_its_call_is_held_for_as_long_as_its_sender_lives(pushes, slow):
    """Orders that failed alone before are sent one by one, which takes much longer than a lease."""
    for number in range(1001, 1021):
        pushes.shop.place(number)
    pushes.shop.store.execute("UPDATE t_store_youshu_request SET push_num = 9")
    helper = pushes.pusher()
    slow(8, lambda _body: pushes.drain(helper) if pushes.clock.moment - NOON > LEASE else None)
    pushes.drain()
    assert pushes.clock.moment - NOON > 3 * LEASE
    assert pushes.totals() == {**pushes.totals(), "states": 20, "duplicates": 0}


def test_rows_with_an_expired_lease_are_left_to_the_next_claim(pushes, slow):
    """The machine was asleep: neither has the sender renewed anything, nor was it sent."""
    for number in (1, 2):
        pushes.shop.place(number)
    pushes.shop.store.execute("UPDATE t_store_youshu_request SET push_num = 9")
    helper = pushes.pusher()

    naps: list[str] = []

    def sleep(body: str) -> None:
        if not naps:
            naps.append(body)
            pushes.clock.advance(LEASE)
            pushes.drain(helper)

    slow(0, sleep)
    pushes.drain()
    assert pushes.told(2) == ["1110"]
    assert {row["status"] for row in pushes.shop.rows()} == {1}


def test_new_orders_do_not_wait_while_bad_ones_are_told_apart(pushes, slow):
    for number in range(1001, 1051):
        pushes.shop.place(number)
    pushes.sandbox.fault(PATH, "poison_order", ids=[f"N{1001 + 11 * n}" for n in range(5)])
    placed, sent = [], []

    def place(body: str) -> None:
        if not placed:
            placed.append(pushes.clock.moment)
            pushes.shop.place(2001)
        if "N2001" in body:
            sent.append(pushes.clock.moment)

    slow(8, place)
    pushes.drain()
    assert len(sent) == 1
    assert sent[0] - placed[0] <= timedelta(seconds=30)
    assert pushes.totals()["states"] == 46
