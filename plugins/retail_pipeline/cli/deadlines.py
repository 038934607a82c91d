"""``retail deadlines``: is each report's latest day done, do orders arrive in time, are the loads complete?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime

import click

from retail_pipeline import clock
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.business_time import local_time
from retail_pipeline.cli.progress import counted
from retail_pipeline.cli.table import Column, Listing, Row, lists, tell
from retail_pipeline.cli.terminal import say
from retail_pipeline.deadlines.due_times import Progress, latest_due_date
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, PipelineError
from retail_pipeline.monitors.guards.watch import look_into_guards, review_guards
from retail_pipeline.monitors.loads import watch as load_health
from retail_pipeline.monitors.loads.watch import WatchedLoad, review_load, watched_loads
from retail_pipeline.monitors.settings import watch as settings_health
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.channel_checks import waiting_words
from retail_pipeline.orchestration.deadline_watch import deadline_watch
from retail_pipeline.pipelines.order_push.findings import watch_finding
from retail_pipeline.pipelines.order_push.watch import WATCH, look_into, review_shop
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.reports import Reports
from retail_pipeline.settings.retail import Settings, Shop

_CHECKS = Listing("check", Column("of", "subject"), "day message", hidden="fine")


@click.group()
def deadlines() -> None:
    """Watch the daily reports, the order push and the loads without a scheduler."""


@deadlines.command("check")
@click.option("--alert", is_flag=True, help="Raise the alerts that are due, each once.")
@lists(_CHECKS)
def check_deadlines(alert: bool) -> None:
    """Print, per report and shop, whether the latest due day is done; whether orders, loads and alerts are in time.

    Also whether the watches run, and whether the settings have lost something. Exit status 1 where one is not well.
    With --alert it also sends the alerts that a channel has refused before. Call it from cron on another machine: it
    notices when Airflow itself is down.

    \b
    Example:
      */5 * * * *  retail deadlines check --alert
    """
    settings, now = load_settings(), clock.now()
    with counted((_reports, _orders, _loads, _guards, _lost, _channels), "checks made") as looks:
        rows = [row for look in looks for row in look(settings, now, alert=alert)]
    tell((_CHECKS, rows))
    sys.exit(0 if all(row["fine"] for row in rows) else 1)


def _reports(settings: Settings, now: datetime, *, alert: bool) -> Iterator[Row]:
    watch = deadline_watch(settings)
    for report in Reports.model_fields:
        day = latest_due_date(settings.report(report), now)
        for shop in settings.shops_with(report):
            progress = watch.progress(report, shop, day)
            yield _CHECKS.row(report, shop.name, day, _state(progress), progress.done)
        if alert:
            watch.review_latest(report, source="command", now=now)


def _orders(settings: Settings, now: datetime, *, alert: bool) -> Iterator[Row]:
    for shop in settings.shops_that_push_orders():
        findings = _outbox(shop, settings, alert=alert)
        wrong = "; ".join(f"{finding.what}: {finding.why}" for finding in findings if finding.kind)
        day = local_time(now).date()
        yield _CHECKS.row("youshu_order_push", shop.name, day, wrong or findings[0].why, not wrong)


def _loads(settings: Settings, now: datetime, *, alert: bool) -> Iterator[Row]:
    for load in watched_loads(settings):
        wrong = "; ".join(_told(finding) for finding in _load(load, settings, alert=alert) if finding.kind)
        told = wrong or "in time and complete"
        yield _CHECKS.row(load.pipeline, load.conn_id, local_time(now).date(), told, not wrong)


def _guards(settings: Settings, now: datetime, *, alert: bool) -> Iterator[Row]:  # noqa: ARG001
    try:
        findings = review_guards(settings) if alert else look_into_guards(settings)
        wrong = [_told(finding) for finding in findings if finding.kind]
    except (DatabaseUnavailable, ConfigError) as fault:
        wrong = [f"the guards cannot be watched: {fault}"]
    yield from (_CHECKS.row("guard", "", None, told, False) for told in wrong)


def _lost(settings: Settings, now: datetime, *, alert: bool) -> Iterator[Row]:
    wrong = "; ".join(map(_told, _settings(settings, alert=alert)))
    yield _CHECKS.row("settings", "", local_time(now).date(), wrong or "nothing is lost", not wrong)


def _channels(settings: Settings, now: datetime, *, alert: bool) -> Iterator[Row]:  # noqa: ARG001
    if alert:
        _send_what_waits(settings)
    yield from (_CHECKS.row("etl_alert", channel, None, said, False) for channel, said in _refused(settings))


def _send_what_waits(settings: Settings) -> None:
    try:
        deliver(alerting(settings.alerts))
    except PipelineError as fault:
        say(f"etl_alert: {fault}", err=True)


def _refused(settings: Settings) -> list[tuple[str, str]]:
    try:
        return list(waiting_words(settings.alerts))
    except PipelineError as fault:
        return [(settings.alerts.channels_conn_id, str(fault))]


def _outbox(shop: Shop, settings: Settings, *, alert: bool) -> list[Finding]:
    try:
        return review_shop(shop, settings) if alert else look_into(shop, settings.order_push)
    except (DatabaseUnavailable, ConfigError) as fault:
        blind = watch_finding(shop.name, str(fault))
        if alert:
            review_incidents(WATCH, [blind], alerting(settings.alerts), clock.now())
        return [blind]


def _load(load: WatchedLoad, settings: Settings, *, alert: bool) -> list[Finding]:
    try:
        return review_load(load, settings) if alert else load_health.look_into(load, settings)
    except (DatabaseUnavailable, ConfigError) as fault:
        blind = load_health.watch_finding(load, str(fault))
        if alert:
            review_incidents(load_health.WATCH, [blind], alerting(settings.alerts), clock.now())
        return [blind]


def _settings(settings: Settings, *, alert: bool) -> list[Finding]:
    try:
        look = settings_health.review_settings if alert else settings_health.look_into
        return look(settings).findings()
    except (DatabaseUnavailable, ConfigError) as fault:
        blind = settings_health.watch_finding(str(fault))
        if alert:
            review_incidents(settings_health.WATCH, [blind], alerting(settings.alerts), clock.now())
        return [blind]


def _told(finding: Finding) -> str:
    return f"{finding.subject}: {finding.what}: {finding.why}"


def _state(progress: Progress) -> str:
    if progress.done and progress.done_at:
        return f"done at {local_time(progress.done_at):%Y-%m-%d %H:%M}"
    return f"NOT DONE  {progress.last_error or 'no attempt is recorded'}"
