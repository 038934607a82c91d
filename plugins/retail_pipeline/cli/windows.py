"""``retail windows``: the certificates of a load."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import click

from retail_pipeline import clock
from retail_pipeline.cli.targets import PIPELINES, conn_id_option, target_session
from retail_pipeline.window_ledger import COMPLETE, VERDICTS, WindowLedger

_HEADINGS = ("account", "window (Shanghai)", "verdict", "source", "target", "older", "aside", "calls", "by")
_ROW = "{:<{width}} {:<32} {:<11} {:>8} {:>8} {:>7} {:>7} {:>7}  {}"


@click.command()
@click.argument("pipeline", type=click.Choice(PIPELINES))
@click.option("--account", help="Only this account.")
@click.option("--days", default=2, show_default=True, help="Windows that end within so many days.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only these.")
@click.option("--limit", default=50, show_default=True, help="At most so many.")
@conn_id_option
def windows(
    pipeline: str, account: str | None, days: int, verdict: str | None, limit: int, conn_id: str | None
) -> None:
    """Print the latest certificate of each window, the newest first; exit 1 where one is not complete.

    source = rows that the source had; target = those that are in the table in the same version;
    older = refused, since the table has a newer version; aside = in the quarantine.

    \b
    Example:
      retail windows wangdiantong_aftersales --account flagship --days 7
    """
    since = clock.now() - timedelta(days=days)
    with target_session(pipeline, conn_id) as session:
        ledger = WindowLedger(session)
        found = ledger.latest(pipeline, account=account, verdict=verdict, since=since, limit=limit)
        marks = {row["account"]: ledger.watermark(pipeline, row["account"]) for row in found}
    width = max([12, *(len(row["account"]) for row in found)])
    click.echo(_ROW.format(*_HEADINGS, width=width))
    for row in found:
        click.echo(_line(row, width))
    for name, mark in sorted(marks.items()):
        click.echo(f"watermark of {name}: {f'{mark:%Y-%m-%d %H:%M:%S}' if mark else 'none yet'}")
    sys.exit(0 if all(row["verdict"] == COMPLETE for row in found) else 1)


def _line(row: dict[str, Any], width: int) -> str:
    window = f"{row['window_from']:%m-%d %H:%M:%S} to {row['window_to']:%m-%d %H:%M:%S}"
    counts = [
        "" if row[name] is None else row[name]
        for name in ("source_keys", "target_keys", "refused", "quarantined", "calls")
    ]
    by = " ".join(filter(None, (row["purpose"], row["filters"], row["error"])))
    return _ROW.format(row["account"], window, row["verdict"], *counts, by, width=width)
