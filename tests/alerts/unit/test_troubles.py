from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retail_pipeline.alerts.troubles import Episode, Finding, TroubleKind, kind_due

BEGAN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FINE = Finding("a", None, "all is well")
BAD = Finding("a", TroubleKind.TROUBLE, "x")
LAST_DAY = Finding("a", TroubleKind.DAY_LEFT, "x")


def episode(*told: TroubleKind) -> Episode:
    return Episode(BEGAN, frozenset(told))


@pytest.mark.parametrize(
    ("finding", "so_far", "due"),
    [
        (FINE, None, None),
        (BAD, None, TroubleKind.TROUBLE),
        (BAD, episode(), TroubleKind.TROUBLE),
        (BAD, episode(TroubleKind.TROUBLE), None),
        (LAST_DAY, episode(TroubleKind.TROUBLE), TroubleKind.DAY_LEFT),
        (LAST_DAY, None, TroubleKind.DAY_LEFT),
        (FINE, episode(TroubleKind.TROUBLE), TroubleKind.RECOVERED),
        (FINE, episode(), TroubleKind.RECOVERED),
        (FINE, episode(TroubleKind.TROUBLE, TroubleKind.RECOVERED), None),
    ],
)
def test_what_is_new_is_due_and_nothing_else(finding, so_far, due):
    assert kind_due(finding, so_far) is due
