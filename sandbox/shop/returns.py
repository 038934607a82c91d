"""What of an order comes back: all of it, or one line of it, or some pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sandbox.shop.orders import Order


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
