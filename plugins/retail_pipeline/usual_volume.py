"""What is usual: the median of the days before, where enough of them are known. Pure."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from statistics import median
from typing import TypeVar

Figure = TypeVar("Figure", int, Decimal)
# So many days before are looked at; where fewer than LEAST_DAYS are known, nobody can say what is usual.
DAYS, LEAST_DAYS = 7, 3


def usual_of(figures: Collection[Figure]) -> Figure | None:
    """Return what is usual; None where too few days are known.

    >>> usual_of([120, 90, 4000])
    120
    >>> usual_of([120, 90])
    """
    return median(figures) if len(figures) >= LEAST_DAYS else None
