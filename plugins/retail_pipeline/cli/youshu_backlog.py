"""``retail youshu backlog``: waiting orders, their senders, and how long the orders take."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from retail_pipeline import clock
from retail_pipeline.cli.outboxes import outboxes, shop_option
from retail_pipeline.cli.table import Column, Listing, lists, tell, words
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.pipelines.order_push.findings import judged
from retail_pipeline.pipelines.order_push.watch import outstanding
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings, Shop

if TYPE_CHECKING:
    import psycopg

_OUTBOXES = Listing(
    "shop waiting pending sending failed timeouts dead_lettered",
    Column("oldest", "oldest_event"),
    Column("sender", shown=lambda row: _sender(row["seen_at"], row["done_in_seconds"])),
    Column("wrong", "wrong", "; ".join),
    hidden="seen_at done_in_seconds",
)


def _delays(bucket: str, shown: slice) -> Listing:
    return Listing(
        "shop",
        Column("changed in", bucket, lambda begins: words(begins)[shown]),
        "states accepted waiting dead_lettered came_late odd",
        Column("p50 s", "p50_seconds", _seconds),
        Column("p99 s", "p99_seconds", _seconds),
        Column("max s", "longest_seconds", _seconds),
        Column("in time", "share_in_time", lambda share: "" if share is None else f"{share:.2%}"),
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


_DELAYS = {"hour": _delays("hour", slice(16)), "day": _delays("day", slice(10))}
# The time that the delays cover, by their unit.
_LOOK_BACK = {"hour": timedelta(hours=24), "day": timedelta(days=30)}


@click.command()
@shop_option
@click.option(
    "--delays", type=click.Choice(("hours", "days")), help="Also how long it took until Youshu had them."
)
@lists(_OUTBOXES, *_DELAYS.values())
def backlog(shop: str | None, delays: str | None) -> None:
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
    bucket = (delays or "hours").rstrip("s")
    told: list[dict[str, Any]] = []
    took: list[dict[str, Any]] = []
    for each, session in outboxes(settings, shop):
        told.append(_backlog_of(each, session, settings, now))
        if delays:
            took += _delays_of(each, session, settings, bucket, now)
    tell((_OUTBOXES, told), (_DELAYS[bucket], took))
    sys.exit(1 if any(row["wrong"] for row in told) else 0)


def _backlog_of(
    shop: Shop, session: psycopg.Connection[Any], settings: Settings, now: datetime
) -> dict[str, Any]:
    """Return the counts of a shop's outbox, and its problems."""
    limits = settings.order_push
    outbox = outstanding(session, shop.name, limits, now)
    counts = query(session, "youshu/outbox/backlog", {"shop": shop.name})[0]
    rate = outbox.orders_per_second if outbox.waiting else None
    findings = judged(shop.name, outbox, limits, now)
    return {
        "shop": shop.name,
        **counts,
        "seen_at": outbox.seen_at,
        "done_in_seconds": round(outbox.waiting / rate) if rate else None,
        "wrong": [f"{each.subject}: {each.what}: {each.why}" for each in findings if each.kind],
    }


def _sender(seen_at: datetime | None, done_in_seconds: int | None) -> str:
    left = f", done in about {done_in_seconds} s" if done_in_seconds else ""
    return (f"seen {words(seen_at)}" if seen_at else "never seen") + left


def _delays_of(
    shop: Shop, session: psycopg.Connection[Any], settings: Settings, bucket: str, now: datetime
) -> list[dict[str, Any]]:
    values = {"shop": shop.name, "bucket": bucket, "from": now - _LOOK_BACK[bucket], "now": now}
    rows = query(session, "youshu/push_delays", {**values, "due": settings.order_push.due})
    return [{"shop": shop.name, bucket: row["begins"], **_measured(row)} for row in rows]


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    """Return seconds and shares, which are measured and not counted, as floats."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
