"""Whatever happens in whatever order, in the end Youshu has every state of every order, in its order."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import PipelineError
from retail_pipeline.pipelines.order_push.drain import OrderPusher
from retail_pipeline.settings.order_push import OrderPush
from tests.examples import examples
from tests.order_push.faults.pushes import Pushes
from tests.order_push.orders import NOON, ShopOrders

COURSES = (["1110", "1150", "1160", "1180"], ["1110", "1150", "1140"], ["1110", "1130"])
TRANSIENT = (
    ("http_status", {"status": 502}), ("throttle", {}), ("reset", {}), ("truncate", {}),
    ("http_status", {"status": 504, "after_accept": True}), ("reset", {"after_accept": True}),
    ("truncate", {"after_accept": True}), ("error", {"body": {"retcode": 100, "errmsg": "unkown error"}}),
)  # fmt: skip
ORDERS = st.integers(1, 6)
CALM = (
    st.tuples(st.just("go_on"), ORDERS, st.booleans()),
    st.tuples(st.just("go_on"), ORDERS, st.booleans()),
    st.tuples(st.just("change"), ORDERS),
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.just("set_back"), st.integers(1, 7200)),
    st.tuples(st.just("drain"), st.integers(0, 1)),
    st.tuples(st.just("drain"), st.integers(0, 1)),
    st.tuples(st.just("overtaken"), st.integers(1, 3)),
)
WILD = (
    st.tuples(st.just("fault"), st.sampled_from(TRANSIENT), st.integers(1, 3)),
    st.tuples(st.just("killed"), st.integers(0, 8), st.booleans()),
)


class Killed(BaseException):
    """kill -9: from then on nothing is sent and nothing recorded."""


class Story:
    """One shop, two senders, and what befalls them."""

    def __init__(self, pushes: Pushes) -> None:
        self.pushes = pushes
        self.shop = pushes.shop
        self.reached: dict[int, list[str]] = {}
        self._session = pushes.session()
        self._senders = [pushes.pusher(self._session) for _ in range(2)]
        self._freight = 5

    def go_on(self, number: int, enqueue: bool) -> None:
        """Let an order reach its next state; the backend may forget to enqueue it."""
        course = COURSES[number % 3]
        reached = self.reached.setdefault(number, [])
        if not reached:
            self.shop.place(number, enqueue=enqueue)
        elif len(reached) < len(course):
            self.shop.reach(number, course[len(reached)], enqueue=enqueue)
        else:
            return
        reached.append(course[len(reached)])

    def change(self, number: int) -> None:
        if number in self.reached:
            self._freight += 1  # else it would be what Youshu was told before
            self.shop.move_house(number, f"{self._freight}.00")

    def fault(self, what: tuple[str, dict[str, Any]], times: int) -> None:
        self.pushes.sandbox.fault("/data-api/v1/order", what[0], times=times, **what[1])

    def wait(self, seconds: int) -> None:
        self.pushes.clock.advance(timedelta(seconds=seconds))

    def set_back(self, seconds: int) -> None:
        self.pushes.clock.advance(timedelta(seconds=-seconds))

    def drain(self, which: int) -> None:
        with suppress(PipelineError):
            self.pushes.drain(self._senders[which])

    def killed(self, after: int, done: bool) -> None:
        """Let a sender die at one of its steps, before it is done or just after."""
        sender = self.pushes.pusher(self._session)
        _mortal(sender, after, done)
        with suppress(Killed, PipelineError):
            self.pushes.drain(sender)
            event("outlived its death")

    def overtaken(self, claims: int) -> None:
        """Let a sender be slow: others drain between its claim and its record."""
        outbox = self.shop.outbox(self._session)
        held = outbox.claim(claims)
        self.drain(0)
        outbox.unsent(held)

    def end(self) -> None:
        """Mend everything, enqueue what was forgotten, and let time pass."""
        self.pushes.sandbox.mend()
        for number in self.reached:
            self.shop.enqueue(number)
        self.pushes.clock.advance(timedelta(hours=3))
        self.pushes.drain_until_empty()


Tale = TypeVar("Tale", bound=Story)


def _mortal(sender: OrderPusher, after: int, done: bool) -> None:
    left = after

    def counted(step: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left < -1 or (left == -1 and not done):
                raise Killed
            result = step(*args, **kwargs)
            if left == -1:
                raise Killed
            return result

        return run

    for name in ("claim", "accepted", "not_accepted", "unsent", "bring_forward", "renew"):
        setattr(sender._outbox, name, counted(getattr(sender._outbox, name)))
    client = sender._sender.client
    for name in ("add_order", "update_orders"):
        setattr(client, name, counted(getattr(client, name)))


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


def begin(pushes: Pushes, how: OrderPush, kind: type[Tale] = Story) -> Tale:
    pushes.sandbox.reset()
    pushes.clock.set(NOON)
    pushes.shop.moment = NOON
    pushes.shop.store.execute("TRUNCATE t_store_order, t_store_order_item, t_store_youshu_request")
    pushes.settings = how
    pushes.begin_anew()
    return kind(pushes)


def without_repeats(states: list[str]) -> list[str]:
    return [state for place, state in enumerate(states) if place == 0 or state != states[place - 1]]


@settings(
    max_examples=examples(60, everything=600),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(st.one_of(*CALM, *WILD), min_size=5, max_size=40),
    every_state=st.booleans(),
    by=st.sampled_from(["add_order", "update"]),
)
def test_in_the_end_youshu_has_every_state_in_its_order(pushes, steps, every_state, by):
    story = begin(pushes, OrderPush(every_state=every_state, status_changes_by=by, batch_orders=3))
    for name, *arguments in steps:
        getattr(story, name)(*arguments)
    story.end()
    for number, reached in story.reached.items():
        told = pushes.told(number)
        if every_state:
            assert without_repeats(told) == reached
        assert told[-1] == reached[-1]
    if story.reached:
        assert pushes.totals()["regressions"] == 0
    assert {row["status"] for row in pushes.shop.rows()} <= {1, 4}
    if every_state:
        assert not pushes.shop.rows(status=4)


@settings(
    max_examples=examples(50),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.one_of(*CALM), min_size=5, max_size=40))
def test_where_nothing_is_lost_nothing_is_sent_twice(pushes, steps):
    story = begin(pushes, OrderPush(batch_orders=3))
    for name, *arguments in steps:
        getattr(story, name)(*arguments)
    story.end()
    assert pushes.totals()["duplicates"] == 0
    assert {row["push_num"] for row in pushes.shop.rows()} <= {1}
