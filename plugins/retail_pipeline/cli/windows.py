"""``retail windows``: the certificates of a load."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import click

from retail_pipeline import clock
from retail_pipeline.cli.amounts import DAYS, LINES
from retail_pipeline.cli.targets import PipelineName, conn_id_option, target_session
from retail_pipeline.tables.value_figures import is_same
from retail_pipeline.windows.ledger import COMPLETE, VERDICTS, WindowLedger
from retail_pipeline.windows.open_failures import open_failures

_HEADINGS = (
    "account",
    "window (Shanghai)",
    "verdict",
    "source",
    "target",
    "older",
    "aside",
    "values",
    "pages",
    "calls",
    "by",
)
MAX_KEYS = 5
_ROW = "{:<{width}} {:<32} {:<11} {:>8} {:>8} {:>7} {:>7} {:<7} {:>7} {:>7}  {}"


@click.command()
@click.argument("pipeline", type=PipelineName())
@click.option("--account", help="Only this account.")
@click.option("--days", type=DAYS, default=2, show_default=True, help="Windows that end within so many.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only these.")
@click.option("--limit", type=LINES, default=50, show_default=True, help="At most so many.")
@conn_id_option
def windows(
    pipeline: str, account: str | None, days: int, verdict: str | None, limit: int, conn_id: str | None
) -> None:
    """Print the latest certificate of each window, the newest first.

    Exit 1 where one is not complete and no later one has loaded its missing rows, also if it is beyond the limit or
    has another verdict than the one asked for; and where there is none at all.

    source = rows that the source had; target = those that are in the table in the same version; older = refused,
    since the table has a newer version; aside = in the quarantine; values = whether they are the same on both sides;
    pages = pages that the window needed in the end; calls = calls made for them; missing = keys of rows that did not
    arrive, the first few.

    \b
    Example:
      retail windows wangdiantong_aftersales --account flagship --days 7
    """
    since = clock.now() - timedelta(days=days)
    with target_session(pipeline, conn_id) as session:
        ledger = WindowLedger(session)
        every = ledger.latest(pipeline, account=account, since=since)
        marks = {row["account"]: ledger.watermark(pipeline, row["account"]) for row in every}
        found = [row for row in every if verdict in (None, row["verdict"])]
        shown = ledger.certificates([row["id"] for row in found[:limit]])
    still_open = open_failures(every, since)
    _print(shown, still_open)
    if len(found) > limit:
        click.echo(f"{len(found) - limit} more; see --limit")
    for name in sorted({row["account"] for row in found}):
        click.echo(f"watermark of {name}: {_mark(marks[name])}")
    if not every:
        click.echo(f"no window of the last {days} days: is the DAG paused?", err=True)
    sys.exit(1 if not every or still_open else 0)


def _print(shown: list[dict[str, Any]], still_open: Collection[int]) -> None:
    width = max([12, *(len(row["account"]) for row in shown)])
    click.echo(_ROW.format(*_HEADINGS, width=width))
    for row in shown:
        click.echo(_line(row, width, still_open))


def _mark(watermark: datetime | None) -> str:
    return f"{watermark:%Y-%m-%d %H:%M:%S}" if watermark else "none yet"


def _line(row: dict[str, Any], width: int, still_open: Collection[int]) -> str:
    window = f"{row['window_from']:%m-%d %H:%M:%S} to {row['window_to']:%m-%d %H:%M:%S}"
    counts = [
        "" if row[name] is None else row[name]
        for name in ("source_keys", "target_keys", "refused", "quarantined", "pages", "calls")
    ]
    counts.insert(4, _values(row["compared"]))
    since = "" if row["verdict"] == COMPLETE or row["id"] in still_open else "(loaded since)"
    words = (row["purpose"], row["filters"], since, row["error"], _missing(row["missing_keys"]))
    by = " ".join(filter(None, words))
    return _ROW.format(row["account"], window, row["verdict"], *counts, by, width=width)


def _missing(keys: list[str]) -> str:
    more = " …" if len(keys) > MAX_KEYS else ""
    return f"missing: {', '.join(keys[:MAX_KEYS])}{more}" if keys else ""


def _values(compared: Any) -> str:
    if not compared:
        return ""
    told = compared if isinstance(compared, dict) else json.loads(compared)
    return "✔ same" if is_same(told) else "✘"
