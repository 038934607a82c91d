"""Finds refused items by halving: only they stay out, at the cost of log2(n) attempts each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from retail_pipeline.errors import ValueRefused

Item = TypeVar("Item")


def by_halves(
    items: Sequence[Item],
    attempt: Callable[[Sequence[Item]], None],
    refuse: Callable[[Item, ValueRefused], None],
) -> None:
    """Do something with all items at once; if a value is refused, with each half of them, in their order.

    :param attempt: does it completely, or does nothing and raises ValueRefused
    :param refuse: is called with each item that is refused by itself
    """
    if not items:
        return
    try:
        attempt(items)
    except ValueRefused as refusal:
        if len(items) == 1:
            refuse(items[0], refusal)
            return
        middle = len(items) // 2
        by_halves(items[:middle], attempt, refuse)
        by_halves(items[middle:], attempt, refuse)
