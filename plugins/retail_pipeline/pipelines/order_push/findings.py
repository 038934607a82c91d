"""Judges a shop's outbox: are its orders about to be late, is there a sender, what was dead-lettered. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from retail_pipeline.alerts.alert import Alert, AlertKind, facts_text, in_shanghai, where_to_look
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.vendors.vendor_words import without_values

# Youshu's answers may be long, and dead-lettered rows many; people read an alert on a phone.
MAX_WORDS = 200
MAX_NAMED = 5
# The runbook's heading about it.
RUNBOOK = "orders-to-youshu"
_ENQUEUING_RUNBOOK = "orders-cannot-be-enqueued-订单无法入队"
_DOWN_RUNBOOK = "youshu-is-down"
_ANSWERS_RUNBOOK = "orders-are-late-and-youshu-answers"


@dataclass(frozen=True)
class KeptOut:
    """Records that a fault of ours keeps out of a shop's outbox.

    :ivar of_values: single records are to blame, otherwise the view
    :ivar words: the database's message about the latest one, without buyers' data
    """

    of_values: bool
    records: int
    since: datetime
    words: str


@dataclass(frozen=True)
class Outstanding:
    """The rows that wait in a shop's outbox.

    :ivar late: rows that wait for longer than ``alert_minutes``
    :ivar order_code: of the row that waits longest, as the next four; None where nothing waits
    :ivar since: the time of its event, or when it was enqueued if it was late already then
    :ivar seen_at: the sender's last sign of life; None: never
    :ivar orders_per_second: when orders last piled up
    :ivar untold_dead_letters: dead-lettered rows that no alert has named
    :ivar faults: faults that keep orders and returns out of the outbox
    """

    waiting: int
    late: int
    order_code: str | None = None
    push_type: str | None = None
    since: datetime | None = None
    push_num: int | None = None
    response_info: str | None = None
    seen_at: datetime | None = None
    orders_per_second: Decimal | None = None
    untold_dead_letters: int = 0
    faults: Sequence[KeptOut] = ()


def judged(shop: str, outbox: Outstanding, limits: OrderPush, now: datetime) -> list[Finding]:
    """Judge a shop's outbox: are its orders in time, is there a sender, are all orders enqueued."""
    return [
        orders_finding(shop, outbox, limits, now),
        sender_finding(shop, outbox, limits, now),
        *(enqueuing_finding(shop, outbox.faults, of_values=of_values) for of_values in (False, True)),
    ]


def orders_finding(shop: str, outbox: Outstanding, limits: OrderPush, now: datetime) -> Finding:
    """Judge whether orders are about to be late, and say why."""
    subject = f"orders of {shop}"
    if not outbox.late or outbox.since is None:
        return Finding(subject, None, f"none waits for long, {outbox.waiting} wait")
    waits = now - outbox.since
    what = "about to be late at Youshu" if waits < limits.due else "late at Youshu"
    why = (
        f"order {outbox.order_code} waits with state {outbox.push_type} for {_span(waits)} (limit "
        f"{limits.due_minutes} min), and {outbox.late} of {outbox.waiting} rows for over {limits.alert_minutes} min; "
    )
    cause, do, runbook = _cause(outbox, limits, now)
    return Finding(subject, IncidentKind.INCIDENT, why + cause, what, do, runbook)


def sender_finding(shop: str, outbox: Outstanding, limits: OrderPush, now: datetime) -> Finding:
    """Judge whether a shop has a sender."""
    subject = f"sender of {shop}"
    if is_seen(outbox, limits, now):
        return Finding(subject, None, "it lives")
    return Finding(
        subject, IncidentKind.INCIDENT, _unseen(outbox.seen_at), "nobody sends orders", _RUN, RUNBOOK
    )


def enqueuing_finding(shop: str, faults: Sequence[KeptOut], *, of_values: bool) -> Finding:
    """Judge whether a fault of ours keeps orders out of a shop's outbox.

    A single order that nobody corrects must not hide that the view is gone: each is an incident of its own.
    """
    subject = f"single orders of {shop}" if of_values else f"views of {shop}"
    fault = next((fault for fault in faults if fault.of_values is of_values), None)
    if fault is None:
        return Finding(subject, None, "they keep no order out of the outbox")
    why = (
        f"{fault.records} orders and returns are kept out of the outbox, the first since "
        f"{in_shanghai(fault.since)}: {_shortened(fault.words)}. The shop's own transactions went on"
    )
    do = _MEND_VALUE if of_values else _MEND_VIEW
    return Finding(
        subject,
        IncidentKind.INCIDENT,
        why,
        "orders cannot be enqueued (订单无法入队)",
        do,
        _ENQUEUING_RUNBOOK,
    )


def helpers_needed(outbox: Outstanding, limits: OrderPush, now: datetime) -> int:
    """Return how many more tasks can send all waiting rows within ``alert_minutes``; 0 where there is no sender."""
    if not outbox.orders_per_second or not is_seen(outbox, limits, now):
        return 0
    alone = timedelta(seconds=float(outbox.waiting / outbox.orders_per_second))
    return min(ceil(alone / limits.alert_after) - 1, limits.max_helpers) if outbox.waiting else 0


def is_seen(outbox: Outstanding, limits: OrderPush, now: datetime) -> bool:
    """Return whether the sender lives: it gives a sign of life every ``drain_seconds``.

    A time in the future was written by a clock that was ahead, and says nothing about now.
    """
    return outbox.seen_at is not None and abs(now - outbox.seen_at) < limits.alert_after


def watch_finding(shop: str, why_not: str | None = None) -> Finding:
    """Judge whether a shop's outbox can be read."""
    subject = f"watch of the outbox of {shop}"
    if why_not is None:
        return Finding(subject, None, "it can be asked again")
    return Finding(
        subject, IncidentKind.INCIDENT, why_not, "cannot be asked", "mend what «why» names", RUNBOOK
    )


def dead_letter_alert(shop: str, rows: Sequence[dict[str, Any]], now: datetime, link: str) -> Alert:
    """Return an alert about rows that Youshu will not take as they are.

    :param rows: with ``order_code``, ``push_type`` and ``response_info``; at least one
    """
    orders = "an order is" if len(rows) == 1 else f"{len(rows)} orders are"
    facts = [
        (f"{row['order_code']} {row['push_type']}", words(row["response_info"])) for row in rows[:MAX_NAMED]
    ]
    facts += [("…", f"and {len(rows) - MAX_NAMED} more")] if len(rows) > MAX_NAMED else []
    facts += [
        ("do", f"`retail youshu dead-letters --shop {shop}`; mend them, then `retail youshu retry`"),
        *where_to_look("an-order-is-dead-lettered", link),
    ]
    local = now.astimezone(SHANGHAI)
    return Alert(
        report="youshu_order_push",
        shop=f"{shop}, row {rows[0]['id']}",
        business_date=local.date(),
        kind=AlertKind.FAILED,
        source="task",
        title=f"{orders} dead-lettered: {shop}",
        body=facts_text(facts),
        began_at=local.time(),
    )


def words(answer: str | None) -> str:
    """Return the answer about a row in one line: code and message of Youshu's answer, never the data that was sent.

    Quotations are left out, since they may be a buyer's data.
    """
    return _shortened(without_values(_said(answer)))


def _said(answer: str | None) -> str:
    try:
        told = json.loads(answer or "")
    except (ValueError, RecursionError):
        return answer or "nothing was said"
    if not isinstance(told, dict):
        return str(answer)
    if "no_answer" in told:
        return str(told["no_answer"])
    return f"retcode {told.get('retcode')}: {told.get('errmsg')}"


_MEND_VIEW = (
    "`retail check` names the view: mend it in include/sql/youshu, then `retail schema apply`; they are enqueued by "
    "themselves. 修复 `retail check` 所指视图后执行 `retail schema apply`, 订单会自动补入队"
)
_MEND_VALUE = (
    "youshu_enqueue_fault names them: mend them in the shop's tables, or let the view convert what they hold; they "
    "are enqueued by themselves. 按 youshu_enqueue_fault 修复商城数据或视图中的转换, 订单会自动补入队"
)
_RUN = "is the DAG youshu_order_push unpaused, does the scheduler live, is a worker slot free for it?"


def _cause(outbox: Outstanding, limits: OrderPush, now: datetime) -> tuple[str, str, str]:
    """Return why orders wait, what to do about it, and the runbook's heading with more."""
    if not is_seen(outbox, limits, now):
        return _unseen(outbox.seen_at), _RUN, RUNBOOK
    if outbox.response_info and outbox.push_num:
        said = f"try {outbox.push_num}: {words(outbox.response_info)}"
        return said, "nothing is lost, all is sent in order when Youshu answers", _DOWN_RUNBOOK
    if outbox.orders_per_second:
        left = timedelta(seconds=float(outbox.waiting / outbox.orders_per_second))
        rate = f"they pile up: {outbox.orders_per_second:.0f} a second are taken, done in about {_span(left)}"
        return (
            rate,
            "nothing, if that is soon; else raise max_threads or max_helpers in the settings",
            _ANSWERS_RUNBOOK,
        )
    return "it was not tried yet", "look at the log of the task push_orders", _ANSWERS_RUNBOOK


def _unseen(seen_at: datetime | None) -> str:
    return f"no sender was seen since {in_shanghai(seen_at)}" if seen_at else "no sender was ever seen"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_WORDS else f"{line[: MAX_WORDS - 1]}…"


def _span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
