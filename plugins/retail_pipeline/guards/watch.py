"""Looks whether the guards look, from wherever, and alerts which do not."""

from __future__ import annotations

from retail_pipeline import clock
from retail_pipeline.guard_record import looks
from retail_pipeline.guards.findings import WATCH_OF_GUARDS, guard_findings, guards_of
from retail_pipeline.notify.trouble_watch import review_troubles
from retail_pipeline.settings import Settings
from retail_pipeline.troubles import Finding


def look_into_guards(settings: Settings) -> list[Finding]:
    """Return what is found of each guard that the settings ask for, and alert nothing.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    guards = guards_of(settings)
    return guard_findings(guards, looks(list(guards), settings.alarms), clock.now())


def review_guards(settings: Settings) -> list[Finding]:
    """Alert which guards do not look; return what was found.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    asked = Finding(WATCH_OF_GUARDS.subject, None, "they can be watched again")
    findings = [*look_into_guards(settings), asked]
    review_troubles(WATCH_OF_GUARDS.dag_id, findings, settings.alarms, clock.now())
    return findings
