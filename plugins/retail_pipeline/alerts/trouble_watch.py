"""Rings for trouble, once from its beginning to its end; ``etl_alert`` is what remembers it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from retail_pipeline.alerts.alarm import Alarm
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.ringing import ring
from retail_pipeline.alerts.trouble_alarm import trouble_alarm
from retail_pipeline.alerts.troubles import Episode, Finding, TroubleKind, kind_due
from retail_pipeline.business_time import from_local_time
from retail_pipeline.databases.postgres_session import query

log = logging.getLogger(__name__)


def review_troubles(watch: str, findings: Sequence[Finding], alerting: Alerting, now: datetime) -> None:
    """Ring what is new in the findings of a watch. Never raises: an alarm must not break what it watches.

    Of reviews at once the record lets one begin a trouble, and one end it. Without the record it rings anyway: better
    heard twice than never.

    :param watch: a dag_id
    """
    due = list(_due(watch, findings, _episodes(watch, alerting), now, alerting.link(watch)))
    for alarm in due:
        log.info("%s: %s", alarm.shop, alarm.kind.value)
    ring(due, alerting)


def _due(
    watch: str, findings: Sequence[Finding], episodes: Mapping[str, Episode], now: datetime, link: str
) -> Iterator[Alarm]:
    for finding in findings:
        episode = episodes.get(finding.subject)
        if kind := kind_due(finding, episode):
            began_at = episode.began_at if episode else now
            yield trouble_alarm(watch, finding, kind, began_at, now, link)


def _episodes(watch: str, alerting: Alerting) -> dict[str, Episode]:
    """Return by subject the troubles that are not over; none where the record cannot be read."""
    try:
        rows = alerting.ask_record(lambda session: query(session, "alerts/episodes", {"watch": watch}))
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must hear)
        log.error("alarm record %s cannot be read: %s", alerting.record, fault)
        return {}
    return {
        row["shop"]: Episode(from_local_time(row["began_at"]), frozenset(map(TroubleKind, row["told"])))
        for row in rows
    }
