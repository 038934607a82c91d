"""A target of the product's, and whether it was met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Judged:
    """A target, what was measured, and whether that will do."""

    text: str
    value: str
    met: bool

    def __str__(self) -> str:
        return f"{'met' if self.met else 'MISSED':<7} {self.text:<62} {self.value}"
