"""``retail youshu reconcile``: are all orders in the outbox?"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from retail_pipeline.cli.outboxes import json_line, json_option, outboxes, shop_option, time_text
from retail_pipeline.databases.postgres_session import faults_of
from retail_pipeline.pipelines.order_push.reconcile import Missing, OrderReconcile
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

_ROW = "{:<12} {:>9} {:>8} {:>7} {:>8} {:>7}  {:<19} {}"

_COUNTED = ("missing", "states", "changed", "mended")


@click.command()
@shop_option
@click.option(
    "--days", type=click.IntRange(1, 90), help="What changed within so many days; else as the settings say."
)
@click.option("--enqueue", is_flag=True, help="Enqueue what lacks, as the DAG youshu_order_reconcile does.")
@json_option
def reconcile(shop: str | None, days: int | None, enqueue: bool, as_json: bool) -> None:
    """Hold orders and returns against the outbox; exit 1 where not all is there as it is now.

    states = reached and never enqueued; changed = the order has changed since it was enqueued; since = the first of
    them. mended = only states that were dead-lettered are missing, and the order has changed since. Nothing that was
    accepted is enqueued again. Changes from before a shop's orders were first pushed do not count as missing, nor do
    those that the capture has yet to read. A shop that has no order in the view is named, also with exit 1.

    \b
    Example:
      retail youshu reconcile --days 7
      retail youshu reconcile --shop outlet --enqueue
    """
    settings = load_settings()
    compare = partial(_compare, settings.order_push, days, enqueue=enqueue)
    if not as_json:
        click.echo(_ROW.format("shop", "compared", *_COUNTED, "since", "for example"))
    lacking = strangers = 0
    for each, session in outboxes(settings, shop):
        missing, unknown = compare(each, session)
        lacking += missing.records + missing.mended + len(missing.unreadable)
        strangers += unknown is not None
        if as_json:
            told = {**vars(missing), "unknown_shop": unknown, "enqueued": enqueue}
            click.echo(json_line({"shop": each.name, **told}))
        else:
            _echo(each.name, missing, unknown)
    if lacking and not as_json:
        click.echo("they are enqueued now" if enqueue else "enqueue them with --enqueue")
    sys.exit(1 if lacking or strangers else 0)


def _compare(
    how: OrderPush, days: int | None, shop: Shop, session: psycopg.Connection[Any], *, enqueue: bool
) -> tuple[Missing, str | None]:
    """Return what is missing, and whether the view knows the shop."""
    reconciling, days = OrderReconcile(session, shop, how.lookback), days or how.reconcile_days
    with faults_of(shop.store_conn_id):
        missing = reconciling.reconcile(days, enqueue=enqueue)
        return missing, reconciling.unknown_shop(days, missing)


def _echo(shop: str, missing: Missing, unknown: str | None) -> None:
    counts = (missing.compared, missing.records, missing.states, missing.changed, missing.mended)
    click.echo(_ROW.format(shop, *counts, time_text(missing.since), ", ".join(missing.named)))
    for name in missing.unreadable:
        click.echo(f"{shop}: cannot be read from the view, or not be enqueued: {name}")
    if unknown:
        click.echo(f"{shop}: {unknown}")
