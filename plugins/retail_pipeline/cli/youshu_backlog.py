"""``retail youshu backlog``: waiting orders, their senders, and how long the orders take."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from retail_pipeline import clock
from retail_pipeline.cli.outboxes import json_line, json_option, outboxes, shop_option, time_text
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.pipelines.order_push.findings import judged
from retail_pipeline.pipelines.order_push.watch import outstanding
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings, Shop

if TYPE_CHECKING:
    import psycopg

_WAITING = ("waiting", "pending", "sending", "failed", "timeouts", "dead_lettered")
_SHOP = "{:<12} {:>8} {:>8} {:>8} {:>7} {:>8} {:>13}  {:<19} {}"
_DELAY = "{:<12} {:<16} {:>8} {:>8} {:>7} {:>13} {:>9} {:>6} {:>8} {:>8} {:>8} {:>9}"
# The time that the delays cover, by their unit.
_LOOK_BACK = {"hour": timedelta(hours=24), "day": timedelta(days=30)}


@click.command()
@shop_option
@click.option(
    "--delays", type=click.Choice(("hours", "days")), help="Also how long it took until Youshu had them."
)
@json_option
def backlog(shop: str | None, delays: str | None, as_json: bool) -> None:
    """Print what waits for Youshu, who sends it, and how long it takes; exit 1 where orders are late or nobody sends.

    pending = not tried yet; sending = on its way; failed = Youshu refused it, timeouts = no answer: both are tried
    again; dead_lettered = waits for a person. Delays run from the change of an order until Youshu had it, in seconds;
    orders that were enqueued late (came_late) are counted separately. odd = accepted, but breaks a rule of ours that
    Youshu does not document: the column warning of the outbox says which.

    \b
    Example:
      retail youshu backlog
      retail youshu backlog --delays hours --shop flagship
    """
    settings, now = load_settings(), clock.now()
    wrong = False
    told: list[dict[str, Any]] = []
    if not as_json:
        click.echo(_SHOP.format("shop", *_WAITING, "oldest", "sender"))
    for each, session in outboxes(settings, shop):
        row, wrong_with_it = _backlog_of(each, session, settings, now)
        wrong = wrong or bool(wrong_with_it)
        click.echo(json_line(row) if as_json else _line(row, wrong_with_it))
        if delays:
            told += _delays_of(each, session, settings, delays.rstrip("s"), now)
    _print_delays(told, as_json=as_json) if delays else None
    sys.exit(1 if wrong else 0)


def _backlog_of(
    shop: Shop, session: psycopg.Connection[Any], settings: Settings, now: datetime
) -> tuple[dict[str, Any], list[str]]:
    """Return the counts of a shop's outbox, and its problems."""
    limits = settings.order_push
    outbox = outstanding(session, shop.name, limits, now)
    counts = query(session, "youshu/outbox/backlog", {"shop": shop.name})[0]
    rate = outbox.orders_per_second if outbox.waiting else None
    row = {
        "shop": shop.name,
        **counts,
        "seen_at": outbox.seen_at,
        "done_in_seconds": round(outbox.waiting / rate) if rate else None,
    }
    wrong_with_it = judged(shop.name, outbox, limits, now)
    return row, [f"{each.subject}: {each.what}: {each.why}" for each in wrong_with_it if each.kind]


def _line(row: dict[str, Any], wrong_with_it: list[str]) -> str:
    sender = f"seen {time_text(row['seen_at'])}" if row["seen_at"] else "never seen"
    left = f", done in about {row['done_in_seconds']} s" if row["done_in_seconds"] else ""
    counts = [row[name] for name in _WAITING]
    line = _SHOP.format(row["shop"], *counts, time_text(row["oldest_event"]), sender + left)
    return "\n".join([line, *(f"  {each}" for each in wrong_with_it)])


def _delays_of(
    shop: Shop, session: psycopg.Connection[Any], settings: Settings, bucket: str, now: datetime
) -> list[dict[str, Any]]:
    values = {"shop": shop.name, "bucket": bucket, "from": now - _LOOK_BACK[bucket], "now": now}
    rows = query(session, "youshu/push_delays", {**values, "due": settings.order_push.due})
    return [{"shop": shop.name, bucket: row.pop("begins"), **row} for row in rows]


def _print_delays(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            click.echo(json_line(row))
        return
    counts = ("states", "accepted", "waiting", "dead_lettered", "came_late", "odd")
    click.echo(_DELAY.format("\nshop", " changed in", *counts, "p50 s", "p99 s", "max s", "in time"))
    for row in rows:
        shop, begins, *_ = row.values()
        delays = [_seconds(row[name]) for name in ("p50_seconds", "p99_seconds", "longest_seconds")]
        share = "" if row["share_in_time"] is None else f"{row['share_in_time']:.2%}"
        shown = time_text(begins)[:16] if "hour" in row else time_text(begins)[:10]
        click.echo(_DELAY.format(shop, shown, *(row[name] for name in counts), *delays, share))


def _seconds(value: Any) -> str:
    return "" if value is None else f"{value:.1f}"
