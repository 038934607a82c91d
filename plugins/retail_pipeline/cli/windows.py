"""``retail windows``: the certificates of a load."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from retail_pipeline import clock
from retail_pipeline.cli.amounts import DAYS, LINES
from retail_pipeline.cli.table import Column, Listing, Row, lists, tell, words
from retail_pipeline.cli.targets import PipelineName, conn_id_option, target_session
from retail_pipeline.cli.terminal import say
from retail_pipeline.tables.value_figures import is_same
from retail_pipeline.windows.ledger import COMPLETE, VERDICTS, WindowLedger
from retail_pipeline.windows.open_failures import open_failures

_MAX_KEYS = 5
_WINDOWS = Listing(
    "account",
    Column("window (Shanghai)", shown=lambda row: f"{_short(row, 'from')} to {_short(row, 'to')}"),
    "verdict",
    Column("source", "source_keys"),
    Column("target", "target_keys"),
    Column("older", "refused"),
    Column("aside", "quarantined"),
    Column("values", "same_values", {None: "", True: "✔ same", False: "✘"}.__getitem__),
    "pages calls",
    Column("by", shown=lambda row: " ".join(_by(row))),
    hidden="window_from window_to purpose filters loaded_since error missing_keys watermark",
)


@click.command()
@click.argument("pipeline", type=PipelineName())
@click.option("--account", help="Only this account.")
@click.option("--days", type=DAYS, default=2, show_default=True, help="Windows that end within so many.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only these.")
@click.option("--limit", type=LINES, default=50, show_default=True, help="At most so many.")
@conn_id_option
@lists(_WINDOWS)
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
    rows = [_row(row, marks[row["account"]], row["id"] in still_open) for row in shown]
    tell((_WINDOWS, rows))
    for sentence in _beside(found, limit, marks):
        say(sentence, err=True)
    if not every:
        say(f"no window of the last {days} days: is the DAG paused?", err=True)
    sys.exit(1 if not every or still_open else 0)


def _beside(
    found: Sequence[dict[str, Any]], limit: int, marks: Mapping[str, datetime | None]
) -> Iterator[str]:
    if len(found) > limit:
        yield f"{len(found) - limit} more; see --limit"
    for name in sorted({row["account"] for row in found}):
        yield f"watermark of {name}: {words(marks[name]) or 'none yet'}"


def _row(row: dict[str, Any], watermark: datetime | None, still_open: bool) -> Row:
    compared = row["compared"]
    told = json.loads(compared) if isinstance(compared, str) else compared
    return {
        **row,
        "same_values": is_same(told) if told else None,
        "loaded_since": row["verdict"] != COMPLETE and not still_open,
        "watermark": watermark,
    }


def _short(row: Row, end: str) -> str:
    return words(row[f"window_{end}"])[5:]


def _by(row: Row) -> Iterator[str]:
    yield row["purpose"]
    yield from filter(None, (row["filters"], "(loaded since)" if row["loaded_since"] else "", row["error"]))
    if keys := row["missing_keys"]:
        yield f"missing: {', '.join(keys[:_MAX_KEYS])}{' …' if len(keys) > _MAX_KEYS else ''}"
