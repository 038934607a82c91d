"""Single orders of a shop, enqueued by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg


def enqueue_new(session: psycopg.Connection[Any], shop: str, order_code: str) -> int | None:
    """Enqueue an order's new or changed state; return the number of new rows, None where there is no such order."""
    for row in query(session, "youshu/enqueue/order", {"shop": shop, "order_code": order_code}):
        return int(row["added"])
    return None


def enqueue_again(session: psycopg.Connection[Any], shop: str, order_code: str) -> int | None:
    """Enqueue every state of an order once more, in sequence; return the same as ``enqueue_new``.

    :param session: in autocommit mode
    """
    with session.transaction():
        # The lock needs a statement of its own: only the next statement sees rows that the lock's last holder has
        # committed.
        for row in query(session, "youshu/enqueue/lock_order", {"shop": shop, "order_code": order_code}):
            values = {"shop": shop, "order_id": row["order_id"]}
            return len(query(session, "youshu/enqueue/again", values))
    return None
