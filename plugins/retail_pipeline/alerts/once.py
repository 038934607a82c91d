"""Sends alerts once: records them in ``etl_alert``, and sends the new ones to the channels."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.alerts.unrecorded import Unrecorded
from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

_unrecorded = Unrecorded()


def alert_once(alerts: Sequence[Alert], alerting: Alerting) -> None:
    """Tell people of those alerts that they were not told of before. Never raises: it must not break what it watches.

    A recorded alert reaches every channel, at the latest through ``etl_alert_send``. Without the record it is sent to
    the channels all the same: better twice than never.
    """
    fresh = record(alerts, alerting)
    tell(alerts if fresh is None else fresh, alerting, recorded=fresh is not None)


def record(alerts: Sequence[Alert], alerting: Alerting) -> list[Alert] | None:
    """Record alerts, and return those that are new; None if the record cannot be used. Never raises."""
    if not alerts:
        return []
    # Everywhere in the same order, so that two processes that raise the same alerts cannot block each other.
    ordered = sorted(alerts, key=lambda alert: (alert.report, alert.shop, alert.kind.value))
    try:
        return alerting.ask_record(partial(_recorded, ordered))
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must be told)
        log.error("alert record %s cannot be used: %s", alerting.record, fault)
        return None


def tell(alerts: Sequence[Alert], alerting: Alerting, *, recorded: bool) -> None:
    """Send alerts to the channels. Never raises.

    :param recorded: they are in the record; other alerts that wait there are sent with them
    """
    if not alerts:
        return
    try:
        if recorded:
            deliver(alerting)
            return
    except Exception as fault:  # noqa: BLE001
        log.error("alerts wait in the record %s: %s", alerting.record, fault)
    try:
        _unrecorded.tell(alerts, alerting)
    except Exception as fault:  # noqa: BLE001
        log.error("nobody was told of %s: %s", "; ".join(alert.title for alert in alerts), fault)


def alerted(
    alerting: Alerting, report: str, shops: Sequence[str], business_date: date
) -> dict[str, frozenset[AlertKind]]:
    """Return by shop the kinds of alerts raised for a day, with one query; none if the record cannot be read."""
    key = {"report": report, "shops": list(shops), "business_date": business_date}
    found: dict[str, frozenset[AlertKind]] = dict.fromkeys(shops, frozenset())
    try:
        rows = alerting.ask_record(lambda session: query(session, "alerts/alerted", key))
    except Exception as fault:  # noqa: BLE001
        log.error("alert record %s cannot be read: %s", alerting.record, fault)
        return found
    for row in rows:
        found[row["shop"]] |= {AlertKind(row["kind"])}
    return found


def _recorded(alerts: Sequence[Alert], connection: psycopg.Connection[Any]) -> list[Alert]:
    with connection.transaction():
        return [alert for alert in alerts if _is_new(connection, alert)]


def _is_new(connection: psycopg.Connection[Any], alert: Alert) -> bool:
    ends = alert.lasts and alert.kind is IncidentKind.RECOVERED
    values = {**vars(alert), "kind": alert.kind.value}
    if ends:
        return bool(query(connection, "alerts/record_end", values))
    return bool(query(connection, "alerts/record", values))
