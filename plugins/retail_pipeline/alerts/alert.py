"""An alert: one thing to tell people, once. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.business_time import SHANGHAI

# This page says what to do about each kind of alert, under a heading of its own.
_PAGE: Final = "docs/runbook.md"


class AlertKind(StrEnum):
    """What people are alerted of: each kind once per report, shop and business date."""

    DOUBTFUL = "doubtful"
    LATE = "late"
    MISSED = "missed"
    FAILED = "failed"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Alert:
    """One thing to tell people, once per report, shop, business date and kind.

    An alert of an incident: once per watch, subject, beginning and kind.

    :param source: what noticed it: ``task``, ``watchdog``, ``deadline_alert``, ``command``
    :param began_at: the time on ``business_date``, Shanghai time; a report's day begins at midnight
    :param lasts: it is about an incident, or about the end of one
    """

    report: str
    shop: str
    business_date: date
    kind: AlertKind | IncidentKind
    source: str
    title: str
    body: str
    began_at: time = time()
    lasts: bool = False


def facts_text(facts: Iterable[tuple[str, str]]) -> str:
    """Return one line for each fact: texts from outside cannot add lines of their own."""
    return "\n".join(f"{label}: {' '.join(text.split())}" for label, text in facts)


def where_to_look(runbook: str, link: str) -> list[tuple[str, str]]:
    """Return an alert's last facts, which stay when a text is cut.

    :param runbook: the heading's anchor in ``docs/runbook.md``
    """
    return [("runbook", f"{_PAGE}#{runbook}"), ("look", link)]


def clock_time(moment: datetime) -> str:
    """Return the time of day in Shanghai."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def in_shanghai(moment: datetime) -> str:
    """Return a moment as text, in Shanghai time."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} (Shanghai)"
