"""How many examples a property is tried with: ``script/test --all`` tries four times as many."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_USUAL = 100
# A machine that is busy with other tests is no reason to fail, and examples are kept nowhere in the checkout.
_PATIENT = settings(
    max_examples=_USUAL, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def register_profiles() -> None:
    settings.register_profile("retail", _PATIENT)
    settings.register_profile("all", _PATIENT, max_examples=4 * _USUAL)
    settings.load_profile("retail")


def examples(count: int, *, everything: int | None = None) -> int:
    """Return how many examples a test tries: so many, and four times as many, or ``everything``, with --all."""
    if everything is not None and settings().max_examples > _USUAL:
        return everything
    return count * settings().max_examples // _USUAL
