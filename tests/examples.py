"""How many examples a property is tried with: few by ``script/test``, which is run often, many with --all."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_FEW, _MANY = 30, 200  # per hundred of what a test asks for
# A machine that is busy with other tests is no reason to fail, and examples are kept nowhere in the checkout.
_PATIENT = settings(
    max_examples=_FEW, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def register_profiles() -> None:
    settings.register_profile("retail", _PATIENT)
    settings.register_profile("all", _PATIENT, max_examples=_MANY)
    settings.load_profile("retail")


def examples(count: int, *, everything: int | None = None) -> int:
    """Return how many examples a test tries: three tenths of so many; with --all twice as many, or ``everything``."""
    if everything is not None and settings().max_examples == _MANY:
        return everything
    return max(1, count * settings().max_examples // 100)
