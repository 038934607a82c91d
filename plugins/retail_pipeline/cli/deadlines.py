"""``retail deadlines``: is each report's latest day done?"""

from __future__ import annotations

import sys

import click

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.deadlines import Progress, latest_due_date
from retail_pipeline.notify.deadline_watch import read_progress, review_latest
from retail_pipeline.settings import Reports
from retail_pipeline.settings_file import load_settings


@click.group()
def deadlines() -> None:
    """Watch the deadlines of the daily reports without a scheduler."""


@deadlines.command("check")
@click.option("--ring", is_flag=True, help="Raise the alarms that are due, each once.")
def check_deadlines(ring: bool) -> None:
    """Print, per report and shop, whether the day whose deadline passed last is done; exit 1 where one is not.

    Call it from cron on another machine: it notices when Airflow itself is down.

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
    sys.exit(0 if all_done else 1)


def _state(progress: Progress) -> str:
    if progress.done and progress.done_at:
        return f"done at {progress.done_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return f"NOT DONE  {progress.last_error or 'no attempt is recorded'}"
