"""What the demo shows of the order push: what was enqueued, what became of it, and which orders Youshu has."""

from __future__ import annotations

from typing import Any

import psycopg

Row = dict[str, Any]
_OUTBOX = """
SELECT count(DISTINCT order_id) AS orders, count(*) AS enqueued,
       count(*) FILTER (WHERE status = 1) AS accepted,
       count(*) FILTER (WHERE status IN (0, 2, 3)) AS waiting,
       count(*) FILTER (WHERE status = 4) AS closed,
       count(*) FILTER (WHERE status = 5) AS dead_lettered
FROM t_store_youshu_request WHERE shop = %(shop)s"""


def forget_pushed(store: str) -> None:
    """Empty the outbox: a sandbox that was reset does not know what an earlier demo pushed."""
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("TRUNCATE t_store_youshu_request, youshu_capture, youshu_push_sender")


def pushed(connection: psycopg.Connection[Row], told: list[Row], shop: str) -> tuple[str, str, str]:
    """Return three cells of a shop.

    :param told: the orders that the sandbox has received
    """
    outbox = connection.execute(_OUTBOX, {"shop": shop}).fetchall()[0]
    names = {
        "accepted": "accepted",
        "waiting": "waiting",
        "closed": "closed unsent",
        "dead_lettered": "dead-lettered",
    }
    ends = [
        f"{outbox[name]:,} {said}" for name, said in names.items() if outbox[name] or name != "dead_lettered"
    ]
    states = [state for order in told if order["app"] == shop for state in order["states"]]
    wrong = {what: sum(state[what] for state in states) for what in ("regression", "duplicate")}
    return (
        f"{outbox['orders']:,} orders, {outbox['enqueued']:,} states",
        "\n".join(ends),
        f"{len(states):,} states\n{wrong['regression']} after a newer one, {wrong['duplicate']} twice",
    )
