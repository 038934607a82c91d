from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from retail_pipeline.alerts.incident_alert import incident_alert
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.alerts.message import SEVERITY

LINK = "http://airflow.example/dags/jushita_push_monitor"
# In Shanghai the next day has begun.
BEGAN = datetime(2026, 11, 22, 16, 5, 7, 999, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 2, 31, tzinfo=UTC)
SLOW = Finding(
    "push lag of rds/jdp_tb_trade", IncidentKind.INCIDENT, "median 90 s", "pushed late", "ask Jushita"
)


def alert(kind: IncidentKind = IncidentKind.INCIDENT):
    return incident_alert("jushita_push_monitor", SLOW, kind, BEGAN, NOW, LINK)


def test_trouble_says_what_since_when_why_what_to_do_and_where():
    alerted = alert()

    assert alerted.title == "pushed late: push lag of rds/jdp_tb_trade"
    assert alerted.body.splitlines() == [
        "since: 2026-11-23 00:05:07 (Shanghai)",
        "why: median 90 s",
        "do: ask Jushita",
        "runbook: docs/runbook.md#an-alert-came",
        f"look: {LINK}",
    ]


def test_recovered_says_since_when_until_when_and_how_it_is_now():
    alerted = alert(IncidentKind.RECOVERED)

    assert alerted.title == "recovered at 10:31: push lag of rds/jdp_tb_trade"
    assert alerted.body.splitlines() == [
        "since: 2026-11-23 00:05:07 (Shanghai)",
        "over: 2026-11-23 10:31:00 (Shanghai)",
        "now: median 90 s",
        f"look: {LINK}",
    ]


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_it_is_recorded_under_watch_subject_beginning_in_shanghai_and_kind(kind):
    alerted = alert(kind)

    assert (alerted.report, alerted.shop) == ("jushita_push_monitor", "push lag of rds/jdp_tb_trade")
    assert (alerted.business_date, alerted.began_at) == (date(2026, 11, 23), time(0, 5, 7))
    assert alerted.kind is kind


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_every_kind_has_a_severity(kind):
    assert SEVERITY[kind] in ("warning", "failure", "success")
