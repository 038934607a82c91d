"""Whose fault it is that orders were not taken: Youshu's, or that of single orders. Pure.

Youshu says neither which order of a batch it dislikes nor whether it is in trouble itself. What tells them apart is
what it takes in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from retail_pipeline.pipelines.order_push.order_sending import TRIES_IN_COMPANY, End, Outcome
from retail_pipeline.pipelines.order_push.outbox import RETURN

# One call without an answer may be bad luck; answers of its own may be about orders, of which it takes some when they
# are sent in smaller company. After so many in a row Youshu is left alone until the next drain.
SILENCES, REFUSALS = 2, 8
# Of so many orders that are refused one by one, the orders are hardly to blame.
SUSPICIOUS = 10


@dataclass
class Standstill:
    """Counts the calls that failed since Youshu took anything.

    :ivar is_on: Youshu was left alone, and has taken nothing since
    """

    is_on: bool = False
    _silences: int = 0
    _refusals: int = 0

    def failed(self, outcome: Outcome) -> bool:
        """Return whether Youshu is to be left alone now.

        An order that has stood alone before, while Youshu took others, says nothing of Youshu.
        """
        if not self.is_on and all(row.push_num > TRIES_IN_COMPANY for row in outcome.rows):
            return bool(outcome.pause)
        self._refusals += outcome.answered
        self._silences += not outcome.answered
        if not (outcome.pause or self._silences >= SILENCES or self._refusals >= REFUSALS):
            return False
        self.is_on, self._silences, self._refusals = True, 0, 0
        return True

    def taken(self) -> int | None:
        """End it; return below how many tries what failed is due now. None: all of it, whatever was tried."""
        failures, was_on = self._silences + self._refusals, self.is_on
        self.is_on, self._silences, self._refusals = False, 0, 0
        if was_on:
            return None
        return TRIES_IN_COMPANY if failures else 0


@dataclass
class Refusals:
    """Orders, or returns, that Youshu refuses alone: they are to blame if it takes others, or if they are few."""

    _undecided: list[Outcome] = field(default_factory=list)
    _withheld: set[int] = field(default_factory=set)
    _to_blame: set[int] = field(default_factory=set)

    def refused(self, outcome: Outcome) -> list[Outcome]:
        """Return what is decided by this: it is dead-lettered, or nothing is, and all are tried again."""
        if {row.id for row in outcome.rows} <= self._to_blame:
            return [outcome]
        self._undecided.append(outcome)
        if len(self._undecided) < SUSPICIOUS:
            return []
        return self.withhold()

    def taken(self) -> list[Outcome]:
        """Return what is to be dead-lettered, since Youshu takes others."""
        self._to_blame |= self._withheld
        self._withheld.clear()
        return self.decide()

    def withhold(self) -> list[Outcome]:
        """Return what is to be tried again, since it may be Youshu: until that takes others."""
        withheld = [replace(each, end=End.FAILED) for each in self.decide()]
        self._withheld |= {row.id for each in withheld for row in each.rows}
        return withheld

    def decide(self) -> list[Outcome]:
        """Return what is to be dead-lettered, since it is little."""
        decided = self._undecided[:]
        self._undecided.clear()
        return decided


@dataclass
class DeadLetterRule:
    """What one sender knows of Youshu and of its shop's orders."""

    standstill: Standstill = field(default_factory=Standstill)
    _orders: Refusals = field(default_factory=Refusals)
    _returns: Refusals = field(default_factory=Refusals)

    def refused(self, outcome: Outcome) -> list[Outcome]:
        """Return what is decided by the refusal of a single order, of it and of others that were refused before."""
        refusals = self._kind(outcome)
        decided = refusals.refused(outcome)
        return decided or (refusals.withhold() if self.standstill.is_on else [])

    def taken(self, outcome: Outcome) -> list[Outcome]:
        """Return what is decided since Youshu took something."""
        return self._kind(outcome).taken()

    def undecided(self) -> Iterator[Outcome]:
        """Yield what becomes, at the end of a drain, of orders that were refused one by one."""
        for refusals in (self._orders, self._returns):
            yield from refusals.withhold() if self.standstill.is_on else refusals.decide()

    def _kind(self, outcome: Outcome) -> Refusals:
        """Return those of an outcome's kind: that Youshu takes orders says nothing of returns."""
        return self._returns if outcome.rows[0].push_type == RETURN else self._orders
