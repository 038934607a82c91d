"""What a shop's outbox means: each limit from both of its sides."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.order_push.findings import (
    Outstanding,
    helpers_needed,
    orders_finding,
    sender_finding,
    words,
)
from retail_pipeline.settings.order_push import OrderPush

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LIMITS = OrderPush()


def outbox(waits: timedelta = 4 * MINUTE, **changes: Any) -> Outstanding:
    """Return an outbox of one row that waits for so long, with a living sender."""
    values = {"waiting": 1, "late": 1, "order_code": "N1", "push_type": "1150", "since": NOW - waits,
              "push_num": 0, "seen_at": NOW}  # fmt: skip
    return Outstanding(**{**values, **changes})


def told(**changes: Any) -> str:
    return orders_finding("flagship", outbox(**changes), LIMITS, NOW).why


def test_where_no_row_waits_for_long_orders_are_fine():
    assert orders_finding("flagship", outbox(late=0), LIMITS, NOW).kind is None


def test_it_is_about_to_be_late_until_it_is():
    whats = [
        orders_finding("s", outbox(waits), LIMITS, NOW).what for waits in (5 * MINUTE - SECOND, 5 * MINUTE)
    ]
    assert whats == ["about to be late at Youshu", "late at Youshu"]


def test_the_cause_is_the_missing_sender_before_all_else():
    for seen_at in (None, NOW - 4 * MINUTE):
        assert "no sender was" in told(
            seen_at=seen_at, response_info="x", push_num=1, orders_per_second=Decimal(1)
        )
    assert "no sender" not in told(seen_at=NOW - 4 * MINUTE + SECOND)


def test_then_what_youshu_said_then_the_backlog_and_else_that_nothing_was_tried():
    assert "try 3: HTTP 502" in told(response_info="HTTP 502", push_num=3, orders_per_second=Decimal(1))
    piled = told(waiting=7200, orders_per_second=Decimal(2))
    assert "they pile up: 2 a second are taken, done in about 1 h 0 min" in piled
    assert "it was not tried yet" in told()
    assert "it was not tried yet" in told(orders_per_second=Decimal(0))


def test_a_sender_is_missed_after_four_minutes():
    kinds = [
        sender_finding("s", outbox(seen_at=seen_at), LIMITS, NOW).kind
        for seen_at in (NOW + MINUTE, NOW - 4 * MINUTE + SECOND, NOW - 4 * MINUTE, NOW + 4 * MINUTE, None)
    ]
    assert [kind is None for kind in kinds] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("waiting", "rate", "helpers"),
    [
        (240, 1, 0),
        (241, 1, 1),
        (480, 1, 1),
        (481, 1, 2),
        (10**6, 1, 4),
        (10**6, None, 0),
        (10**6, 0, 0),
        (0, 1, 0),
    ],
)
def test_helpers_are_as_many_as_it_takes_to_be_done_within_four_minutes(waiting, rate, helpers):
    there = outbox(waiting=waiting, orders_per_second=None if rate is None else Decimal(rate))
    assert helpers_needed(there, LIMITS, NOW) == helpers


def test_nobody_helps_a_sender_that_is_not_there():
    assert helpers_needed(outbox(waiting=10**6, orders_per_second=Decimal(1), seen_at=None), LIMITS, NOW) == 0


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (
            '{"retcode": 13, "errmsg": "format wrong", "data": {"open_id": "o1"}}',
            "retcode 13: format wrong",
        ),
        (json.dumps({"no_answer": "HTTP 413", "reply": "x", "sent": "secret"}), "HTTP 413"),
        ("missing: user_info.open_id", "missing: user_info.open_id"),
        ("[1]", "[1]"),
        (None, "nothing was said"),
        ("a\nb  c", "a b c"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_words_are_a_line_without_what_was_sent(answer, line):
    assert words(answer) == line


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no such receiver '张三' at “某路 1 号”", "no such receiver … at …"),
        ("phone 138-0000 1111 is wrong in line 12", "phone … is wrong in line 12"),
        ("don't send 13800001111, can't store", "don't send …, can't store"),
    ],
)
def test_what_youshu_quotes_of_a_buyer_is_left_out(said, told):
    assert words(json.dumps({"retcode": 13, "errmsg": said})) == f"retcode 13: {told}"
