"""``retail youshu confirm``: a person says that a day which looks wrong is right."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from retail_pipeline.cli.table import words
from retail_pipeline.cli.terminal import say
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.deliveries import REPORTED
from retail_pipeline.pipelines.daily_reports.order_day import OrderDay
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Shop
from retail_pipeline.vendors.youshu.hook import YoushuHook


@click.command()
@click.argument("shop")
@click.argument("days", metavar="DAY...", nargs=-1, required=True, type=click.DateTime(["%Y-%m-%d"]))
def confirm(shop: str, days: tuple[datetime, ...]) -> None:
    """Say that a SHOP's order summary of a DAY is right although it looks wrong, and report it at once.

    For days that wait for a person: the shop has no order, or far fewer or far more than usual. It prints the sums
    that it confirms; if the orders change later, the day is checked again. If the sums are wrong, do not confirm:
    correct the shop's name in the settings, its view or its tables, and the day is summed up again by itself.

    Exit 1 where a day is not stored, or nothing about it looks wrong.

    \b
    Example:
      retail youshu confirm flagship 2026-11-22
    """
    which = load_settings().shop(shop)
    told = [_confirmed(which, day) for day in days]
    sys.exit(0 if all(told) else 1)


def _confirmed(shop: Shop, moment: datetime) -> bool:
    """Confirm a day and report it; return whether there was anything to confirm."""
    with open_postgres(shop.store_conn_id) as session:
        day = OrderDay(session, shop, moment.date())
        stored, name = day.stored(), f"{shop.name} {moment:%Y-%m-%d}"
        if stored is None or stored.doubt is None:
            why = "nothing of it looks wrong" if stored else "its orders were not summed up yet"
            click.echo(f"{name}: {why}; there is nothing to confirm", err=True)
            return False
        sums = stored.sums
        click.echo(
            f"{name}: {sums.give_order_num_sum} orders placed for {sums.give_order_amount_sum:.2f} yuan, "
            f"{sums.payed_num_sum} paid for {sums.payment_amount_sum:.2f} yuan"
        )
        say(f"  looked wrong: {stored.doubt}")
        if not day.confirm(sums):
            click.echo("  its sums have just changed: look again", err=True)
            return False
        if stored.status == REPORTED:
            say(f"  confirmed; it was reported at {words(stored.reported_at)}")
            return True
        hook = YoushuHook(shop.youshu_conn_id)
        delivery = day.report(hook.get_conn(), hook.data_source_id())
        say(f"  confirmed, and reported: {delivery.answer or words(delivery.reported_at)}")
        return True
