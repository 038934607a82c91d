"""Rings for trouble, once from its beginning to its end; ``etl_alert`` is what remembers it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline.business_time import at
from retail_pipeline.notify.alarm import Alarm
from retail_pipeline.notify.ringing import claim, ring
from retail_pipeline.notify.trouble_alarm import trouble_alarm
from retail_pipeline.postgres_session import open_postgres, query
from retail_pipeline.run_links import dag_link
from retail_pipeline.settings import Alarms
from retail_pipeline.troubles import Episode, Finding, TroubleKind, kind_due

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)


def review_troubles(watch: str, findings: Sequence[Finding], settings: Alarms, now: datetime) -> None:
    """Ring what is new in the findings of a watch. Never raises: an alarm must not break what it watches.

    Reviews of a watch take turns, since two at once would each begin a trouble of their own. A turn ends before
    anything rings: dead channels take longer than a transaction may idle. Without the record it rings anyway: better
    heard twice than never.

    :param watch: a dag_id
    """
    episodes: dict[str, Episode] = {}
    try:
        with open_postgres(settings.record_conn_id) as connection, connection.transaction():
            query(connection, "alerts/take_turns", {"watch": watch})
            episodes = _episodes(connection, watch)
            for alarm in _due(watch, findings, episodes, now):
                # What has begun before has a row already, and who rings it just now keeps that.
                if alarm.shop not in episodes:
                    claim(connection, alarm)
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must hear)
        log.error("alarm record %s cannot be used (%s): ringing without it", settings.record_conn_id, fault)
    for alarm in _due(watch, findings, episodes, now):
        log.info("%s: %s", alarm.shop, alarm.kind.value)
        ring(alarm, settings)


def _due(
    watch: str, findings: Sequence[Finding], episodes: Mapping[str, Episode], now: datetime
) -> Iterator[Alarm]:
    for finding in findings:
        episode = episodes.get(finding.subject)
        if kind := kind_due(finding, episode):
            began_at = episode.began_at if episode else now
            yield trouble_alarm(watch, finding, kind, began_at, now, dag_link(watch))


def _episodes(connection: psycopg.Connection[Any], watch: str) -> dict[str, Episode]:
    """Return by subject the troubles of which nobody has heard yet that they are over."""
    return {
        row["shop"]: Episode(
            at(row["business_date"], row["began_at"]), frozenset(map(TroubleKind, row["told"]))
        )
        for row in query(connection, "alerts/episodes", {"watch": watch})
    }
