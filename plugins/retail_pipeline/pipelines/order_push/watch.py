"""Checks a shop's outbox, and alerts about new findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from retail_pipeline import clock
from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.alerts.once import record, tell
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.findings import (
    RUNBOOK,
    KeptOut,
    Outstanding,
    dead_letter_alert,
    judged,
    watch_finding,
)
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Settings, Shop

if TYPE_CHECKING:
    import psycopg

# The DAG, by whose name etl_alert keeps these alerts.
WATCH: Final = "youshu_push_monitor"


def outstanding(session: psycopg.Connection[Any], shop: str, limits: OrderPush, now: datetime) -> Outstanding:
    """Return the rows that wait in a shop's outbox."""
    values = {"shop": shop, "now": now, "due": limits.due, "alert_after": limits.alert_after}
    faults = query(session, "youshu/push_watch/faults", {"shop": shop, "fault_after": limits.fault_after})
    return Outstanding(
        **query(session, "youshu/push_watch/review", values)[0],
        faults=tuple(KeptOut(**fault) for fault in faults),
    )


def clock_finding(session: psycopg.Connection[Any], shop: str) -> Finding:
    """Judge whether the clock of a shop's database was ahead: the times that it wrote are corrected by now."""
    subject = f"clock of the database of {shop}"
    found = query(session, "youshu/push_watch/clock_ahead", {"shop": shop})
    if not found:
        return Finding(subject, None, "nothing was read until a moment that is yet to come")
    kinds = ", ".join(f"{row['what']}s, found {in_shanghai(row['ahead_at'])}" for row in found)
    why = f"the capture had read until a moment that was yet to come: {kinds}; it went on from then"
    do = "is time synchronised there? What changed meanwhile and was not captured is enqueued at night"
    return Finding(subject, IncidentKind.INCIDENT, why, "a clock was ahead (时钟曾超前)", do, RUNBOOK)


@dataclass
class OutboxWatch:
    """Watches one shop's outbox during its own lifetime.

    :param also: findings of the caller about itself
    """

    shop: str
    limits: OrderPush
    alerting: Alerting
    also: Sequence[Finding] = ()
    # An incident of another watch may be over: only a watch that has already reported that all is well need not
    # repeat it.
    _well: bool = field(default=False, init=False)

    def review(self, session: psycopg.Connection[Any]) -> list[Finding]:
        """Alert about new findings, and return all findings; where all is well it is one query.

        :param session: with the shop's database, in autocommit mode
        """
        now = clock.now()
        outbox = outstanding(session, self.shop, self.limits, now)
        findings = [
            *judged(self.shop, outbox, self.limits, now),
            clock_finding(session, self.shop),
            *self.also,
        ]
        well = not any(finding.kind for finding in findings)
        if not (well and self._well):
            review_incidents(WATCH, findings, self.alerting, now)
        self._well = well
        if outbox.untold_dead_letters:
            self._alert_dead_letters(session, now)
        return findings

    def _alert_dead_letters(self, session: psycopg.Connection[Any], now: datetime) -> None:
        """Alert about each row once; a row that cannot be marked as alerted is left for the next review.

        The channels are called after the rows' locks are released.
        """
        with session.transaction():
            rows = query(session, "youshu/push_watch/not_alerted", {"shop": self.shop})
            due = [dead_letter_alert(self.shop, rows, now, self.alerting.link(WATCH))] if rows else []
            recorded = record(due, self.alerting) is not None
            if rows and recorded:
                query(session, "youshu/push_watch/alerted", {"ids": [row["id"] for row in rows], "now": now})
        tell(due, self.alerting, recorded=recorded)


def watched_by_its_sender(shop: Shop, limits: OrderPush, alerting: Alerting) -> Callable[[], object]:
    """Return a sender's watch on itself: each call is one review, with a session of its own.

    A failure of a sender is alerted, and its successor reports that it is over. For a shop that the settings no
    longer name, it alerts nothing: its leftovers are alerted as lost.
    """
    watch = OutboxWatch(
        shop.name, limits, alerting, [Finding(f"push of {shop.name}", None, "they are sent again")]
    )

    def look() -> None:
        if shop.name not in {named.name for named in load_settings().shops_that_push_orders()}:
            return
        with open_postgres(shop.store_conn_id, brief=True) as session:
            watch.review(session)

    return look


def look_into(shop: Shop, limits: OrderPush) -> list[Finding]:
    """Return the findings on a shop's outbox, without alerts.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    now = clock.now()
    with open_postgres(shop.store_conn_id, brief=True) as session:
        return judged(shop.name, outstanding(session, shop.name, limits, now), limits, now)


def review_shop(shop: Shop, settings: Settings) -> list[Finding]:
    """Alert about new findings on one shop, from any process; return all findings.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    with open_postgres(shop.store_conn_id, brief=True) as session:
        asked = [watch_finding(shop.name)]
        return OutboxWatch(shop.name, settings.order_push, alerting(settings.alerts), asked).review(session)
