"""Incidents, which come and go: what people must know of each, once. Pure.

A report's day is late or done; what is watched all the time has no day. Its incident has a beginning instead, and
lasts until people have been told that it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IncidentKind(StrEnum):
    """What people are alerted of, each once from the beginning of an incident to its end."""

    INCIDENT = "trouble"
    WEEK_LEFT = "week_left"
    DAY_LEFT = "day_left"
    GONE = "gone"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Finding:
    """What a watch finds of one thing.

    :ivar subject: what it speaks of, always in the same words: an incident is known by them
    :ivar kind: what people must know; None where nothing is wrong
    :ivar what: what is wrong, in a few words
    :ivar why: the figures, also where nothing is wrong; no buyer's data
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
    """An incident that is not over for people, since nobody has told them so.

    :ivar told: what they have heard of it
    """

    began_at: datetime
    told: frozenset[IncidentKind] = frozenset()


def kind_due(finding: Finding, incident: Incident | None) -> IncidentKind | None:
    """Return what people are to be alerted of now; None where there is nothing new to say."""
    kind = finding.kind or (IncidentKind.RECOVERED if incident else None)
    return None if incident and kind in incident.told else kind
