"""Incidents, which begin and end: what people must know of each, once. Pure.

A report's day is late or done. Things that are watched all the time have no day; their incidents have a beginning
instead, and last until people have been told that they are over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IncidentKind(StrEnum):
    """What people are alerted of: each kind once from the beginning of an incident to its end."""

    INCIDENT = "trouble"
    WEEK_LEFT = "week_left"
    DAY_LEFT = "day_left"
    GONE = "gone"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Finding:
    """What a watch finds about one thing.

    :ivar subject: the thing, always in the same words: they identify its incident
    :ivar kind: what people must know; None if nothing is wrong
    :ivar what: what is wrong, in a few words
    :ivar why: the figures, even if nothing is wrong; no buyer's data
    :ivar do: what to do about it
    :ivar runbook: the heading's anchor in ``docs/runbook.md``
    """

    subject: str
    kind: IncidentKind | None
    why: str
    what: str = ""
    do: str = ""
    runbook: str = "an-alert-came"


@dataclass(frozen=True)
class Incident:
    """An open incident: nobody has told people yet that it is over.

    :ivar told: the kinds of alerts that people have got about it
    """

    began_at: datetime
    told: frozenset[IncidentKind] = frozenset()


def kind_due(finding: Finding, incident: Incident | None) -> IncidentKind | None:
    """Return what people must be alerted of now; None if there is nothing new."""
    kind = finding.kind or (IncidentKind.RECOVERED if incident else None)
    return None if incident and kind in incident.told else kind
