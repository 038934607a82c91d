"""A few orders that Youshu does not take, whatever it says of them, hold up no other; a standstill ends at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.pipelines.order_push.order_sending import End
from retail_pipeline.settings.order_push import OrderPush
from tests.order_push.faults.pushes import PATH, Pushes
from tests.order_push.orders import NOON, ShopOrders

HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    simulated_clock.set(NOON)
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


def place(pushes: Pushes, first: int, count: int) -> None:
    for number in range(first, first + count):
        pushes.shop.place(number)


def until_taken(pushes: Pushes, states: int) -> timedelta:
    """Drain each half minute until so many states were taken; return how long that took."""
    began = pushes.clock.moment
    pushes.drain()
    while pushes.totals()["states"] < states:
        pushes.clock.advance(HALF_A_MINUTE)
        assert pushes.clock.moment - began < timedelta(minutes=10)
        pushes.drain()
    return pushes.clock.moment - began


@pytest.mark.parametrize("bad", [2, 12])
def test_orders_that_are_answered_with_a_passing_code_delay_no_other_once_they_stand_alone(pushes, bad):
    place(pushes, 1001, 20)
    pushes.sandbox.fault(PATH, "poison_order", ids=[f"N{1001 + n}" for n in range(bad)], code=100)
    for _ in range(24):
        pushes.drain()
        pushes.clock.advance(HALF_A_MINUTE)
    place(pushes, 2001, 60)
    assert until_taken(pushes, 80 - bad) <= HALF_A_MINUTE


@pytest.mark.parametrize("bad", [3, 12])
@pytest.mark.parametrize("code", [13, 100])
def test_bad_orders_among_many_are_told_apart_within_a_minute(pushes, bad, code):
    """Each of twelve batches may hold one."""
    pushes.settings = OrderPush(batch_orders=10)
    place(pushes, 2001, 120)
    every = 120 // bad
    ids = [f"N{2001 + every // 2 + every * n}" for n in range(bad)]
    pushes.sandbox.fault(PATH, "poison_order", ids=ids, code=code)
    assert until_taken(pushes, 120 - bad) <= 2 * HALF_A_MINUTE
    left = {row["order_code"]: row["status"] for row in pushes.shop.rows() if row["status"] != 1}
    assert left == dict.fromkeys(ids, 5 if code == 13 else 2)
    assert pushes.totals()["duplicates"] == 0


def test_bad_orders_are_tried_as_seldom_as_they_should_be_while_others_are_taken(pushes):
    place(pushes, 1001, 20)
    pushes.sandbox.fault(PATH, "poison_order", ids=["N1003", "N1004"], code=100)
    for number in range(24):
        pushes.shop.place(2001 + number)
        pushes.drain()
        pushes.clock.advance(HALF_A_MINUTE)
    tries = [row["push_num"] for row in pushes.shop.rows(status=2)]
    assert len(tries) == 2
    assert max(tries) <= 6 + 12 / 4 + 1


@pytest.mark.parametrize("waiting", [3, 20])
def test_after_a_long_standstill_all_is_taken_at_once_however_often_it_was_tried(pushes, waiting):
    place(pushes, 1001, waiting)
    pushes.sandbox.fault(PATH, "http_status", status=503)
    for _ in range(40):
        pushes.drain()
        pushes.clock.advance(HALF_A_MINUTE)
    pushes.sandbox.mend()
    pushes.shop.place(1)
    assert until_taken(pushes, waiting + 1) <= HALF_A_MINUTE


@pytest.mark.parametrize("bad", [12, 18])
def test_many_bad_orders_end_no_sender_and_are_dead_lettered_when_others_are_taken(pushes, bad):
    """Nothing else is due with them: they might be all that there is."""
    place(pushes, 1001, bad)
    pushes.sandbox.fault(PATH, "poison_order", ids=[f"N10{n:02}" for n in range(1, bad + 1)])
    for _ in range(16):
        pushes.drain()
        pushes.clock.advance(HALF_A_MINUTE)
    assert {row["status"] for row in pushes.shop.rows()} == {2}
    pushes.shop.place(2001)
    assert until_taken(pushes, 1) == timedelta(0)
    for _ in range(10):
        pushes.clock.advance(HALF_A_MINUTE)
        pushes.drain()
    assert pushes.shop.states(2001) == [("1110", 1)]
    assert {row["status"] for row in pushes.shop.rows() if row["order_id"] != 2001} == {5}


def test_that_orders_are_taken_says_nothing_of_returns(pushes):
    place(pushes, 1, 12)
    pushes.drain()
    for number in range(1, 13):
        pushes.shop.give_back(number, number)
    pushes.shop.place(13)
    path = "/data-api/v1/return_order/add"
    pushes.sandbox.fault(path, "error", body={"retcode": 13, "errmsg": "data format wrong", "data": {}})
    assert pushes.drain()[End.DEAD_LETTERED] == 0
    assert {row["status"] for row in pushes.shop.rows(push_type="1290")} == {2}
    assert pushes.told(13) == ["1110"]
