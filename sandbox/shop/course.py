"""How an order goes on after it was placed, as far as it has come at a given moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

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
