"""``retail youshu reconcile``: are all orders in the outbox?"""

from __future__ import annotations

import sys

import click

from retail_pipeline.cli.outboxes import json_line, json_option, outboxes, shop_option, time_text
from retail_pipeline.databases.postgres_session import faults_of
from retail_pipeline.pipelines.order_push.reconcile import OrderReconcile
from retail_pipeline.settings.file import load_settings

_ROW = "{:<12} {:>9} {:>8} {:>7} {:>8}  {:<19} {}"


@click.command()
@shop_option
@click.option(
    "--days", type=click.IntRange(1, 90), help="What changed within so many days; else as the settings say."
)
@click.option("--enqueue", is_flag=True, help="Enqueue what lacks, as the DAG youshu_order_reconcile does.")
@json_option
def reconcile(shop: str | None, days: int | None, enqueue: bool, as_json: bool) -> None:
    """Hold orders and returns against the outbox; exit 1 where something was not enqueued, or not as it is now.

    states = reached and never enqueued; changed = enqueued, and not as the order is now; since = the first of them.
    Nothing that was enqueued, or accepted, is enqueued again. What changed before a shop's orders were pushed for the
    first time does not lack; what the capture has yet to read, neither.

    \b
    Example:
      retail youshu reconcile --days 7
      retail youshu reconcile --shop outlet --enqueue
    """
    settings = load_settings()
    how, found = settings.order_push, 0
    if not as_json:
        click.echo(_ROW.format("shop", "compared", "missing", "states", "changed", "since", "for example"))
    for each, session in outboxes(settings, shop):
        with faults_of(each.store_conn_id):
            reconciling = OrderReconcile(session, each, how.lookback)
            missing = reconciling.reconcile(days or how.reconcile_days, enqueue=enqueue)
        found += missing.records + len(missing.unreadable)
        if as_json:
            click.echo(json_line({"shop": each.name, **vars(missing), "enqueued": enqueue}))
        else:
            counts = (missing.compared, missing.records, missing.states, missing.changed)
            click.echo(_ROW.format(each.name, *counts, time_text(missing.since), ", ".join(missing.named)))
            for name in missing.unreadable:
                click.echo(f"{each.name}: cannot be read from the view, or not be enqueued: {name}")
    if found and not as_json:
        click.echo("they are enqueued now" if enqueue else "enqueue them with --enqueue")
    sys.exit(1 if found else 0)
