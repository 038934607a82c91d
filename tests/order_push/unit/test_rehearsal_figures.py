"""What amounts and times of a shop's orders look like where its view is mapped rightly, and where it is not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.order_push.order_request import millis
from retail_pipeline.pipelines.order_push.rehearsal import Point, Sample
from retail_pipeline.pipelines.order_push.rehearsal_figures import figures
from retail_pipeline.settings.order_push import State

NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PRICES = ("9.90", "128.00", "3999.00", "58.50", "199.00")


def order(
    number: int, created: datetime = NOON, *, amount: str = "58.50", shifts: dict[State, timedelta] | None = None,
    told: timedelta = timedelta(0), changed: timedelta = timedelta(0),
) -> Sample:  # fmt: skip
    """Return an order that is paid after as many minutes as its number says, and shipped a day later.

    :param shifts: how far the time of a state is from the truth
    :param told: how far create_time of its detail is
    """
    times = {"1110": created, "1150": created + number * MINUTE, "1160": created + DAY}
    reached = {state: time + (shifts or {}).get(state, timedelta(0)) for state, time in times.items()}
    detail = {"payment_amount": float(amount), "create_time": millis(created + told)}
    return Sample(number, f"N{number}", reached, json.dumps(detail), created + DAY + changed)


def points(orders: list[Sample], now: datetime = NOON + 9 * DAY) -> dict[str, Point]:
    return {point.name: point for point in figures(orders, now)}


def suspicious(orders: list[Sample], now: datetime = NOON + 9 * DAY) -> dict[str, str]:
    """Return what looks wrong."""
    return {name: point.found for name, point in points(orders, now).items() if point.odd or not point.fine}


ORDERS = [order(number + 1, amount=PRICES[number % 5]) for number in range(20)]


def test_amounts_and_delays_are_told_as_people_write_them():
    found = points(ORDERS)
    assert suspicious(ORDERS) == {}
    assert found["payment_amount"].found == (
        "20 orders: median 128.00, largest 3999.00, smallest 9.90 yuan; 60% are whole yuan"
    )
    assert found["from 1110 to 1150"].found == "20 orders: median 10.5 min, shortest 60 s, longest 20 min"
    assert found["from 1150 to 1160"].found.startswith("20 orders: median 23.8 h")
    assert set(found) == {"payment_amount", "from 1110 to 1150", "from 1150 to 1160"}


def test_without_orders_nothing_is_told():
    assert points([]) == {}


@pytest.mark.parametrize("count", [9, 10])
def test_amounts_in_cents_are_named_where_there_are_enough_of_them(count):
    cents = [
        order(number, amount=str(int(Decimal(PRICES[number % 5]) * 100))) for number in range(1, count + 1)
    ]
    [told] = [*suspicious(cents).values()] or [""]
    assert ("::numeric / 100" in told) is (count == 10)


def test_whole_prices_that_are_small_or_a_price_with_cents_are_no_cents():
    assert suspicious([order(number, amount="199") for number in range(1, 20)]) == {}
    assert suspicious([*(order(number, amount="1999") for number in range(1, 20)), ORDERS[0]]) == {}


def test_a_state_of_another_zone_is_named_with_how_far_it_is_off():
    earlier = suspicious([order(number, shifts={"1150": -8 * HOUR}) for number in range(1, 20)])
    assert "paid up to 7.98 h before created in 19 of 19 orders" in earlier["states are not in order"]
    assert "AT TIME ZONE 'Asia/Shanghai'" in earlier["states are not in order"]
    later = suspicious([order(number, shifts={"1150": 8 * HOUR}) for number in range(1, 20)])
    assert set(later) == {"payments look shifted"}
    assert "no order was paid within 8.02 h of its creation" in later["payments look shifted"]


def test_one_time_of_creation_of_another_zone_is_named():
    told = suspicious([order(number, told=-8 * HOUR) for number in range(1, 20)])
    assert "create_time of detail is -8 h from created_at in 19 orders" in told["two times of creation"]


def test_what_begins_in_the_future_is_named_and_a_clock_that_differs_by_seconds_is_not():
    assert (
        "1 states begin up to 8 h from now"
        in suspicious([order(1)], NOON + DAY - 8 * HOUR)["times in the future"]
    )
    assert suspicious([order(1)], NOON + DAY - 30 * SECOND) == {}


@pytest.mark.parametrize(
    ("changed", "told"), [(8 * HOUR, "at least 8 h after"), (-8 * HOUR, "up to 8 h before"), (MINUTE, None)]
)
def test_a_change_that_is_told_in_another_zone_than_the_states_is_named(changed, told):
    found = suspicious([order(number, changed=changed) for number in range(1, 20)])
    if told:
        assert f"changed_at is {told} the newest state" in found.pop("changed_at looks shifted")
    assert found == {}


@pytest.mark.parametrize(("shift", "odd"), [(0, False), (-8, True), (8, True)])
def test_a_night_by_day_is_named(shift, odd):
    """A shop that sells from eight to midnight, ten orders an hour."""
    hours = [hour for hour in range(8, 24) for _ in range(20)]
    orders = [
        order(number, NOON.replace(hour=hour) + shift * HOUR, told=timedelta(0))
        for number, hour in enumerate(hours, 1)
    ]
    assert ("the night looks shifted" in suspicious(orders, NOON + 9 * DAY)) is odd


def test_a_shop_that_sells_as_much_at_night_is_not_judged_by_its_night():
    orders = [order(number + 1, NOON + number * HOUR, shifts={}) for number in range(240)]
    assert suspicious(orders, NOON + 90 * DAY) == {}


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_figures_of_any_amounts_are_those_of_python(cents):
    orders = [order(number, amount=str(Decimal(amount) / 100)) for number, amount in enumerate(cents, 1)]
    told = points(orders)["payment_amount"].found
    assert f"largest {max(cents) / 100:.2f}, smallest {min(cents) / 100:.2f} yuan" in told
    assert told.startswith(f"{len(cents)} orders: ")
    assert "E" not in told
