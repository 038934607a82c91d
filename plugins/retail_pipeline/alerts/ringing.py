"""Ring alarms once: record them in ``etl_alert``, and have the channels told of what is new there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from retail_pipeline.alerts.alarm import Alarm, AlarmKind
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.troubles import TroubleKind
from retail_pipeline.alerts.unrecorded import Unrecorded
from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

_unrecorded = Unrecorded()


def ring(alarms: Sequence[Alarm], alerting: Alerting) -> None:
    """Have people told of what they were not told before. Never raises: an alarm must not break what it watches.

    What is recorded reaches every channel, be it by ``etl_alert_send`` later. Without the record the channels are
    told all the same: better twice than never.
    """
    fresh = record(alarms, alerting)
    tell(alarms if fresh is None else fresh, alerting, recorded=fresh is not None)


def record(alarms: Sequence[Alarm], alerting: Alerting) -> list[Alarm] | None:
    """Record alarms, and return those that are new; None where the record cannot be used. Never raises."""
    if not alarms:
        return []
    # In one order everywhere, so that two who ring the same wait for each other in one direction only.
    ordered = sorted(alarms, key=lambda alarm: (alarm.report, alarm.shop, alarm.kind.value))
    try:
        return alerting.ask_record(partial(_recorded, ordered))
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must hear)
        log.error("alarm record %s cannot be used: %s", alerting.record, fault)
        return None


def tell(alarms: Sequence[Alarm], alerting: Alerting, *, recorded: bool) -> None:
    """Have the channels told of alarms. Never raises.

    :param recorded: in the record, with whatever else waits there
    """
    if not alarms:
        return
    try:
        if recorded:
            deliver(alerting)
            return
    except Exception as fault:  # noqa: BLE001
        log.error("alarms wait in the record %s: %s", alerting.record, fault)
    try:
        _unrecorded.tell(alarms, alerting)
    except Exception as fault:  # noqa: BLE001
        log.error("nobody was told of %s: %s", "; ".join(alarm.title for alarm in alarms), fault)


def rung(
    alerting: Alerting, report: str, shops: Sequence[str], business_date: date
) -> dict[str, frozenset[AlarmKind]]:
    """Return what was rung of a day of shops, in one question; nothing where the record cannot be read."""
    key = {"report": report, "shops": list(shops), "business_date": business_date}
    found: dict[str, frozenset[AlarmKind]] = dict.fromkeys(shops, frozenset())
    try:
        rows = alerting.ask_record(lambda session: query(session, "alerts/rung", key))
    except Exception as fault:  # noqa: BLE001
        log.error("alarm record %s cannot be read: %s", alerting.record, fault)
        return found
    for row in rows:
        found[row["shop"]] |= {AlarmKind(row["kind"])}
    return found


def _recorded(alarms: Sequence[Alarm], connection: psycopg.Connection[Any]) -> list[Alarm]:
    with connection.transaction():
        return [alarm for alarm in alarms if _is_new(connection, alarm)]


def _is_new(connection: psycopg.Connection[Any], alarm: Alarm) -> bool:
    ends = alarm.lasts and alarm.kind is TroubleKind.RECOVERED
    values = {**vars(alarm), "kind": alarm.kind.value}
    if ends:
        return bool(query(connection, "alerts/record_end", values))
    return bool(query(connection, "alerts/record", values))
