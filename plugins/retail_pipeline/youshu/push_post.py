"""The post of a shop's sender: held by one at a time, woken by the shop's commits, handed over on request."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from retail_pipeline.postgres_session import query

if TYPE_CHECKING:
    import psycopg

ROWS, RELIEF = "youshu_request", "youshu_push_relief"


class Post:
    """The post of a shop's sender.

    Held by a lock of the session: whoever dies, or loses the database, has left it. It needs a connection of its own
    to the server itself, not through a pooler that shares sessions.

    :ivar relieved: somebody wants to take over
    """

    def __init__(self, session: psycopg.Connection[Any], shop: str) -> None:
        self._session = session
        self._shop = shop
        self.relieved = False
        query(session, "youshu/push_listen", None)

    def take(self, most_seconds: float) -> bool:
        """Take the post; whoever holds it is asked to leave. False: they have not left in time."""
        end = time.monotonic() + most_seconds
        while not query(self._session, "youshu/push_take_post", {"shop": self._shop})[0]["taken"]:
            if time.monotonic() > end:
                return False
            query(self._session, "youshu/push_ask_relief", {"shop": self._shop})
            self._hear(1.0)
        self.relieved = False  # what was heard until now was meant for others
        return True

    def wait(self, seconds: float) -> None:
        """Return as soon as rows have come or relief has; at the latest after so many seconds."""
        if not self.relieved:
            self._hear(seconds)

    def asked_to_leave(self) -> bool:
        """Return whether somebody wants to take over, without waiting."""
        self._hear(0)
        return self.relieved

    def _hear(self, seconds: float) -> None:
        for notice in self._session.notifies(timeout=seconds, stop_after=1):
            self.relieved |= notice.channel == RELIEF and notice.payload == self._shop
