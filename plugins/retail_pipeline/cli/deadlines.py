"""``retail deadlines``: is each report's latest day done, do orders arrive in time, are the loads complete?"""

from __future__ import annotations

import sys

import click

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.deadlines import Progress, latest_due_date
from retail_pipeline.errors import ConfigError, DatabaseUnavailable
from retail_pipeline.load_health import watch as load_health
from retail_pipeline.load_health.watch import WatchedLoad, review_load, watched_loads
from retail_pipeline.notify.deadline_watch import read_progress, review_latest
from retail_pipeline.notify.trouble_watch import review_troubles
from retail_pipeline.order_delivery.findings import watch_finding
from retail_pipeline.order_delivery.watch import WATCH, look_into, review_shop
from retail_pipeline.report_settings import Reports
from retail_pipeline.settings import Settings, Shop
from retail_pipeline.settings_file import load_settings
from retail_pipeline.troubles import Finding


@click.group()
def deadlines() -> None:
    """Watch the daily reports, the order push and the loads without a scheduler."""


@deadlines.command("check")
@click.option("--ring", is_flag=True, help="Raise the alarms that are due, each once.")
def check_deadlines(ring: bool) -> None:
    """Print, per report and shop, whether the latest due day is done; whether orders and loads are in time.

    Exit status 1 where one is not. Call it from cron on another machine: it notices when Airflow itself is down.

    \b
    Example:
      */5 * * * *  retail deadlines check --ring
    """
    settings = load_settings()
    now = clock.now()
    all_done = True
    for report in Reports.model_fields:
        day = latest_due_date(settings.report(report), now)
        for shop in settings.shops_with(report):
            progress = read_progress(report, shop, day)
            all_done = all_done and progress.done
            click.echo(f"{report:<22} {shop.name:<12} {day}  {_state(progress)}")
        if ring:
            review_latest(report, source="command", now=now)
    for shop in settings.shops_that_push_orders():
        findings = _outbox(shop, settings, ring=ring)
        wrong = "; ".join(f"{finding.what}: {finding.why}" for finding in findings if finding.kind)
        all_done = all_done and not wrong
        click.echo(f"{'youshu_order_push':<22} {shop.name:<12} {now:%Y-%m-%d}  {wrong or findings[0].why}")
    for load in watched_loads(settings):
        wrong = "; ".join(_told(finding) for finding in _load(load, settings, ring=ring) if finding.kind)
        all_done = all_done and not wrong
        click.echo(
            f"{load.pipeline:<22} {load.conn_id:<12} {now:%Y-%m-%d}  {wrong or 'in time and complete'}"
        )
    sys.exit(0 if all_done else 1)


def _outbox(shop: Shop, settings: Settings, *, ring: bool) -> list[Finding]:
    try:
        return review_shop(shop, settings) if ring else look_into(shop, settings.order_push)
    except (DatabaseUnavailable, ConfigError) as fault:
        blind = watch_finding(shop.name, str(fault))
        if ring:
            review_troubles(WATCH, [blind], settings.alarms, clock.now())
        return [blind]


def _load(load: WatchedLoad, settings: Settings, *, ring: bool) -> list[Finding]:
    try:
        return review_load(load, settings) if ring else load_health.look_into(load, settings)
    except (DatabaseUnavailable, ConfigError) as fault:
        blind = load_health.watch_finding(load, str(fault))
        if ring:
            review_troubles(load_health.WATCH, [blind], settings.alarms, clock.now())
        return [blind]


def _told(finding: Finding) -> str:
    return f"{finding.subject}: {finding.what}: {finding.why}"


def _state(progress: Progress) -> str:
    if progress.done and progress.done_at:
        return f"done at {progress.done_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return f"NOT DONE  {progress.last_error or 'no attempt is recorded'}"
