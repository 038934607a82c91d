"""``retail jushita health``: the latest results of the push monitor."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

import click

from retail_pipeline import clock
from retail_pipeline.business_time import local_time
from retail_pipeline.orchestration.planned_subjects import jushita_of
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_monitor.checks import FIGURES, INCIDENT, USERS, HealthRecord
from retail_pipeline.pipelines.jushita_monitor.findings import seller_finding
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Jushita

_ROW = "{:<10} {:<26} {:<12} {:<8} {}"
# A watch that has missed so many runs counts as failed.
_MISSED_RUNS = 3


@click.command()
def health() -> None:
    """Print the latest figures of the data feed and the state of each seller; exit 1 where something is wrong.

    They come from the last run of the DAG jushita_push_monitor; where that is long ago, the line says so, and that
    counts as wrong, too.

    \b
    Example:
      retail jushita health
    """
    jushita, now = jushita_of(load_settings()), clock.now()
    with open_target(jushita.target_conn_id) as session:
        record = HealthRecord(session)
        rows, sellers = record.latest(), record.sellers()
    rows = [row for row in rows if _is_watched(row, jushita)]
    click.echo(_ROW.format("check", "table", "at", "verdict", "figures"))
    wrong = [_print_check(row, jushita, local_time(now)) for row in rows]
    wrong += [_print_seller(seller, jushita, now) for seller in sellers.values()]
    if not rows:
        click.echo("nothing was checked yet: is the DAG jushita_push_monitor paused?")
    sys.exit(1 if any(wrong) or not rows else 0)


def _is_watched(row: dict[str, Any], jushita: Jushita) -> bool:
    """Return whether the settings still name it."""
    watched = {(instance.name, table) for instance in jushita.instances for table in instance.tables}
    return row["check_name"] == USERS or (row["instance"], row["pushed_table"]) in watched


def _print_check(row: dict[str, Any], jushita: Jushita, now: datetime) -> bool:
    """Print one check; return whether something is wrong."""
    stale: bool = now - row["checked_at"] > _MISSED_RUNS * timedelta(minutes=jushita.monitor.every_minutes)
    figures = [f"{name} {_shown(row[name])}" for name in FIGURES if row[name] is not None]
    told = ", ".join(["NOT CHECKED SINCE", *figures] if stale else figures)
    place = "/".join(filter(None, (row["instance"], row["pushed_table"])))
    verdict = row["verdict"].upper() if row["verdict"] == INCIDENT else row["verdict"]
    click.echo(_ROW.format(row["check_name"], place, f"{row['checked_at']:%m-%d %H:%M}", verdict, told))
    return stale or bool(row["verdict"] == INCIDENT)


def _print_seller(seller: Seller, jushita: Jushita, now: datetime) -> bool:
    finding = seller_finding(seller, timedelta(days=jushita.monitor.removed_after_days), now)
    verdict = INCIDENT.upper() if finding.kind else "fine"
    told = f"{finding.what}; {finding.why}" if finding.kind else finding.why
    since = f"{local_time(seller.since):%m-%d %H:%M}"
    click.echo(_ROW.format("seller", seller.user_nick, since, verdict, told))
    return finding.kind is not None


def _shown(figure: Any) -> str:
    return f"{figure:.3f}" if isinstance(figure, float) else str(figure)
