"""Does a day's order sum look wrong? Then a person is asked before it is reported to Youshu. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from retail_pipeline.alerts.usual_volume import usual_of
from retail_pipeline.pipelines.daily_reports.rows import OrderSummary
from retail_pipeline.settings.reports import OrderVolume

_ORDERS = {"give_order_num_sum": "orders placed", "payed_num_sum": "orders paid"}
_AMOUNTS = {"give_order_amount_sum": "amount placed", "payment_amount_sum": "amount paid"}


@dataclass(frozen=True)
class Doubt:
    """What looks wrong.

    :ivar empty: there is not a single order
    :ivar asked: an earlier try has found these sums doubtful, so people have been asked
    """

    why: str
    empty: bool = False
    asked: bool = False


def volume_doubt(day: OrderSummary, before: Collection[OrderSummary], limits: OrderVolume) -> Doubt | None:
    """Compare a day with the days before; None where it is as usual, or where too few days are known.

    :param before: the reported ones of the seven days before
    """
    found = [*_unusual(day, before, limits)]
    if not found:
        return None
    return Doubt(f"far from the usual (与平日相差过大): {'; '.join(found)}")


def empty_doubt(before: Collection[OrderSummary]) -> Doubt:
    """Return a doubt about a day without an order, of a shop that has orders on other days."""
    usual = usual_of(each.give_order_num_sum for each in before)
    known = "" if usual is None else f"; usual are {usual:,.0f}"
    return Doubt(f"not a single order was placed or paid that day (当日无订单){known}", empty=True)


def is_empty(day: OrderSummary) -> bool:
    """Return whether a day has no order."""
    return day.give_order_num_sum == day.payed_num_sum == 0


def _unusual(day: OrderSummary, before: Collection[OrderSummary], limits: OrderVolume) -> Iterator[str]:
    orders = usual_of(each.give_order_num_sum for each in before)
    if orders is None or orders < limits.min_usual_orders:
        return
    for name, words in {**_ORDERS, **_AMOUNTS}.items():
        usual = usual_of(getattr(each, name) for each in before)
        value = getattr(day, name)
        share = value / usual if usual else 1
        if not limits.min_share <= share <= limits.max_share:
            told = "{:,.2f}" if name in _AMOUNTS else "{:,.0f}"
            yield (
                f"{words} {told.format(value)}, usual are {told.format(usual)} ({share:.0%}, "
                f"limits {limits.min_share:.0%} to {limits.max_share:.0%})"
            )
