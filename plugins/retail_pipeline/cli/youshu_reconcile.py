"""``retail youshu reconcile``: are all orders in the outbox?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from retail_pipeline.cli.outboxes import outboxes, shop_option
from retail_pipeline.cli.progress import progress
from retail_pipeline.cli.table import Column, Listing, Row, lists, tell
from retail_pipeline.cli.terminal import say
from retail_pipeline.databases.postgres_session import faults_of
from retail_pipeline.pipelines.order_push.reconcile import OrderReconcile
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop

if TYPE_CHECKING:
    import psycopg

_COMPARED = Listing(
    "shop compared",
    Column("missing", "records"),
    "states changed mended since",
    Column("for example", "named", ", ".join),
    Column("wrong", shown=lambda row: "; ".join(_wrong(row))),
    hidden="undated unreadable unknown_shop enqueued",
)


@click.command()
@shop_option
@click.option(
    "--days", type=click.IntRange(1, 90), help="What changed within so many days; else as the settings say."
)
@click.option("--enqueue", is_flag=True, help="Enqueue what lacks, as the DAG youshu_order_reconcile does.")
@lists(_COMPARED)
def reconcile(shop: str | None, days: int | None, enqueue: bool) -> None:
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
    rows = [
        {"shop": each.name, **_compare(settings.order_push, days, each, session, enqueue=enqueue)}
        for each, session in outboxes(settings, shop)
    ]
    tell((_COMPARED, rows))
    lacking = any(row["records"] or row["mended"] or row["unreadable"] for row in rows)
    if lacking:
        say("they are enqueued now" if enqueue else "enqueue them with --enqueue", err=True)
    sys.exit(1 if lacking or any(row["unknown_shop"] for row in rows) else 0)


def _compare(
    how: OrderPush, days: int | None, shop: Shop, session: psycopg.Connection[Any], *, enqueue: bool
) -> dict[str, Any]:
    """Return what is missing, and whether the view knows the shop."""
    reconciling, days = OrderReconcile(session, shop, how.lookback), days or how.reconcile_days
    with faults_of(shop.store_conn_id), progress(f"records of {shop.name} compared") as told:
        missing = reconciling.reconcile(days, enqueue=enqueue, told=told)
        unknown_shop = reconciling.unknown_shop(days, missing)
    return {**vars(missing), "unknown_shop": unknown_shop, "enqueued": enqueue}


def _wrong(row: Row) -> Iterator[str]:
    yield from (f"cannot be read from the view, or not be enqueued: {name}" for name in row["unreadable"])
    if row["unknown_shop"]:
        yield row["unknown_shop"]
