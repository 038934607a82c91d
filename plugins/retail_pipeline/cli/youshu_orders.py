"""``retail youshu dead-letters``, ``retry``, ``enqueue``: single orders of the outbox by hand."""

from __future__ import annotations

import sys

import click

from retail_pipeline import clock
from retail_pipeline.cli.amounts import LINES
from retail_pipeline.cli.outboxes import outboxes, shop_option
from retail_pipeline.cli.progress import counted
from retail_pipeline.cli.table import Column, Listing, lists, tell
from retail_pipeline.cli.terminal import say
from retail_pipeline.databases.postgres_session import faults_of, query
from retail_pipeline.pipelines.order_push.enqueuing import enqueue_again, enqueue_new
from retail_pipeline.pipelines.order_push.findings import words
from retail_pipeline.settings.file import load_settings

_DEAD_LETTERS = Listing(
    "shop id",
    Column("dead-lettered", "dead_lettered_at"),
    Column("order", "order_code"),
    Column("state", "push_type"),
    Column("return", "return_code"),
    "why",
    hidden="order_id push_num event_time",
)


@click.command("dead-letters")
@shop_option
@click.option("--limit", type=LINES, default=50, show_default=True, help="Of each shop at most so many.")
@lists(_DEAD_LETTERS)
def dead_lettered(shop: str | None, limit: int) -> None:
    """Print the rows that Youshu will not take as they are, and why; exit 1 where there are any.

    Correct the shop's order, and it is sent when it is enqueued the next time; or, if the fault was elsewhere,
    correct that and run `retail youshu retry`.

    \b
    Example:
      retail youshu dead-letters --shop flagship
    """
    rows = [
        {"shop": each.name, **row, "why": words(row["response_info"])}
        for each, session in outboxes(load_settings(), shop)
        for row in query(session, "youshu/outbox/dead_letters", {"shop": each.name, "limit": limit})
    ]
    tell((_DEAD_LETTERS, rows))
    say(f"{len(rows)} rows", err=True)
    sys.exit(1 if rows else 0)


@click.command()
@click.argument("order_codes", nargs=-1)
@click.option("--shop", required=True, help="Whose orders.")
@click.option("--all", "everything", is_flag=True, help="All that are dead-lettered.")
def retry(order_codes: tuple[str, ...], shop: str, everything: bool) -> None:
    """Send rows that were dead-lettered again as they are; the sender takes them up at once.

    Exit 1 where fewer orders are sent again than were named: some were not dead-lettered.

    \b
    Example:
      retail youshu retry --shop flagship 0202611230042
    """
    if bool(order_codes) == everything:
        raise click.UsageError("name the orders, or say --all")
    for each, session in outboxes(load_settings(), shop):
        codes = None if everything else list(order_codes)
        values = {"shop": each.name, "order_codes": codes, "now": clock.now()}
        again = query(session, "youshu/outbox/retry", values)[0]["again"]
        say(f"{each.name}: {again} rows are sent again")
        if again < len(order_codes):
            sys.exit(1)


@click.command()
@click.argument("order_codes", nargs=-1, required=True)
@click.option("--shop", required=True, help="Whose orders.")
@click.option("--again", is_flag=True, help="Every state once more, also what Youshu knows already.")
def enqueue(order_codes: tuple[str, ...], shop: str, again: bool) -> None:
    """Enqueue orders as they are now, as the shop's backend does: what Youshu knows already is not sent again.

    Where the time of a state was corrected, or a dead-lettered order is corrected, that state and all that follow it
    are enqueued, in their order. With --again all states are enqueued from the first one on, whatever Youshu knows:
    until Youshu has taken the last of them, it shows an earlier one.

    Exit 1 where one is not in the view. For all orders that changed within a window, trigger the DAG
    youshu_order_push with window_from and window_to.

    \b
    Example:
      retail youshu enqueue --shop flagship 0202611230042
      retail youshu enqueue --shop flagship --again 0202611230042
    """
    unknown = 0
    for each, session in outboxes(load_settings(), shop):
        with counted(order_codes, "orders enqueued") as codes:
            for code in codes:
                with faults_of(each.store_conn_id), session.transaction():
                    query(session, "youshu/enqueue/strictly", None)  # a manual call must report a fault
                    added = (enqueue_again if again else enqueue_new)(session, each.name, code)
                unknown += added is None
                lacks = "is not in the view youshu_order_push" if added is None else ""
                say(f"{code}: {lacks or f'{added} states are enqueued'}", err=bool(lacks))
    sys.exit(1 if unknown else 0)
