"""A call that got lost is asked again in place: a few times, with pauses, and only where that may cure it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retail_pipeline import clock
from retail_pipeline.errors import (
    AuthRejected,
    BadRequest,
    ConfigError,
    DatabaseUnavailable,
    NoAnswer,
    NotReady,
    PermanentApiError,
    RateLimited,
    TransientApiError,
)
from retail_pipeline.vendors.attempts import ATTEMPTS, in_place

FACTS = {"vendor": "v", "method": "m"}
PAGES = 400  # of a window of 20,000 orders; one is read twice


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(clock, "pause", found.append)
    return found


def failing(*errors: Exception) -> Callable[[], str]:
    left = list(errors)

    def ask() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return ask


def test_at_five_in_a_hundred_lost_less_than_one_window_in_a_million_is_given_up():
    assert (PAGES + 1) * 0.05**ATTEMPTS < 1e-6


@pytest.mark.parametrize("kind", [TransientApiError, NoAnswer])
@pytest.mark.parametrize("times", range(ATTEMPTS))
def test_what_got_lost_is_asked_again(pauses, kind, times):
    assert in_place(failing(*[kind("lost", **FACTS)] * times)) == "answer"
    assert len(pauses) == times


def test_pauses_grow_and_end_at_half_a_minute(pauses):
    with pytest.raises(NoAnswer, match="the last"):
        in_place(failing(*[NoAnswer("lost", **FACTS)] * (ATTEMPTS - 1), NoAnswer("the last", **FACTS)))

    assert [
        least <= pause <= least + 1 for least, pause in zip([1, 2, 4, 8, 16, 29], pauses, strict=True)
    ] == [True] * 6
    assert max(pauses) <= 30


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("slow down", **FACTS),
        NotReady("not yet", **FACTS),
        PermanentApiError("no", **FACTS),
        BadRequest("no", **FACTS),
        AuthRejected("no", **FACTS),
        ConfigError("mend it"),
        DatabaseUnavailable("gone"),
        KeyError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_else_is_asked_again(pauses, error):
    with pytest.raises(type(error)):
        in_place(failing(error))

    assert pauses == []


def test_what_is_worth_another_attempt_can_be_said(pauses):
    def gone(error: BaseException) -> bool:
        return isinstance(error, DatabaseUnavailable)

    assert in_place(failing(DatabaseUnavailable("gone")), gone) == "answer"
    with pytest.raises(NoAnswer):
        in_place(failing(NoAnswer("lost", **FACTS)), gone)
