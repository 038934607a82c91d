from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retail_pipeline.alerts.incidents import Finding, Incident, IncidentKind, kind_due

BEGAN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FINE = Finding("a", None, "all is well")
BAD = Finding("a", IncidentKind.INCIDENT, "x")
LAST_DAY = Finding("a", IncidentKind.DAY_LEFT, "x")


def incident(*told: IncidentKind) -> Incident:
    return Incident(BEGAN, frozenset(told))


@pytest.mark.parametrize(
    ("finding", "so_far", "due"),
    [
        (FINE, None, None),
        (BAD, None, IncidentKind.INCIDENT),
        (BAD, incident(), IncidentKind.INCIDENT),
        (BAD, incident(IncidentKind.INCIDENT), None),
        (LAST_DAY, incident(IncidentKind.INCIDENT), IncidentKind.DAY_LEFT),
        (LAST_DAY, None, IncidentKind.DAY_LEFT),
        (FINE, incident(IncidentKind.INCIDENT), IncidentKind.RECOVERED),
        (FINE, incident(), IncidentKind.RECOVERED),
        (FINE, incident(IncidentKind.INCIDENT, IncidentKind.RECOVERED), None),
    ],
)
def test_what_is_new_is_due_and_nothing_else(finding, so_far, due):
    assert kind_due(finding, so_far) is due
