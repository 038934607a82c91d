"""Whatever is corrected, taken back, spoilt, mended or told again, in the end Youshu has the truth, in its order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retail_pipeline.pipelines.order_push.enqueuing import enqueue_again
from retail_pipeline.pipelines.order_push.order_request import millis
from retail_pipeline.settings.order_push import OrderPush
from tests.examples import examples
from tests.order_push.faults.pushes import Pushes, night
from tests.order_push.faults.test_order_push_property import WILD, Story, begin
from tests.order_push.orders import CANCELLED, SHOP, TIMES, ShopOrders

# Of four states, and of three that end with a cancellation.
ORDERS, CALLS = st.sampled_from([3, 3, 1]), st.booleans()
STEPS = (
    st.tuples(st.just("go_on"), ORDERS, CALLS),
    st.tuples(st.just("change_to"), ORDERS, st.sampled_from(["5.00", "6.00"])),
    st.tuples(st.just("correct"), ORDERS, st.integers(0, 3), st.sampled_from([-8, 8]), CALLS),
    st.tuples(st.just("correct"), ORDERS, st.integers(0, 3), st.sampled_from([-8, 8]), st.just(True)),
    st.tuples(st.just("take_back"), ORDERS, CALLS),
    st.tuples(st.just("open_id"), ORDERS, st.sampled_from([None, "o1"]), CALLS),
    st.tuples(st.just("again"), ORDERS),
    st.tuples(st.just("rush"), ORDERS),
    *WILD,
)


class Corrections(Story):
    """One shop whose orders are corrected while they are sent."""

    def begin(self) -> None:
        """Let Youshu know two orders in their second state."""
        for number in (3, 1):
            self.go_on(number, True)
            self.go_on(number, True)
        self.drains(1)

    def drains(self, count: int) -> None:
        for _ in range(count):
            self.wait(50)
            self.drain(0)

    def change_to(self, number: int, freight: str) -> None:
        """Change an order, or change it back."""
        if number in self.reached:
            self.shop.move_house(number, freight)

    def correct(self, number: int, which: int, hours: int, calls: bool) -> None:
        """Move the time of one of the states of an order."""
        if reached := self.reached.get(number):
            column = _column(reached[which % len(reached)])
            self._write(number, f"{column} = {column} + {hours} * interval '1 hour'", calls)

    def take_back(self, number: int, calls: bool) -> None:
        """Let the newest state of an order never have been."""
        if len(reached := self.reached.get(number, [])) > 1:
            self._write(number, f"{_column(reached.pop())} = NULL", calls)

    def open_id(self, number: int, value: str | None, calls: bool) -> None:
        """Spoil an order, so that it is dead-lettered, or mend it."""
        if number in self.reached:
            self._write(number, "open_id = " + (f"'{value}'" if value else "NULL"), calls)

    def rush(self, number: int) -> None:
        """Let a spoilt order reach two states before anybody hears that it is refused."""
        self.open_id(number, None, calls=True)
        for _ in range(2):
            self.go_on(number, True)

    def again(self, number: int) -> None:
        if number in self.reached:
            enqueue_again(self.shop.store, SHOP, f"N{number}")

    def end(self) -> None:
        """Mend everything, let each backend call once, and a night pass."""
        for number in self.reached:
            self.open_id(number, "o1", calls=False)
        super().end()
        night(self.shop)
        self.pushes.drain_until_empty()

    def _write(self, number: int, change: str, calls: bool) -> None:
        with self.shop.store.transaction():
            self.shop.store.execute(f"UPDATE t_store_order SET {change} WHERE id = {number}")
            if calls:
                self.shop.enqueue(number)


def _column(state: str) -> str:
    return "cancel_time" if state in CANCELLED else TIMES[state]


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


def truth(story: Story, number: int) -> tuple[list[tuple[str, str]], Decimal]:
    """Return the states of an order with their times as Youshu writes them, and its amount."""
    [(*times, amount)] = story.shop.store.execute(
        "SELECT created_at, cancelled_unpaid_at, paid_at, cancelled_paid_at, shipped_at, finished_at,"
        " (detail ->> 'order_amount')::numeric FROM youshu_order_push WHERE order_id = %s",
        [number],
    ).fetchall()
    by_rank = ("1110", "1130", "1150", "1140", "1160", "1180")
    return [(state, millis(time)) for state, time in zip(by_rank, times, strict=True) if time], amount


def is_the_last_word(told: list[dict[str, Any]], states: list[tuple[str, str]], amount: Decimal) -> None:
    newest = told[-1]
    assert (newest["status"], newest["status_change_time"]) == states[-1]
    amounts = [Decimal(each["amount"]) for each in told if each["amount"] is not None]
    assert amounts[-1] == amount


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(st.tuples(st.one_of(*STEPS), st.integers(0, 2)), min_size=4, max_size=12),
    every_state=st.sampled_from([True, True, False]),
    by=st.sampled_from(["add_order", "update"]),
)
@example(steps=[(("rush", 3), 0)], every_state=True, by="add_order")
def test_in_the_end_youshu_has_the_truth_of_every_state_in_its_order(pushes, steps, every_state, by):
    how = OrderPush(every_state=every_state, status_changes_by=by, batch_orders=3)
    story = begin(pushes, how, Corrections)
    story.begin()
    for (name, *arguments), drains in steps:
        getattr(story, name)(*arguments)
        story.drains(drains)
    story.end()
    found = {each["id"]: each["states"] for each in pushes.sandbox.ask("orders")}
    for number in story.reached:
        told, (states, amount) = found[f"N{number}"], truth(story, number)
        is_the_last_word(told, states, amount)
        if every_state:
            last = {each["status"]: place for place, each in enumerate(told)}
            places = [last[state] for state, _ in states]
            assert places == sorted(places)
            assert [told[place]["status_change_time"] for place in places] == [time for _, time in states]
    assert not pushes.waiting()
