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


def examples(count: int) -> int:
    """So many, or as many times more as the profile says."""
    return count * settings().max_examples // _USUAL
