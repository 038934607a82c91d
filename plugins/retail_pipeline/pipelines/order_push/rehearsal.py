"""Youshu's checks before it accepts a merchant (提测), on the shop's own orders. Pure.

Source of the points: reasons for which merchants were refused. Ten records of each agreed kind; lines with a quantity
of one and of several; one style number for all colours of a style; cancellations.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.order_push.order_request import RETURNED, order_element, return_element
from retail_pipeline.settings.order_push import STATES, State

# After a correction Youshu requires so many records of the kind again.
WANTED = 10
KINDS: Mapping[State, str] = {
    "1110": "created",
    "1130": "cancelled unpaid",
    "1150": "paid",
    "1140": "cancelled paid",
    "1160": "shipped",
    "1180": "finished",
}


@dataclass(frozen=True)
class Sample:
    """An order of the shop.

    :ivar reached: when each state began, by state
    :ivar detail: the order object that is sent, JSON
    :ivar changed_at: the time of its last change
    :ivar untold: states whose time cannot be sent to Youshu
    """

    order_id: int
    order_code: str
    reached: Mapping[State, datetime]
    detail: str
    changed_at: datetime
    untold: Sequence[str] = ()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return its lines; none where the form is wrong."""
        found = json.loads(self.detail).get("goods_info")
        return [line for line in found or [] if isinstance(line, dict)]


@dataclass(frozen=True)
class ReturnSample:
    """A finished return of the shop.

    :ivar finished_at: None where that time cannot be sent to Youshu
    """

    order_id: int
    order_code: str
    return_code: str
    finished_at: datetime | None
    detail: str


@dataclass(frozen=True)
class Point:
    """A line of the checklist.

    :ivar found: what was found, or what is wrong and where
    :ivar odd: no error, but a person should look at it
    """

    fine: bool
    name: str
    found: str
    odd: bool = False


def checklist(
    orders: Sequence[Sample],
    returns: Sequence[ReturnSample] | None,
    states: Sequence[State],
    *,
    strict: bool = False,
) -> list[Point]:
    """Check a shop's orders against Youshu's requirements.

    :param returns: None: they are not agreed with Youshu
    :param states: agreed with Youshu
    :param strict: orders that break a rule of our own cannot be sent
    """
    usable, wrong, odd = _usable(orders, states, strict=strict)
    points = [_state(usable, state, agreed=state in states) for state in STATES]
    if returns is not None:
        sound, unsound, strange = _usable_returns(returns, strict=strict)
        wrong, odd = wrong + unsound, odd + strange
        points.append(Point(len(sound) >= WANTED, "1290 returned", _of_ten(len(sound), "returns")))
    counts = [line.get("goods_num") for order in usable for line in order.lines]
    several = sum(len(order.lines) > 1 for order in usable)
    return [
        *points,
        Point(1 in counts, "lines of one piece", f"{counts.count(1)} lines"),
        Point(
            len(counts) > counts.count(1), "lines of several pieces", f"{len(counts) - counts.count(1)} lines"
        ),
        Point(several > 0, "orders of several lines", f"{several} orders"),
        _style_numbers(usable),
        Point(not wrong, "fields and sums", _first(wrong) if wrong else f"{len(usable)} orders are fine"),
        *([Point(True, "odd, and sent as they are", _first(odd), odd=True)] if odd else []),
    ]


def unread(unreadable: Sequence[str]) -> list[Point]:
    """Return a line of the checklist for orders and returns that cannot be read; none where there are none."""
    return [Point(False, "orders and returns", f"cannot be read: {_first(unreadable)}")] if unreadable else []


def chosen(orders: Sequence[Sample], states: Sequence[State], *, strict: bool = False) -> list[Sample]:
    """Return orders that show all that Youshu requires: ten of each state, and each kind of line.

    Only orders that can be sent; as few as possible, the first ones first.
    """
    usable, _, _ = _usable(orders, states, strict=strict)
    lacking: Counter[tuple[str, str]] = Counter()
    lacking.update({("state", str(state)): WANTED for state in states})
    lacking.update({("line", kind): 1 for kind in ("one", "several", "lines")})
    taken = []
    for order in usable:
        shows = [*_shows(order, states)]
        if any(lacking[each] > 0 for each in shows):
            taken.append(order)
            lacking.subtract(shows)
    return taken


def _shows(order: Sample, states: Sequence[State]) -> Iterator[tuple[str, str]]:
    for state in set(order.reached).intersection(states):
        yield "state", state
    counts = [line.get("goods_num") for line in order.lines]
    if 1 in counts:
        yield "line", "one"
    if set(counts) - {1}:
        yield "line", "several"
    if len(counts) > 1:
        yield "line", "lines"


def _state(orders: Sequence[Sample], state: State, *, agreed: bool) -> Point:
    name = f"{state} {KINDS[state]}"
    if not agreed:
        return Point(True, name, "not agreed (order_push.states)")
    count = sum(state in order.reached for order in orders)
    return Point(count >= WANTED, name, _of_ten(count, "orders"))


def _of_ten(count: int, what: str) -> str:
    return f"{count} {what}" if count >= WANTED else f"{count} {what}, {WANTED} are wanted"


def _usable(
    orders: Iterable[Sample], states: Sequence[State], *, strict: bool
) -> tuple[list[Sample], list[str], list[str]]:
    """Return the orders that can be sent in all their states, the errors of the others, and the warnings."""
    usable, wrong, odd = [], [], []
    for order in orders:
        try:
            if untold := [state for state in order.untold if state in states]:
                raise _untold(*untold)
            elements = [
                order_element(order.detail, state, since, order.order_code, strict=strict)
                for state, since in order.reached.items()
                if state in states
            ]
            usable.append(order)
            odd += [f"{order.order_code}: {told}" for element in elements[:1] for told in element.warnings]
        except RecordRejected as rejection:
            wrong.append(f"{order.order_code}: {rejection}")
    return usable, wrong, odd


def _usable_returns(
    returns: Iterable[ReturnSample], *, strict: bool
) -> tuple[list[ReturnSample], list[str], list[str]]:
    usable, wrong, odd = [], [], []
    for goods_back in returns:
        try:
            if goods_back.finished_at is None:
                raise _untold(RETURNED)
            element = return_element(goods_back.detail, goods_back.finished_at, strict=strict)
            usable.append(goods_back)
            odd += [f"return {goods_back.return_code}: {told}" for told in element.warnings]
        except RecordRejected as rejection:
            wrong.append(f"return {goods_back.return_code}: {rejection}")
    return usable, wrong, odd


def _untold(*states: str) -> RecordRejected:
    return RecordRejected("not_millis", f"status_change_time of {', '.join(states)}")


def _style_numbers(orders: Sequence[Sample]) -> Point:
    """Judge whether all colours and sizes of a style share its number: two numbers for one name belong to colours."""
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    styles: defaultdict[str, set[str]] = defaultdict(set)
    for order in orders:
        for line in order.lines:
            numbers[line["spu_name_chinese"]].add(line["external_spu_id"])
            styles[line["external_sku_id"]].add(line["external_spu_id"])
    twice = [f"«{name}» has {', '.join(sorted(ids))}" for name, ids in numbers.items() if len(ids) > 1]
    twice += [f"SKU {sku} is of {', '.join(sorted(ids))}" for sku, ids in styles.items() if len(ids) > 1]
    found = _first(twice) if twice else f"{len(numbers)} styles, a number each"
    return Point(not twice and bool(numbers), "one external_spu_id a style", found)


def _first(wrong: Sequence[str], most: int = 3) -> str:
    more = f" and {len(wrong) - most} more" if len(wrong) > most else ""
    return "; ".join(wrong[:most]) + more
