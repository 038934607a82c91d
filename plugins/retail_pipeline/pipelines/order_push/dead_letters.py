"""Whether Youshu or single orders are to blame when orders are not taken. Pure.

Youshu says neither which order of a batch it refuses nor whether Youshu itself has a fault. The orders that it takes
in between tell the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from retail_pipeline.pipelines.order_push.order_sending import TRIES_IN_COMPANY, End, Outcome
from retail_pipeline.pipelines.order_push.outbox import RETURN

# One call without an answer may be chance; a refusal may concern single orders, and Youshu takes the others when they
# are sent in smaller batches. After so many failures in a row no calls are made until the next drain.
SILENCES, REFUSALS = 2, 8
# If so many orders are refused one by one, the orders are hardly to blame.
SUSPICIOUS = 10


@dataclass
class Standstill:
    """Counts the calls that failed since Youshu took anything.

    :ivar is_on: calls were stopped, and Youshu has taken nothing since
    """

    is_on: bool = False
    _silences: int = 0
    _refusals: int = 0

    def failed(self, outcome: Outcome) -> bool:
        """Return whether to stop calling Youshu now.

        An order that was sent alone before, while Youshu took others, says nothing about Youshu.
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
        """End it; return the number of tries below which failed orders are due now. None: all of them are."""
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
        """Return the outcomes that this decides: it is dead-lettered, or none is, and all are tried again."""
        if {row.id for row in outcome.rows} <= self._to_blame:
            return [outcome]
        self._undecided.append(outcome)
        if len(self._undecided) < SUSPICIOUS:
            return []
        return self.withhold()

    def taken(self) -> list[Outcome]:
        """Return the outcomes to be dead-lettered, since Youshu takes other orders."""
        self._to_blame |= self._withheld
        self._withheld.clear()
        return self.decide()

    def withhold(self) -> list[Outcome]:
        """Return the outcomes to be tried again until Youshu takes other orders, since the fault may be Youshu's."""
        withheld = [replace(each, end=End.FAILED) for each in self.decide()]
        self._withheld |= {row.id for each in withheld for row in each.rows}
        return withheld

    def decide(self) -> list[Outcome]:
        """Return the outcomes to be dead-lettered, since they are few."""
        decided = self._undecided[:]
        self._undecided.clear()
        return decided


@dataclass
class DeadLetterRule:
    """What one sender knows about Youshu and its shop's orders."""

    standstill: Standstill = field(default_factory=Standstill)
    _orders: Refusals = field(default_factory=Refusals)
    _returns: Refusals = field(default_factory=Refusals)

    def refused(self, outcome: Outcome) -> list[Outcome]:
        """Return the outcomes that a refusal of a single order decides: its own, and those of earlier refusals."""
        refusals = self._kind(outcome)
        decided = refusals.refused(outcome)
        return decided or (refusals.withhold() if self.standstill.is_on else [])

    def taken(self, outcome: Outcome) -> list[Outcome]:
        """Return the outcomes that are decided since Youshu took something."""
        return self._kind(outcome).taken()

    def undecided(self) -> Iterator[Outcome]:
        """Yield, at the end of a drain, the final outcomes of orders that were refused one by one."""
        for refusals in (self._orders, self._returns):
            yield from refusals.withhold() if self.standstill.is_on else refusals.decide()

    def _kind(self, outcome: Outcome) -> Refusals:
        """Return the refusals of an outcome's kind: if Youshu takes orders, that says nothing about returns."""
        return self._returns if outcome.rows[0].push_type == RETURN else self._orders
