"""What asks for rows that wait reads those rows alone, however many are done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from retail_pipeline.databases.statements import statement
from tests.order_push.orders import NOON, SHOP, ShopOrders

DONE, WAITING = 20_000, 5
PENDING_INDEX, ORDER_INDEX = "t_store_youshu_request_status_idx", "idx_youshu_request_order_id"
DEAD_LETTER_INDEX = "t_store_youshu_request_set_aside_idx"
VALUES = {
    "shop": SHOP,
    "every_state": True,
    "tried": False,
    "below": None,
    "now": NOON + timedelta(minutes=1),
    "beyond": NOON + timedelta(minutes=5),
    "after": 0,
    "limit": 100,
    "due": timedelta(minutes=5),
    "alert_after": timedelta(minutes=4),
    "ids": list(range(DONE + 1, DONE + 1 + WAITING)),
    "claim": UUID(int=7),
    "lease_end": NOON + timedelta(minutes=2),
}


@pytest.fixture
def outbox(store, simulated_clock) -> psycopg.Connection[Any]:
    """An outbox in which few orders wait, two of them were dead-lettered, and 20,000 rows of others are done."""
    simulated_clock.set(NOON)
    store.execute(
        "INSERT INTO t_store_youshu_request (shop, order_id, order_code, push_type, status, event_time, accepted_at)"
        " SELECT %s, -n / 4, 'D' || n / 4, (ARRAY['1110', '1150', '1160', '1180'])[n %% 4 + 1], 1, %s, %s"
        " FROM generate_series(0, %s - 1) AS n",
        [SHOP, NOON, NOON, DONE],
    )
    shop = ShopOrders(store)
    for number in range(1, WAITING + 3):
        shop.place(number)
    store.execute("UPDATE t_store_youshu_request SET status = 5 WHERE order_id > %s", [WAITING])
    store.execute("ANALYZE t_store_youshu_request")
    return store


def scans(session: psycopg.Connection[Any], name: str) -> list[tuple[str, int]]:
    """Run a statement; return how the outbox was looked into: by which index, and how many rows were read."""
    [([explained],)] = session.execute(
        "EXPLAIN (ANALYZE, FORMAT JSON) " + statement(f"youshu/{name}"), VALUES
    ).fetchall()
    return [
        (node.get("Index Name", "no index"), round(rows_read(node)))
        for node in nodes(explained["Plan"])
        if node.get("Relation Name") == "t_store_youshu_request" and "Scan" in node["Node Type"]
    ]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def rows_read(node: dict[str, Any]) -> float:
    """Return what a scan has found and what it has thrown away, over all its turns."""
    return (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]


WHAT_WAITS, DEAD_LETTERED, THEIR_ORDERS = (
    (PENDING_INDEX, WAITING),
    (DEAD_LETTER_INDEX, 2),
    (ORDER_INDEX, WAITING),
)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("push_candidates", [WHAT_WAITS, THEIR_ORDERS]),
        ("outbox/claim", [("t_store_youshu_request_pkey", WAITING), THEIR_ORDERS]),
        ("outbox/bring_forward", [WHAT_WAITS]),
        ("outbox/backlog", [DEAD_LETTERED, WHAT_WAITS]),
        ("push_watch/not_alerted", [DEAD_LETTERED]),
    ],
)
def test_what_a_sender_asks_is_answered_from_what_waits_and_the_orders_that_it_is_of(outbox, name, read):
    assert sorted(scans(outbox, name)) == sorted(read)


def test_the_alerts_look_at_what_waits_and_at_the_row_that_waits_longest(outbox):
    assert sorted(scans(outbox, "push_watch/review")) == sorted(
        [WHAT_WAITS, DEAD_LETTERED, ("t_store_youshu_request_pkey", 1)]
    )
