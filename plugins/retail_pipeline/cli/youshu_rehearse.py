"""``retail youshu rehearse``: would Youshu accept this merchant?"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import click

from retail_pipeline import clock
from retail_pipeline.cli.amounts import DAYS
from retail_pipeline.cli.progress import counted
from retail_pipeline.cli.table import Listing, Row, lists, tell
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.findings import words
from retail_pipeline.pipelines.order_push.order_request import RETURNED
from retail_pipeline.pipelines.order_push.order_sending import Batch, BatchSender, End, Outcome, batches
from retail_pipeline.pipelines.order_push.outbox import Waiting
from retail_pipeline.pipelines.order_push.rehearsal import (
    WANTED,
    Point,
    ReturnSample,
    Sample,
    checklist,
    chosen,
    unread,
)
from retail_pipeline.pipelines.order_push.rehearsal_figures import figures
from retail_pipeline.pipelines.order_push.rehearsal_samples import ShopSamples
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.vendors.youshu.hook import YoushuHook

_POINTS = Listing("verdict point found", hidden="fine")


@click.command()
@click.option("--shop", required=True, help="Whose orders.")
@click.option("--days", type=DAYS, default=30, show_default=True, help="Orders that changed within so many.")
@click.option("--conn-id", help="Connection of type youshu, of the test environment; else the shop's own.")
@click.option("--without-returns", is_flag=True, help="Returns are not agreed with Youshu.")
@click.option("--send", is_flag=True, help="Send samples of every kind; to the test environment only.")
@lists(_POINTS)
def rehearse(shop: str, days: int, conn_id: str | None, without_returns: bool, send: bool) -> None:
    """Hold real orders against what Youshu looks at before it accepts a merchant; exit 1 where something lacks.

    Youshu calls this 提测: ten records of every agreed kind, lines with a quantity of one and of several, one style
    number for all colours of a style, fields and sums, credentials of the right environment. A tick in Youshu's
    console is not yet acceptance: that has to be requested. Below that list are figures of amounts and delays, and
    values that look like cents or another time zone; a person should look at lines marked «odd».

    \b
    Example:
      retail youshu rehearse --shop flagship --conn-id youshu_test --send
    """
    settings = load_settings()
    which = settings.shop(shop)
    hook = YoushuHook(conn_id or which.youshu_conn_id)
    if send:
        _refuse_production(hook)
    with open_postgres(which.store_conn_id) as session:
        samples = ShopSamples(session, which, clock.now() - timedelta(days=days))
        orders, returns = samples.orders(), samples.returns()
    accepted, told, _ = hook.examine()
    how, agreed = settings.order_push, None if without_returns else returns
    points = [
        Point(accepted, f"connection {hook.youshu_conn_id}", f"{hook.environment()}: {told}"),
        *unread(samples.unreadable),
        *checklist(orders, agreed, how.states, strict=how.strict_rules),
        *figures(orders, clock.now()),
    ]
    if send and accepted:
        with counted(_sent(hook, how, orders, agreed or []), "kinds of records sent") as sent:
            points += sent
    tell((_POINTS, [_row_of(point) for point in points]))
    sys.exit(0 if all(point.fine for point in points) else 1)


def _refuse_production(hook: YoushuHook) -> None:
    if hook.environment() != "test":
        raise ConfigError(
            f"connection {hook.youshu_conn_id!r} is of {hook.environment()}: samples go to the test environment "
            "only; name its connection with --conn-id"
        )


def _row_of(point: Point) -> Row:
    verdict = "odd" if point.odd else "ok" if point.fine else "LACKING"
    return _POINTS.row(verdict, point.name, point.found, point.fine)


def _sent(
    hook: YoushuHook, settings: OrderPush, orders: Sequence[Sample], returns: Sequence[ReturnSample]
) -> Iterator[Point]:
    """Send samples, the states of each order one after the other, and return Youshu's answers by kind."""
    sender = BatchSender(hook.get_conn(), hook.data_source_id(), settings.strict_rules)
    samples = chosen(orders, settings.states, strict=settings.strict_rules)
    kinds = [[_row(each, state) for each in samples if state in each.reached] for state in settings.states]
    finished = [(each, each.finished_at) for each in returns if each.finished_at is not None]
    kinds.append([_returned_row(*each) for each in finished[:WANTED]])
    for rows in filter(None, kinds):
        outcomes = [each for batch in batches(rows, settings) for each in _one_by_one(sender, batch)]
        ends = Counter({end: sum(len(each.rows) for each in outcomes if each.end is end) for end in End})
        refused = [words(outcome.answer) for outcome in outcomes if outcome.end is not End.ACCEPTED]
        found = f"{ends[End.ACCEPTED]} of {len(rows)} accepted" + "".join(f"; {said}" for said in refused[:3])
        yield Point(not refused, f"sent: {rows[0].push_type}", found)


def _one_by_one(sender: BatchSender, batch: Batch) -> Iterator[Outcome]:
    """Send a batch; where it is not taken, send its halves, down to single orders."""
    for outcome in sender.send(batch):
        rows, middle = outcome.rows, len(outcome.rows) // 2
        if outcome.answered and middle:
            for half in (rows[:middle], rows[middle:]):
                yield from _one_by_one(sender, replace(batch, rows=half))
        else:
            yield outcome


def _row(order: Sample, state: Any) -> Waiting:
    return Waiting(
        claim=uuid4(),
        lease_end=clock.now(),
        id=order.order_id,
        order_id=order.order_id,
        order_code=order.order_code,
        push_type=state,
        push_num=1,
        event_time=order.reached[state],
        return_code=None,
        request_info=order.detail,
        content_known=False,
    )


def _returned_row(goods_back: ReturnSample, finished_at: datetime) -> Waiting:
    return Waiting(
        claim=uuid4(),
        lease_end=clock.now(),
        id=goods_back.order_id,
        order_id=goods_back.order_id,
        order_code=goods_back.order_code,
        push_type=RETURNED,
        push_num=1,
        event_time=finished_at,
        return_code=goods_back.return_code,
        request_info=goods_back.detail,
        content_known=False,
    )
