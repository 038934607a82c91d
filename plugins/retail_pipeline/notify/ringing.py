"""Ring an alarm once: claim its row in ``etl_alert``, tell the channels, record that they took it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException

from retail_pipeline.deadlines import AlarmKind
from retail_pipeline.notify.alarm import Alarm
from retail_pipeline.postgres_session import open_postgres, query
from retail_pipeline.settings import Alarms
from retail_pipeline.troubles import TroubleKind

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    import psycopg

# Apprise's words for how bad it is; robots and mail clients colour messages by them.
SEVERITY: Mapping[AlarmKind | TroubleKind, str] = {
    AlarmKind.DOUBTFUL: "warning",
    AlarmKind.LATE: "warning",
    AlarmKind.MISSED: "failure",
    AlarmKind.FAILED: "failure",
    AlarmKind.RECOVERED: "success",
    TroubleKind.TROUBLE: "warning",
    TroubleKind.WEEK_LEFT: "warning",
    TroubleKind.DAY_LEFT: "failure",
    TroubleKind.GONE: "failure",
    TroubleKind.RECOVERED: "success",
}


def ring(alarm: Alarm, settings: Alarms) -> bool:
    """Tell the channels unless they have been told; return whether people know. Never raises.

    An alarm must not break what it watches.

    The row stays claimed while the channels are called, so of two that ring at once only one is heard. A channel
    that does not answer leaves the row unsent, and the next check rings again. Without the record it rings anyway:
    better heard twice than never.
    """
    try:
        with open_postgres(settings.record_conn_id) as connection:
            return _ring_once(connection, alarm, settings)
    except Exception as fault:  # noqa: BLE001 (whatever it is, people must hear)
        log.error("alarm record %s cannot be used (%s): ringing without it", settings.record_conn_id, fault)
        return tell_channels(alarm.title, alarm.body, settings, SEVERITY[alarm.kind])


def rung(settings: Alarms, report: str, shop: str, business_date: Any) -> frozenset[AlarmKind]:
    """Return what people have been told of a shop's day; empty where the record cannot be read."""
    key = {"report": report, "shop": shop, "business_date": business_date}
    try:
        with open_postgres(settings.record_conn_id) as connection:
            return frozenset(AlarmKind(row["kind"]) for row in query(connection, "alerts/rung", key))
    except Exception as fault:  # noqa: BLE001
        log.error("alarm record %s cannot be read: %s", settings.record_conn_id, fault)
        return frozenset()


def _ring_once(connection: psycopg.Connection[Any], alarm: Alarm, settings: Alarms) -> bool:
    with connection.transaction():
        number = claim(connection, alarm)
        if number is None:
            log.info("rung before: %s", alarm.title)
            return True
        delivered = tell_channels(alarm.title, alarm.body, settings, SEVERITY[alarm.kind])
        query(connection, "alerts/record_sent", {"id": number, "delivered": delivered})
        return delivered


def claim(connection: psycopg.Connection[Any], alarm: Alarm) -> int | None:
    """Record that an alarm is due, and keep its row to the end of the transaction; None where it was rung before."""
    claimed = query(connection, "alerts/claim", {**vars(alarm), "kind": alarm.kind.value})
    return claimed[0]["id"] if claimed else None


def tell_channels(title: str, body: str, settings: Alarms, severity: str = "info") -> bool:
    """Send to every channel of the connection that has the tag; return whether one took it. Never raises."""
    # Not at the top: Apprise loads a hundred services, and every DAG file would pay for it at each parse.
    from airflow.providers.apprise.hooks.apprise import AppriseHook
    from apprise import Apprise, NotifyType

    try:
        channels = Apprise()
        hook = AppriseHook(settings.channels_conn_id)
        hook.set_config_from_conn(hook.get_connection(settings.channels_conn_id), channels)
        # One by one: asked together, they are all said to have failed where one did, and the others ring again.
        message = {"title": title, "body": body, "notify_type": NotifyType(severity)}
        taken = [Apprise(channel).notify(**message) for channel in channels.find(settings.tag)]
        delivered = any(taken)
    except (AirflowException, KeyError, ValueError, TypeError, OSError) as fault:
        log.error(
            "channels of connection %r cannot be used: %s", settings.channels_conn_id, type(fault).__name__
        )
        delivered = False
    if not delivered:
        log.error("no channel of connection %r took the alarm: %s", settings.channels_conn_id, title)
    return delivered
