"""``retail youshu dead-letters``, ``retry``, ``enqueue``: single orders of the outbox by hand."""

from __future__ import annotations

import sys

import click

from retail_pipeline import clock
from retail_pipeline.cli.amounts import LINES
from retail_pipeline.cli.outboxes import json_line, json_option, outboxes, shop_option, time_text
from retail_pipeline.databases.postgres_session import faults_of, query
from retail_pipeline.pipelines.order_push.enqueuing import enqueue_again, enqueue_new
from retail_pipeline.pipelines.order_push.findings import words
from retail_pipeline.settings.file import load_settings


@click.command("dead-letters")
@shop_option
@click.option("--limit", type=LINES, default=50, show_default=True, help="Of each shop at most so many.")
@json_option
def dead_lettered(shop: str | None, limit: int, as_json: bool) -> None:
    """Print the rows that Youshu will not take as they are, and why; exit 1 where there are any.

    Correct the shop's order, and it is sent when it is enqueued the next time; or, if the fault was elsewhere,
    correct that and run `retail youshu retry`.

    \b
    Example:
      retail youshu dead-letters --shop flagship
    """
    count = 0
    for each, session in outboxes(load_settings(), shop):
        for row in query(session, "youshu/outbox/dead_letters", {"shop": each.name, "limit": limit}):
            count += 1
            said = words(row.pop("response_info"))
            if as_json:
                click.echo(json_line({"shop": each.name, **row, "why": said}))
            else:
                code = " ".join(filter(None, (row["order_code"], row["push_type"], row["return_code"])))
                click.echo(
                    f"{each.name:<12} {row['id']:>10}  {time_text(row['dead_lettered_at'])}  {code}: {said}"
                )
    if not as_json:
        click.echo(f"{count} rows")
    sys.exit(1 if count else 0)


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
        click.echo(f"{each.name}: {again} rows are sent again")
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
        for code in order_codes:
            with faults_of(each.store_conn_id), session.transaction():
                query(session, "youshu/enqueue/strictly", None)  # a manual call must report a fault
                added = (enqueue_again if again else enqueue_new)(session, each.name, code)
            unknown += added is None
            told = "is not in the view youshu_order_push" if added is None else f"{added} states are enqueued"
            click.echo(f"{code}: {told}", err=added is None)
    sys.exit(1 if unknown else 0)
