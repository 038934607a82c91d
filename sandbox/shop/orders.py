"""One shop's orders of one day: who orders, how an order goes on, and what of it comes back.

Some orders must be there because they are awkward, the rest come by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zlib import crc32

from sandbox.business_clock import SHANGHAI
from sandbox.shop.basket import Basket, fill

_NAMES = ("王小明", "李娜", "欧阳静怡", "阿依古丽·买买提", "Zoë O'Neill", "𠮷田太郎", "张三", "陈")
_PLACES = (
    ("浙江省", "杭州市", "西湖区", "示例路 1 号"),
    ("广东省", "深圳市", "南山区", "测试大厦 A 座 0101 室"),
    ("上海市", "上海市", "黄浦区", "样本弄 12 号"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "演示街 88 号"),
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Buyer:
    open_id: str
    union_id: str
    phone: str
    name: str
    place: tuple[str, str, str, str]


def someone(draw: Random, name: str | None = None) -> Buyer:
    return Buyer(
        "o" + "".join(draw.choices(_ALPHABET, k=27)),
        "o" + "".join(draw.choices(_ALPHABET, k=27)),
        f"1000000{draw.randrange(10_000):04d}",
        name or draw.choice(_NAMES),
        draw.choice(_PLACES),
    )


FATES = {"finished": 80, "cancelled_unpaid": 10, "unpaid": 3, "cancelled_paid": 4, "refunded": 3}


@dataclass(frozen=True, slots=True)
class Course:
    """The status is the shop's own word for where the order stands."""

    created: datetime
    status: str
    modified: datetime
    paid: datetime | None = None
    shipped: datetime | None = None
    finished: datetime | None = None
    cancelled: datetime | None = None
    refunded: datetime | None = None


def follow(
    created: datetime, fate: str, draw: Random, as_of: datetime, paid: datetime | None = None
) -> Course:
    """The course up to as_of. `paid` sets the moment of payment for those that must be paid just then."""
    events = [event for event in _events(created, fate, draw, paid) if event[1] < as_of]
    at = dict(events)
    status, modified = events[-1] if events else ("created", created)
    cancelled = at.get("cancelled_unpaid") or at.get("cancelled_paid")
    return Course(
        created=created,
        status=status,
        modified=modified,
        paid=at.get("paid"),
        shipped=at.get("shipped"),
        finished=at.get("finished"),
        cancelled=cancelled,
        refunded=at.get("refunded"),
    )


def _events(created: datetime, fate: str, draw: Random, paid: datetime | None) -> list[tuple[str, datetime]]:
    pay = paid or created + timedelta(seconds=draw.randint(15, 1500))
    ship = pay + timedelta(minutes=draw.randint(30, 2000))
    match fate:
        case "unpaid":
            return []
        case "cancelled_unpaid":
            return [("cancelled_unpaid", created + timedelta(minutes=30))]
        case "cancelled_paid":
            return [("paid", pay), ("cancelled_paid", pay + timedelta(minutes=draw.randint(5, 240)))]
        case "refunded":
            return [("paid", pay), ("refunded", pay + timedelta(minutes=draw.randint(30, 600)))]
        case _:
            finish = ship + timedelta(hours=draw.randint(24, 120))
            return [("paid", pay), ("shipped", ship), ("finished", finish)]


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


@dataclass(frozen=True, slots=True)
class ReturnLine:
    number: int  # of the order's line
    pieces: int
    amount: int  # fen, of all these pieces


@dataclass(frozen=True, slots=True)
class Return:
    id: int
    code: str
    created: datetime
    finished: datetime
    lines: tuple[ReturnLine, ...]
    freight: int

    @property
    def goods(self) -> int:
        return sum(line.amount for line in self.lines)


def return_of(order: Order) -> Return | None:
    """The return of an order that was refunded; always the same for the same order."""
    course = order.course
    if course.refunded is None or course.paid is None:
        return None
    draw = Random(f"{order.id}/return")
    lines = tuple(_lines(order, draw))
    whole = [line.pieces for line in lines] == [line.pieces for line in order.basket.lines]
    freight = order.basket.freight if whole else 0
    created = course.paid + (course.refunded - course.paid) / 2
    return Return(order.id, f"R{order.code}", created, course.refunded, lines, freight)


def _lines(order: Order, draw: Random) -> Iterator[ReturnLine]:
    lines = order.basket.lines
    everything = draw.random() < 0.5
    first = 0 if everything else draw.randrange(len(lines))
    for number in range(len(lines)) if everything else (first,):
        line = lines[number]
        pieces = line.pieces if everything else draw.randint(1, line.pieces)
        yield ReturnLine(number, pieces, line.payment * pieces // line.pieces)
