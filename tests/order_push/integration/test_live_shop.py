"""The sandbox's shop plays a day: each change is one that a backend could commit, and all of it arrives."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from sandbox.shop.live import Play, script_of
from tests.conftest import SimulatedClock
from tests.order_push.faults.pushes import Pushes
from tests.order_push.orders import NOON, SHOP, ShopOrders

MINUTE = timedelta(minutes=1)
TIMES = {"created": "create_time", "paid": "pay_time", "shipped": "ship_time", "finished": "finish_time"}


@pytest.fixture
def clock(simulated_clock) -> SimulatedClock:
    simulated_clock.set(NOON)
    return simulated_clock


def play(store, clock, count=60, seed=1, *, enqueue=True) -> Counter[str]:
    shop = Play(store, SHOP, enqueue=enqueue, now=lambda: clock.moment)
    events = script_of(shop.orders(count, seed), MINUTE, seed)
    return shop.run(events, lambda seconds: clock.advance(timedelta(seconds=seconds)))


def counted(store, sql: str) -> int:
    [(count,)] = store.execute(f"SELECT count(*) FROM {sql}").fetchall()
    return int(count)


def test_everything_happens_within_the_minute_each_thing_at_its_own_moment(store, clock):
    done = play(store, clock)
    assert NOON + MINUTE / 2 < clock.moment <= NOON + MINUTE
    for what, column in TIMES.items():
        assert (
            counted(store, f"t_store_order WHERE {column} BETWEEN '{NOON}' AND '{clock.moment}'")
            == done[what]
            > 0
        )
    assert counted(store, "t_store_order_return") == done["refunded"] > 0
    assert done["cancelled_paid"] > 0 < done["cancelled_unpaid"]


def test_times_of_an_order_rise(store, clock):
    play(store, clock)
    assert counted(store, "t_store_order WHERE pay_time < create_time OR ship_time < pay_time"
                          " OR finish_time < ship_time OR cancel_time < create_time") == 0  # fmt: skip


def test_what_is_enqueued_is_what_happened_and_youshu_takes_all_of_it_in_order(store, clock, sandbox):
    done = play(store, clock)
    states = Counter({"refunded": 0}) + done
    assert counted(store, "t_store_youshu_request") == states.total()
    pushes = Pushes(ShopOrders(store), sandbox, clock)
    pushes.drain_until_empty()
    of_the_mini_program = counted(store, "t_store_youshu_request WHERE order_source = 1")
    assert counted(store, "t_store_youshu_request WHERE status = 1") == of_the_mini_program
    totals = pushes.totals()
    assert (totals["states"], totals["regressions"], totals["duplicates"]) == (of_the_mini_program, 0, 0)


def test_without_enqueuing_the_outbox_stays_empty(store, clock):
    play(store, clock, enqueue=False)
    assert counted(store, "t_store_youshu_request") == 0


def test_a_second_play_adds_its_own_orders(store, clock):
    play(store, clock)
    play(store, clock, seed=2)
    assert counted(store, "t_store_order") == 120
