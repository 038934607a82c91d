"""Which guards the settings ask for, and whether each of them has looked in time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.alerts.guard_record import GUARD, TOLERATED_AHEAD, Guard, Look
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.monitors.loads.findings import EXPECTED_WITHIN, RUNBOOK
from retail_pipeline.monitors.loads.watch import WATCH as LOADS
from retail_pipeline.monitors.loads.watch import watch_finding as watch_of_load
from retail_pipeline.monitors.loads.watch import watched_loads
from retail_pipeline.monitors.settings.watch import watch_finding as watch_of_settings
from retail_pipeline.orchestration.alert_operators import DeadlineWatchOperator, SendAlertsOperator
from retail_pipeline.pipelines.jushita_monitor.operators import PUSH_WATCH, watch_subjects
from retail_pipeline.pipelines.order_push.findings import watch_finding as watch_of_outbox
from retail_pipeline.pipelines.order_push.missing_orders import ORDER_RECONCILE, comparison_finding
from retail_pipeline.pipelines.order_push.watch import WATCH as OUTBOXES
from retail_pipeline.settings.reports import Reports
from retail_pipeline.settings.retail import Settings

WATCH_OF_GUARDS = Guard(LOADS, "watch of the guards")
# The deadlines of two days are less far apart; after so long, a look was missed.
_A_DAY = timedelta(hours=25)


def guards_of(settings: Settings) -> dict[Guard, timedelta]:
    """Return the guards that should look, each with the time after which it is reported if it has not looked."""
    guards = {
        WATCH_OF_GUARDS: timedelta(minutes=40),
        Guard(LOADS, watch_of_settings().subject): timedelta(minutes=40),
        Guard(SendAlertsOperator.watch, SendAlertsOperator.subject): timedelta(minutes=15),
    }
    for load in watched_loads(settings):
        guards[Guard(LOADS, watch_of_load(load).subject)] = timedelta(minutes=40)
    for shop in settings.shops_that_push_orders():
        guards[Guard(OUTBOXES, watch_of_outbox(shop.name).subject)] = timedelta(minutes=10)
        guards[Guard(ORDER_RECONCILE, comparison_finding(shop.name).subject)] = EXPECTED_WITHIN
    if jushita := settings.jushita:
        within = timedelta(minutes=10 + 3 * jushita.monitor.every_minutes)
        guards |= {Guard(PUSH_WATCH, subject): within for subject in watch_subjects(jushita)}
    for report in Reports.model_fields:
        if settings.shops_with(report):
            guards[Guard(DeadlineWatchOperator.watch, DeadlineWatchOperator.subject(report))] = _A_DAY
    return guards


def subject_of(guard: Guard) -> str:
    """Return the subject of alerts about a guard."""
    return f"{GUARD}{guard.dag_id}: {guard.subject}"


def guard_finding(guard: Guard, look: Look, within: timedelta, now: datetime) -> Finding | None:
    """Judge whether a guard has looked lately; the time for one that never did begins when it was first asked for.

    Return None for a new guard: nothing is known of it yet. A look in the future does not count.
    """
    subject, since = subject_of(guard), look.looked_at
    if since is None:
        if now - look.named_at <= within:
            return None
        why = f"it has never looked, and should since {in_shanghai(look.named_at)}"
    elif since - now > TOLERATED_AHEAD:
        why = f"its last look is noted for {in_shanghai(since)}, which is yet to come: a clock was ahead (时钟曾超前)"
    elif now - since <= within:
        return Finding(subject, None, f"it has looked at {in_shanghai(since)}")
    else:
        why = f"it has not looked since {in_shanghai(since)}"
    return Finding(
        subject,
        IncidentKind.INCIDENT,
        why,
        "a guard does not look (监控未运行)",
        "is its DAG paused, does the scheduler live, is the pool «guards» full? Its task's log names what to mend",
        runbook=RUNBOOK,
    )


def guard_findings(
    guards: Mapping[Guard, timedelta], looks: Mapping[Guard, Look], now: datetime
) -> list[Finding]:
    """Judge every guard about which something is known."""
    judged = (guard_finding(guard, looks[guard], within, now) for guard, within in guards.items())
    return [finding for finding in judged if finding]
