"""Orders and returns that a fault of ours has kept out of the outbox, while the shop's transactions went on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

# Each page is a statement; orders in it are locked against being enqueued by others.
PAGE = 500
log = logging.getLogger(__name__)


def enqueue_kept_out(session: psycopg.Connection[Any], shop: str) -> bool:
    """Enqueue a page of what was kept out; return whether it is worth going on at once.

    What fails again waits behind the others. Where a whole page fails, the view is what has to be mended first.
    """
    page = query(session, "youshu/push_enqueue_faults", {"shop": shop, "limit": PAGE})[0]
    if page["found"]:
        log.info(
            "%s: %d of %d records that were kept out are enqueued", shop, page["enqueued"], page["found"]
        )
    return bool(page["found"] == PAGE and page["enqueued"])
