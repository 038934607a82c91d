"""Compares the settings with those applied last and with the databases, and alerts people of what is lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from retail_pipeline import clock
from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.monitors.loads.findings import RUNBOOK as LOAD_MONITOR
from retail_pipeline.monitors.settings.applied import Applied, apply, last_applied
from retail_pipeline.monitors.settings.left_incidents import GUARD_ENDED, ORPHAN, left_incidents
from retail_pipeline.monitors.settings.orphans import Orphan, Orphans, find_orphans
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.retail import Settings

# The DAG's name, under which etl_alert keeps the alerts of this watch.
WATCH: Final = "etl_load_monitor"
# Its heading in the runbook.
_RUNBOOK: Final = "the-settings-lost-something-设置丢失"


@dataclass(frozen=True)
class Lost:
    """What the present settings have lost.

    :ivar guards: those that have ended since the settings were applied, in words
    """

    applied: Applied | None
    guards: list[str]
    orphans: Orphans

    def findings(self) -> list[Finding]:
        """Return one finding for each loss."""
        at = f" at {in_shanghai(self.applied.at)}" if self.applied else ""
        return [
            *(_guard_finding(guard, at) for guard in self.guards),
            *(_orphan_finding(orphan) for orphan in self.orphans.found),
        ]


def look_into(settings: Settings) -> Lost:
    """Return what is lost, without an alert.

    :raises ConfigError: as ``open_postgres``, for the warehouse
    :raises DatabaseUnavailable: as ``open_postgres``, for the warehouse
    """
    with open_postgres(settings.alerts.record_conn_id, brief=True) as session:
        applied = last_applied(session)
    orphans = find_orphans(settings, applied.settings if applied else None)
    return Lost(applied, applied.lost(settings) if applied else [], orphans)


def review_settings(settings: Settings) -> Lost:
    """Alert people of what is lost; settings that have lost no guard count as applied. Any process may call it.

    Incidents of subjects that the settings do not name any more are over.
    """
    lost = look_into(settings)
    with open_postgres(settings.alerts.record_conn_id, brief=True) as session:
        if not lost.guards and (lost.applied is None or lost.applied.changes(settings)):
            apply(session, settings)
        open_subjects = {row["shop"] for row in query(session, "alerts/incidents", {"watch": WATCH})}
        left = left_incidents(session, settings)
    findings = lost.findings()
    over = _over(open_subjects - {finding.subject for finding in findings}, lost.orphans.unasked)
    reviews = {**left, WATCH: [*findings, *over, *left.get(WATCH, ()), watch_finding()]}
    for watch, found in reviews.items():
        review_incidents(watch, found, alerting(settings.alerts), clock.now())
    return lost


def watch_finding(why_not: str | None = None) -> Finding:
    """Return the finding whether the applied settings can be read."""
    subject = "watch of the settings"
    if why_not is None:
        return Finding(subject, None, "they can be compared again")
    what = "the settings cannot be compared with what was applied (无法比对设置)"
    return Finding(subject, IncidentKind.INCIDENT, why_not, what, "mend what «why» names", LOAD_MONITOR)


def _over(subjects: Collection[str], unasked: Collection[str]) -> list[Finding]:
    """Return the losses that are over; losses in a database that did not answer stay open."""
    return [
        Finding(subject, None, "it is named again, handed over, closed or confirmed")
        for subject in sorted(subjects)
        if subject.startswith(GUARD_ENDED)
        or (subject.startswith(ORPHAN) and subject.rpartition(" in ")[2] not in unasked)
    ]


def _guard_finding(guard: str, at: str) -> Finding:
    return Finding(
        f"{GUARD_ENDED}{guard}",
        IncidentKind.INCIDENT,
        f"the settings that were applied{at} name it, those of now do not",
        "a guard has ended, and nobody has confirmed that (守护已失效, 未确认)",
        "name it again, or confirm: `retail config check --apply`. Where a load is of other shops or sellers now: "
        "load the windows of before by hand first, since they hold no others",
        runbook=_RUNBOOK,
    )


def _orphan_finding(orphan: Orphan) -> Finding:
    return Finding(
        f"{ORPHAN}{orphan.key} in {orphan.conn_id}",
        IncidentKind.INCIDENT,
        orphan.what,
        "the settings do not name what this belongs to (设置中没有其所属对象)",
        "name it again; or `retail orphans hand-over` to its new name, or `retail orphans close`",
        runbook=_RUNBOOK,
    )
