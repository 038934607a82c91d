"""One shop's orders of one day: some that must be there because they are awkward, the rest by chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zlib import crc32

from sandbox.business_clock import SHANGHAI
from sandbox.shop.basket import Basket, fill
from sandbox.shop.buyer import Buyer, someone
from sandbox.shop.course import FATES, Course, follow

MINI_PROGRAM, APP, WEBSITE = 1, 2, 3
MAX_A_DAY = 999_999  # what the ids have room for


@dataclass(frozen=True, slots=True)
class Order:
    id: int
    shop: str
    code: str
    source: int
    course: Course
    basket: Basket
    buyer: Buyer
    transaction_id: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed of an order; all else is drawn."""

    created: timedelta
    fate: str
    source: int = MINI_PROGRAM
    paid: timedelta | None = None
    name: str | None = None


_NEXT_DAY = timedelta(days=1)
_AWKWARD = (
    Plan(timedelta(0), "finished"),  # at 00:00:00 exactly
    Plan(
        timedelta(hours=23, minutes=59, seconds=59, milliseconds=999),
        "finished",
        paid=_NEXT_DAY + timedelta(minutes=3),
    ),
    Plan(timedelta(hours=23, minutes=50), "finished", paid=_NEXT_DAY),  # paid at 00:00:00 of the next day
    Plan(timedelta(hours=9), "unpaid"),
    Plan(timedelta(hours=9, minutes=30), "cancelled_paid"),
    Plan(timedelta(hours=8, minutes=15), "refunded"),
    Plan(timedelta(hours=12), "finished", name='🐼熊猫\\"小姐"\'👩‍👧‍👦'),
    Plan(timedelta(hours=13), "cancelled_unpaid"),
    Plan(timedelta(hours=14), "finished", source=APP),
    Plan(timedelta(hours=15), "finished", source=WEBSITE),
)


def orders_of(shop: str, day: date, count: int, seed: int, as_of: datetime) -> Iterator[Order]:
    """Always the same for the same arguments. Ids lie beyond 2^53, order codes begin with a zero."""
    draw = Random(f"{seed}/{shop}/{day}/orders")
    midnight = datetime.combine(day, time(), SHANGHAI)
    first_id = int(f"{day:%Y%m%d}") * 10**10 + crc32(shop.encode()) % 10**4 * 10**6
    for number in range(count):
        plan = _AWKWARD[number] if number < len(_AWKWARD) else _chance(draw)
        paid = None if plan.paid is None else midnight + plan.paid
        course = follow(midnight + plan.created, plan.fate, draw, as_of, paid)
        yield Order(
            id=first_id + number,
            shop=shop,
            code=f"0{first_id + number}",
            source=plan.source,
            course=course,
            basket=fill(draw),
            buyer=someone(draw, plan.name),
            transaction_id=f"4200{draw.randrange(10**24):024d}" if course.paid else None,
        )


def _chance(draw: Random) -> Plan:
    created = timedelta(milliseconds=int(draw.triangular(0, 86_399_999, 20 * 3_600_000)))
    fate = draw.choices(list(FATES), list(FATES.values()))[0]
    return Plan(created, fate, draw.choices((MINI_PROGRAM, APP, WEBSITE), (70, 20, 10))[0])
