"""Orders and returns that a fault of ours kept out of the outbox, while the shop's transactions continued."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

# Each page is a statement that locks its orders, so that no other session enqueues them.
PAGE = 500
log = logging.getLogger(__name__)


def enqueue_kept_out(session: psycopg.Connection[Any], shop: str) -> bool:
    """Enqueue a page of records that were kept out; return whether it is useful to continue at once.

    A record that fails again waits behind the others. Where a whole page fails, the view has to be corrected first.
    """
    page = query(session, "youshu/enqueue/faults", {"shop": shop, "limit": PAGE})[0]
    if page["found"]:
        log.info(
            "%s: %d of %d records that were kept out are enqueued", shop, page["enqueued"], page["found"]
        )
    return bool(page["found"] == PAGE and page["enqueued"])
