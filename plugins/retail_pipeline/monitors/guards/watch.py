"""Checks whether the guards look, whatever runs them, and alerts people of those that do not."""

from __future__ import annotations

from collections.abc import Collection

from retail_pipeline import clock
from retail_pipeline.alerts.guard_record import GUARD, looks
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.monitors.guards.findings import (
    WATCH_OF_GUARDS,
    guard_findings,
    guards_of,
    subject_of,
)
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.retail import Settings


def look_into_guards(settings: Settings) -> list[Finding]:
    """Return the finding for each guard that the settings ask for, without an alert.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    guards = guards_of(settings)
    return guard_findings(guards, looks(list(guards), alerting(settings.alerts)), clock.now())


def review_guards(settings: Settings) -> list[Finding]:
    """Alert people of the guards that do not look; return what was found.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    asked = Finding(WATCH_OF_GUARDS.subject, None, "they can be watched again")
    findings = [*look_into_guards(settings), asked]
    findings += _over({subject_of(guard) for guard in guards_of(settings)}, settings)
    review_incidents(WATCH_OF_GUARDS.dag_id, findings, alerting(settings.alerts), clock.now())
    return findings


def _over(subjects: Collection[str], settings: Settings) -> list[Finding]:
    """Return findings that end the incidents of guards that the settings do not ask for any more."""
    with open_postgres(settings.alerts.record_conn_id, brief=True) as session:
        told = {row["shop"] for row in query(session, "alerts/incidents", {"watch": WATCH_OF_GUARDS.dag_id})}
    return [
        Finding(subject, None, "the settings ask for it no more")
        for subject in sorted(told - set(subjects))
        if subject.startswith(GUARD)  # other watches alert under this DAG's name, too
    ]
