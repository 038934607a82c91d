"""What was told wrongly is told again, from the state in question on and in order; the sandbox remembers it all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.pipelines.order_push.enqueuing import enqueue_again
from retail_pipeline.pipelines.order_push.order_request import millis
from retail_pipeline.pipelines.order_push.reconcile import Missing
from retail_pipeline.settings.order_push import OrderPush
from tests.order_push.faults.pushes import Pushes, night
from tests.order_push.orders import NOON, SHOP, ShopOrders


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    simulated_clock.set(NOON)
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


def write(pushes: Pushes, change: str) -> None:
    """Change order 1 as its backend does, and let it be sent."""
    with pushes.shop.store.transaction():
        pushes.shop.store.execute(f"UPDATE t_store_order SET {change} WHERE id = 1")
        pushes.shop.enqueue(1)
    pushes.drain_until_empty()


def amounts(pushes: Pushes) -> list[str | None]:
    [order] = pushes.sandbox.ask("orders")
    return [each["amount"] for each in order["states"]]


def test_a_corrected_time_goes_out_with_the_states_that_follow(pushes):
    pushes.shop.place(1, "1150", "1160")
    pushes.drain_until_empty()
    write(pushes, "pay_time = pay_time - interval '8 hours'")
    assert pushes.told(1) == ["1110", "1150", "1160", "1150", "1160"]
    [order] = pushes.sandbox.ask("orders")
    paid = NOON + timedelta(seconds=1)
    assert [each["status_change_time"] for each in order["states"] if each["status"] == "1150"] == [
        millis(paid),
        millis(paid - timedelta(hours=8)),
    ]


def test_a_correction_follows_what_still_waits(pushes):
    pushes.shop.place(1, "1150")
    write(pushes, "create_time = create_time - interval '8 hours'")
    assert pushes.told(1) == ["1110", "1150", "1110", "1150"]


def test_a_state_that_was_taken_back_leaves_the_one_before_as_the_last_word(pushes):
    pushes.shop.place(1, "1150", "1160")
    pushes.drain_until_empty()
    write(pushes, "ship_time = NULL")
    assert pushes.told(1)[-1] == "1150"


def test_a_mended_order_sends_the_states_that_were_dead_lettered(pushes):
    pushes.shop.place(1, enqueue=False)
    pushes.shop.store.execute("UPDATE t_store_order SET open_id = NULL")
    pushes.shop.enqueue(1)
    pushes.shop.reach(1, "1150")
    pushes.drain_until_empty()
    assert (pushes.sandbox.ask("orders"), {row["status"] for row in pushes.shop.rows()}) == ([], {5})
    write(pushes, "open_id = 'o1'")
    assert pushes.told(1) == ["1110", "1150"]
    assert [row["status"] for row in pushes.shop.rows()] == [4, 4, 1, 1], "those dead-lettered are settled"


def spoilt(pushes: Pushes) -> None:
    """Let order 1 be dead-lettered in its first state."""
    pushes.shop.place(1, enqueue=False)
    write(pushes, "open_id = NULL")
    assert pushes.shop.states(1) == [("1110", 5)]


def test_an_order_that_is_mended_and_paid_in_one_call_sends_its_states_in_their_order(pushes):
    spoilt(pushes)
    write(pushes, f"open_id = 'o1', pay_time = '{NOON + timedelta(minutes=1)}'")
    assert pushes.told(1) == ["1110", "1150"]
    write(pushes, f"ship_time = '{NOON + timedelta(minutes=2)}'")
    assert pushes.told(1) == ["1110", "1150", "1160"]
    assert [status for _, status in pushes.shop.states(1)] == [4, 1, 1, 1]


def test_an_order_that_stays_wrong_is_dead_lettered_in_each_state_once(pushes):
    spoilt(pushes)
    write(pushes, f"pay_time = '{NOON + timedelta(minutes=1)}'")
    write(pushes, "freight_amount = 6, payable_amount = 34.50, payment_amount = 34.50")
    assert [(row["push_type"], row["course"]) for row in pushes.shop.rows(status=5)] == [
        ("1110", 3),
        ("1150", 3),
    ]
    assert pushes.sandbox.ask("orders") == []


def test_a_state_that_was_refused_after_the_next_one_had_come_goes_out_at_night(pushes):
    """The call that brought the next state could not know; nobody calls any more."""
    pushes.shop.place(1, enqueue=False)
    pushes.shop.store.execute("UPDATE t_store_order SET open_id = NULL")
    pushes.shop.enqueue(1)
    write(pushes, f"open_id = 'o1', pay_time = '{NOON + timedelta(minutes=1)}'")
    assert (pushes.told(1), pushes.shop.states(1)) == (["1150"], [("1110", 5), ("1150", 1)])
    assert night(pushes.shop).mended == 1
    pushes.drain_until_empty()
    assert pushes.told(1) == ["1150", "1110", "1150"]
    assert night(pushes.shop) == Missing(compared=1)


@pytest.mark.parametrize("by", ["add_order", "update"])
def test_what_was_changed_and_changed_back_is_sent_as_it_is(pushes, by):
    pushes.settings = OrderPush(status_changes_by=by)
    pushes.shop.place(1)
    pushes.drain_until_empty()
    for freight in ("6.00", "5.00"):
        pushes.shop.move_house(1, freight)
        pushes.drain_until_empty()
    assert amounts(pushes) == ["35.00", "36.00", "35.00"]


def test_enqueue_again_tells_every_state_once_more_in_order(pushes):
    pushes.shop.place(1, "1150", "1160")
    pushes.drain_until_empty()
    with pushes.session() as session:
        assert enqueue_again(session, SHOP, "N1") == 3
    pushes.drain_until_empty()
    assert pushes.told(1) == ["1110", "1150", "1160"] * 2
