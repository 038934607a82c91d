"""``retail jushita health``: the latest results of the push monitor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from retail_pipeline import clock
from retail_pipeline.business_time import local_time
from retail_pipeline.cli.table import Column, Listing, Row, lists, tell
from retail_pipeline.cli.terminal import say
from retail_pipeline.orchestration.planned_subjects import jushita_of
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_monitor.checks import FIGURES, FINE, INCIDENT, USERS, HealthRecord
from retail_pipeline.pipelines.jushita_monitor.findings import seller_finding
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Jushita

_CHECKS = Listing(
    "check",
    Column("of", "subject"),
    "at",
    Column("verdict", "verdict", lambda verdict: verdict.upper() if verdict == INCIDENT else verdict),
    Column("figures", shown=lambda row: ", ".join([*filter(None, [row["why"]]), *_told(row["figures"])])),
    hidden="why figures fine",
)
# A watch that has missed so many runs counts as failed.
_MISSED_RUNS = 3


@click.command()
@lists(_CHECKS)
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
    checks = [_check_of(row, jushita, local_time(now)) for row in rows if _is_watched(row, jushita)]
    told = checks + [_seller_of(seller, jushita, now) for seller in sellers.values()]
    tell((_CHECKS, told))
    if not checks:
        say("nothing was checked yet: is the DAG jushita_push_monitor paused?", err=True)
    sys.exit(0 if checks and all(row["fine"] for row in told) else 1)


def _is_watched(row: dict[str, Any], jushita: Jushita) -> bool:
    """Return whether the settings still name it."""
    watched = {(instance.name, table) for instance in jushita.instances for table in instance.tables}
    return row["check_name"] == USERS or (row["instance"], row["pushed_table"]) in watched


def _check_of(row: dict[str, Any], jushita: Jushita, now: datetime) -> Row:
    stale = now - row["checked_at"] > _MISSED_RUNS * timedelta(minutes=jushita.monitor.every_minutes)
    place = "/".join(filter(None, (row["instance"], row["pushed_table"])))
    figures = {name: row[name] for name in FIGURES if row[name] is not None}
    fine = not stale and row["verdict"] != INCIDENT
    why = "NOT CHECKED SINCE" if stale else None
    return _CHECKS.row(row["check_name"], place, row["checked_at"], row["verdict"], why, figures, fine)


def _seller_of(seller: Seller, jushita: Jushita, now: datetime) -> Row:
    finding = seller_finding(seller, timedelta(days=jushita.monitor.removed_after_days), now)
    verdict, why = (INCIDENT, f"{finding.what}; {finding.why}") if finding.kind else (FINE, finding.why)
    return _CHECKS.row("seller", seller.user_nick, seller.since, verdict, why, {}, not finding.kind)


def _told(figures: dict[str, Any]) -> Iterator[str]:
    for name, figure in figures.items():
        yield f"{name} {figure:.3f}" if isinstance(figure, float) else f"{name} {figure}"
