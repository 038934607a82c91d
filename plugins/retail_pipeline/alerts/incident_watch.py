"""Alerts people of incidents, each once from its beginning to its end; ``etl_alert`` remembers them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from retail_pipeline.alerts.alert import Alert
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.incident_alert import incident_alert
from retail_pipeline.alerts.incidents import Finding, Incident, IncidentKind, kind_due
from retail_pipeline.alerts.once import alert_once
from retail_pipeline.business_time import from_local_time
from retail_pipeline.databases.postgres_session import query

log = logging.getLogger(__name__)


def review_incidents(watch: str, findings: Sequence[Finding], alerting: Alerting, now: datetime) -> None:
    """Alert people of what is new in a watch's findings. Never raises: an alert must not break what it watches.

    If several reviews run at once, the record lets one begin an incident, and one end it. Without the record it
    alerts anyway: better twice than never.

    :param watch: a dag_id
    """
    due = list(_due(watch, findings, _incidents(watch, alerting), now, alerting.link(watch)))
    for alert in due:
        log.info("%s: %s", alert.shop, alert.kind.value)
    alert_once(due, alerting)


def _due(
    watch: str, findings: Sequence[Finding], incidents: Mapping[str, Incident], now: datetime, link: str
) -> Iterator[Alert]:
    for finding in findings:
        incident = incidents.get(finding.subject)
        if kind := kind_due(finding, incident):
            began_at = incident.began_at if incident else now
            yield incident_alert(watch, finding, kind, began_at, now, link)


def _incidents(watch: str, alerting: Alerting) -> dict[str, Incident]:
    """Return by subject the incidents that are not over; none if the record cannot be read."""
    try:
        rows = alerting.ask_record(lambda session: query(session, "alerts/incidents", {"watch": watch}))
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must be told)
        log.error("alert record %s cannot be read: %s", alerting.record, fault)
        return {}
    return {
        row["shop"]: Incident(from_local_time(row["began_at"]), frozenset(map(IncidentKind, row["told"])))
        for row in rows
    }
