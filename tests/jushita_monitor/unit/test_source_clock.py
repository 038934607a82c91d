"""A clock or a zone that is not Beijing's shows in the clock, in the newest stamp, or in the rows themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.jushita_monitor.source_clock import SourceClock, clock_finding

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def seen(theirs: timedelta = 0 * SECOND, newest: timedelta | None = None, early: timedelta | None = None):
    return SourceClock(NOON, NOON + theirs, None if newest is None else NOON + newest, early)


@pytest.mark.parametrize(
    "fine",
    [
        seen(),
        seen(60 * SECOND, 120 * SECOND, -3 * SECOND),
        seen(-60 * SECOND, 0 * SECOND, 10 * MINUTE),
        seen(newest=-8 * HOUR, early=-SECOND),  # nothing was pushed at night
        seen(newest=-8 * HOUR),
    ],
)
def test_what_can_be_is_fine(fine):
    assert clock_finding("rds/t", fine).kind is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (seen(8 * HOUR), "the RDS's clock is 8.0 h ahead of ours"),
        (seen(-61 * SECOND), "the RDS's clock is 1 min behind ours"),
        (seen(newest=8 * HOUR, early=-8 * HOUR), "rows are stamped 8.0 h in the future of the RDS's clock"),
        (seen(newest=61 * SECOND), "rows are stamped 1 min in the future of the RDS's clock"),
        (
            seen(newest=-8 * HOUR, early=8 * HOUR),
            "rows are stamped 8.0 h or more before the changes that they tell of",
        ),
        (seen(newest=-HOUR, early=601 * SECOND), "rows are stamped 10 min or more before the changes"),
    ],
)
def test_what_cannot_be_is_told(wrong, told):
    finding = clock_finding("rds/t", wrong)

    assert finding.kind is IncidentKind.INCIDENT
    assert finding.subject == "clock of rds/t"
    assert finding.why.startswith(told)
