"""The usual volume: the median of the days before, if enough of them are known. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from statistics import median

# So many days before are used; if fewer than MIN_DAYS are known, nobody can say what is usual.
DAYS, MIN_DAYS = 7, 3


def usual_of(figures: Iterable[int | Decimal]) -> Decimal | None:
    """Return what is usual; None if too few days are known.

    >>> usual_of([120, 90, 4000])
    Decimal('120')
    >>> usual_of([120, 90])
    """
    known = [Decimal(figure) for figure in figures]
    return median(known) if len(known) >= MIN_DAYS else None
