"""Ring alarms once: record them in ``etl_alert``, and have the channels told of what is new there."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from retail_pipeline.alerts.alarm import Alarm, AlarmKind
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.delivery import deliver, send_unrecorded
from retail_pipeline.alerts.message import Alert
from retail_pipeline.alerts.troubles import TroubleKind
from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

# Without its record an alarm is sent by every process that rings it; each does so once within so many seconds.
_SILENT_SECONDS: Final = 600.0
_sent_unrecorded: dict[tuple[str, str, str], float] = {}


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
    try:
        with alerting.open_record() as connection, connection.transaction():
            # In one order everywhere, so that two who ring the same wait for each other in one direction only.
            ordered = sorted(alarms, key=lambda alarm: (alarm.report, alarm.shop, alarm.kind.value))
            return [alarm for alarm in ordered if _is_new(connection, alarm)]
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
    if unsaid := _not_sent_lately(alarms):
        try:
            alerts = [Alert(alarm.kind.value, alarm.title, alarm.body) for alarm in unsaid]
            send_unrecorded(alerts, alerting)
        except Exception as fault:  # noqa: BLE001
            log.error("nobody was told of %s: %s", "; ".join(alarm.title for alarm in unsaid), fault)


def rung(alerting: Alerting, report: str, shop: str, business_date: date) -> frozenset[AlarmKind]:
    """Return what was rung of a shop's day; empty where the record cannot be read."""
    key = {"report": report, "shop": shop, "business_date": business_date}
    try:
        with alerting.open_record() as connection:
            return frozenset(AlarmKind(row["kind"]) for row in query(connection, "alerts/rung", key))
    except Exception as fault:  # noqa: BLE001
        log.error("alarm record %s cannot be read: %s", alerting.record, fault)
        return frozenset()


def _is_new(connection: psycopg.Connection[Any], alarm: Alarm) -> bool:
    ends = alarm.lasts and alarm.kind is TroubleKind.RECOVERED
    values = {**vars(alarm), "kind": alarm.kind.value}
    if ends:
        return bool(query(connection, "alerts/record_end", values))
    return bool(query(connection, "alerts/record", values))


def _not_sent_lately(alarms: Sequence[Alarm]) -> list[Alarm]:
    now = time.monotonic()
    found = []
    for alarm in alarms:
        key = (alarm.report, alarm.shop, alarm.kind.value)
        if now - _sent_unrecorded.get(key, -_SILENT_SECONDS) >= _SILENT_SECONDS:
            _sent_unrecorded[key] = now
            found.append(alarm)
    return found
