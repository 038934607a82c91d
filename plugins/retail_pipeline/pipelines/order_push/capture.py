"""Changed orders of a shop → its outbox, for shops whose backend cannot enqueue them itself.

Changes are read again for as long as a transaction may last, since a transaction may commit later than others that
began after it. Reading an order twice is harmless: it is only enqueued where something about it is new.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

# Each page is a transaction that locks its orders, so that no other session enqueues them.
PAGE = 500
log = logging.getLogger(__name__)


class OrderCapture:
    """Reads one shop's orders and returns.

    :param order_sources: whose orders are pushed
    :param lookback: how long a transaction may last in the shop's database
    """

    def __init__(
        self, session: psycopg.Connection[Any], shop: str, order_sources: Sequence[int], lookback: timedelta
    ) -> None:
        self._session = session
        self._shop = shop
        self._order_sources = list(order_sources)
        self._lookback = lookback
        self._stopped: dict[str, tuple[datetime, int]] = {}

    def capture(self, max_pages: int | None = None) -> int:
        """Enqueue changes since the last call, and return the number of new rows; the first call begins with now.

        :param max_pages: of orders, and of returns; the next call with a limit continues behind them
        """
        return sum(self._capture(what, max_pages) for what in ("order", "return"))

    def enqueue(self, start: datetime, end: datetime) -> int:
        """Enqueue changes in [start, end), even if they were read before; return the number of new rows."""
        return sum(self._read(what, start, end, watermark=False) for what in ("order", "return"))

    def _capture(self, what: str, max_pages: int | None) -> int:
        mark = query(self._session, "youshu/capture/until", {"shop": self._shop, "what": what})[0]
        if mark["ahead"]:
            log.error("%s: %ss were read until %s, which is yet to come", self._shop, what, mark["ahead"])
        return self._read(
            what, mark["read_until"] - self._lookback, mark["now"], watermark=True, max_pages=max_pages
        )

    def _read(
        self, what: str, start: datetime, end: datetime, *, watermark: bool, max_pages: int | None = None
    ) -> int:
        after_time, after_id = self._stopped.pop(what, (start, -1)) if max_pages else (start, -1)
        added = 0
        for number in count(1):
            with self._session.transaction():
                page = query(
                    self._session,
                    f"youshu/capture/{what}s",
                    {
                        "shop": self._shop,
                        "order_sources": self._order_sources,
                        "from": start,
                        "until": end,
                        "after_time": after_time,
                        "after_id": after_id,
                        "limit": PAGE,
                    },
                )[0]
                added += page["added"] or 0
                last = page["found"] < PAGE
                if watermark:
                    until = {
                        "shop": self._shop,
                        "what": what,
                        "until": end if last else page["last_time"],
                    }
                    query(self._session, "youshu/capture/captured", until)
            if last:
                break
            after_time, after_id = page["last_time"], page["last_id"]
            if number == max_pages:
                self._stopped[what] = after_time, after_id
                break
        return added
