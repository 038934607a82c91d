"""Figures of a shop's orders that show whether its view is mapped correctly: amounts, delays, hours. Pure.

Only a state that begins before its predecessor, or in the future, is certainly wrong. The other figures look like
amounts in cents or times of another zone: a person has to check them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.order_push.rehearsal import KINDS, Point, Sample
from retail_pipeline.settings.order_push import State

STEPS: tuple[tuple[State, State], ...] = (
    ("1110", "1130"), ("1110", "1150"), ("1150", "1140"), ("1150", "1160"), ("1160", "1180"),
)  # fmt: skip
# Fewer orders are too few to judge.
ENOUGH, ENOUGH_FOR_HOURS = 10, 200
# Where all amounts are whole numbers, and half of them are so large, they may be cents.
LARGE = 500
# Clocks differ by a little.
SLACK, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# The five hours with the fewest orders begin between these; orders that show no night are not judged.
NIGHT, NIGHT_HOURS, NIGHT_SHARE = (22, 23, 0, 1, 2, 3, 4, 5), 5, 0.1
_ZONE = "is a time zone missing in the view (AT TIME ZONE 'Asia/Shanghai')? (时区错位?)"


def figures(orders: Sequence[Sample], now: datetime) -> list[Point]:
    """Return figures of the amounts and times of a shop's orders, and what looks wrong with them."""
    return [*_amounts(orders), *_delays(orders), *_impossible(orders, now), *_strange(orders)]


def _amounts(orders: Sequence[Sample]) -> Iterator[Point]:
    paid = [amount for order in orders if (amount := _amount(order)) is not None]
    if not paid:
        return
    middle, whole = median(paid), sum(amount == int(amount) for amount in paid)
    found = (
        f"{len(paid)} orders: median {middle:.2f}, largest {max(paid):.2f}, smallest {min(paid):.2f} yuan; "
        f"{whole / len(paid):.0%} are whole yuan"
    )
    yield Point(True, "payment_amount", found)
    if len(paid) >= ENOUGH and whole == len(paid) and middle >= LARGE:
        told = (
            f"all are whole, and half are {LARGE} or more: yuan? Else ::numeric / 100 in the view (单位是分?)"
        )
        yield Point(True, "amounts look like cents", told, odd=True)


def _delays(orders: Sequence[Sample]) -> Iterator[Point]:
    for step in STEPS:
        if gaps := _gaps(orders, *step):
            middle = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
            extremes = f"shortest {_span(min(gaps))}, longest {_span(max(gaps))}"
            found = f"{len(gaps)} orders: median {_span(middle)}, {extremes}"
            yield Point(True, f"from {step[0]} to {step[1]}", found)


def _impossible(orders: Sequence[Sample], now: datetime) -> Iterator[Point]:
    """Yield impossible times: a state before its predecessor, two times of creation, a time in the future."""
    for first, then in STEPS:
        gaps = _gaps(orders, first, then)
        early = [-gap for gap in gaps if gap < -SLACK]
        if early:
            count = f"{len(early)} of {len(gaps)} orders"
            told = f"{KINDS[then]} up to {_span(max(early))} before {KINDS[first]} in {count}"
            yield Point(False, "states are not in order", f"{told}; {_ZONE}")
    apart = [gap for order in orders if (gap := _told_apart(order)) and abs(gap) > SLACK]
    if apart:
        told = f"create_time of detail is {_span(max(apart, key=abs))} from created_at in {len(apart)} orders"
        yield Point(False, "two times of creation", f"{told}; {_ZONE}")
    ahead = [since - now for order in orders for since in order.reached.values() if since > now + SLACK]
    if ahead:
        told = f"{len(ahead)} states begin up to {_span(max(ahead))} from now"
        yield Point(False, "times in the future", f"{told}; {_ZONE}")


def _strange(orders: Sequence[Sample]) -> Iterator[Point]:
    """Yield signs of times of another zone."""
    paid = _gaps(orders, "1110", "1150")
    if len(paid) >= ENOUGH and min(paid) >= HOUR:
        told = f"no order was paid within {_span(min(paid))} of its creation"
        yield Point(True, "payments look shifted", f"{told}; {_ZONE}", odd=True)
    behind = [order.changed_at - max(order.reached.values()) for order in orders if order.reached]
    if len(behind) >= ENOUGH and not -SLACK <= min(behind) < HOUR:
        least = min(behind)
        how = f"at least {_span(least)} after" if least > SLACK else f"up to {_span(-least)} before"
        told = f"changed_at is {how} the newest state"
        yield Point(True, "changed_at looks shifted", f"{told}; {_ZONE}", odd=True)
    yield from _hours(orders)


def _hours(orders: Sequence[Sample]) -> Iterator[Point]:
    """Yield a warning where a shop sells least by day: its times are those of another zone."""
    created = [order.reached["1110"].astimezone(SHANGHAI).hour for order in orders if "1110" in order.reached]
    if len(created) < ENOUGH_FOR_HOURS:
        return
    counts = Counter(created)
    quiet = {start: sum(counts[(start + hour) % 24] for hour in range(NIGHT_HOURS)) for start in range(24)}
    start = min(quiet, key=lambda hour: (quiet[hour], hour not in NIGHT))
    if start not in NIGHT and quiet[start] / len(created) <= NIGHT_SHARE:
        end = (start + NIGHT_HOURS) % 24
        told = f"fewest orders are created from {start}:00 to {end}:00 ({quiet[start] / len(created):.0%})"
        yield Point(True, "the night looks shifted", f"{told}; {_ZONE}", odd=True)


def _gaps(orders: Sequence[Sample], first: State, then: State) -> list[timedelta]:
    return [
        order.reached[then] - order.reached[first]
        for order in orders
        if first in order.reached and then in order.reached
    ]


def _amount(order: Sample) -> Decimal | None:
    """Return the amount paid; None where nothing was paid, or it is not a number."""
    value = json.loads(order.detail, parse_float=Decimal, parse_int=Decimal).get("payment_amount")
    return value if isinstance(value, Decimal) and value > 0 else None


def _told_apart(order: Sample) -> timedelta | None:
    """Return the difference of an order's two times of creation."""
    told = str(json.loads(order.detail).get("create_time"))
    if "1110" not in order.reached or len(told) != 13 or not told.isdecimal():
        return None
    return datetime.fromtimestamp(int(told) / 1000, SHANGHAI) - order.reached["1110"]


def _span(length: timedelta) -> str:
    seconds = length.total_seconds()
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= 2 * size or (unit == "h" and abs(seconds) >= size):
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
