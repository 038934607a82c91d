"""Send alerts once: record them in ``etl_alert``, and have the channels told of what is new there."""

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
    """Have people told of what they were not told before. Never raises: an alert must not break what it watches.

    What is recorded reaches every channel, be it by ``etl_alert_send`` later. Without the record the channels are
    told all the same: better twice than never.
    """
    fresh = record(alerts, alerting)
    tell(alerts if fresh is None else fresh, alerting, recorded=fresh is not None)


def record(alerts: Sequence[Alert], alerting: Alerting) -> list[Alert] | None:
    """Record alerts, and return those that are new; None where the record cannot be used. Never raises."""
    if not alerts:
        return []
    # In one order everywhere, so that two who alert the same wait for each other in one direction only.
    ordered = sorted(alerts, key=lambda alert: (alert.report, alert.shop, alert.kind.value))
    try:
        return alerting.ask_record(partial(_recorded, ordered))
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must hear)
        log.error("alert record %s cannot be used: %s", alerting.record, fault)
        return None


def tell(alerts: Sequence[Alert], alerting: Alerting, *, recorded: bool) -> None:
    """Have the channels told of alerts. Never raises.

    :param recorded: in the record, with whatever else waits there
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
    """Return what was alerted of a day of shops, in one question; nothing where the record cannot be read."""
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
