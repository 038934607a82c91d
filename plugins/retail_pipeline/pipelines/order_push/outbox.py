"""The outbox of order reports: claims rows that are due, and records the results of sending them.

A claim is committed before anything is sent. So a sender that dies in between leaves rows that are neither lost nor
sent twice at the same time: when the lease is over, by which time their request has ended as well, they are due
again. A living sender renews the lease before it is too short for a call.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.settings.order_push import OrderPush

if TYPE_CHECKING:
    import psycopg

FAILED, TIMEOUT, NEEDLESS, DEAD_LETTERED = 2, 3, 4, 5
RETURN = "1290"
# A request ends after the transport's time limit, 30 s; the rest allows for clocks of two machines that differ. A
# lease with less time left than CALL is renewed before a call.
LEASE, CALL = timedelta(seconds=45), timedelta(seconds=40)
SUPERSEDED = "not sent: a newer state of the order was sent before"
CANCELLED_LATE = (
    "not sent: the order was cancelled after it was shipped, and 1140 means before; report a return"
)


@dataclass(frozen=True)
class Waiting:
    """A row of the outbox that is claimed.

    :ivar claim: the claim that holds it
    :ivar lease_end: until when the claim holds it
    :ivar push_num: number of this try, from 1
    :ivar content_known: Youshu has the order as it is; only its state is new
    """

    claim: UUID
    lease_end: datetime
    id: int
    order_id: int
    order_code: str
    push_type: str
    push_num: int
    event_time: datetime
    return_code: str | None
    request_info: str | None
    content_known: bool


class Outbox:
    """The outbox of one shop, through one session. Not thread-safe.

    :param order_sources: the sources whose orders are agreed with Youshu
    """

    def __init__(
        self, session: psycopg.Connection[Any], shop: str, settings: OrderPush, order_sources: Sequence[int]
    ) -> None:
        self._session = session
        self._shop = shop
        self._settings = settings
        self._order_sources = order_sources

    def claim(self, most: int, max_tried: int | None = None) -> list[Waiting]:
        """Claim rows that are due, oldest first, at most one row of each order.

        :param most: at most so many rows that were never tried
        :param max_tried: the same for rows that were tried, so that neither delay the others; default: ``most``
        """
        with self._session.transaction():
            query(self._session, "youshu/outbox/turn", {"shop": self._shop})
            fresh = self._due(most, tried=False)
            tried = self._due(most if max_tried is None else max_tried, tried=True)
            return self._claimed([*fresh, *tried])

    def renew(self, rows: Collection[Waiting]) -> list[Waiting]:
        """Hold claimed rows for a whole lease from now; return the rows that are still held.

        The lease of the others had ended, and another sender may hold them by now.
        """
        now, held = clock.now(), []
        for claim in {row.claim for row in rows}:
            mine = {row.id: row for row in rows if row.claim == claim}
            values = {"ids": list(mine), "claim": claim, "now": now, "lease_end": now + LEASE}
            found = query(self._session, "youshu/outbox/renew", values)
            held += [replace(mine[row["id"]], lease_end=now + LEASE) for row in found]
        return held

    def accepted(
        self, rows: Collection[Waiting], answer: str, warnings: Mapping[int, str] | None = None
    ) -> None:
        """Record that Youshu took the rows.

        :param warnings: the warnings of some of them, by id
        """
        self._record("accepted", rows, answer=answer, warnings=json.dumps(warnings or {}))

    def not_accepted(
        self, rows: Collection[Waiting], status: int, answer: str, *, at_once: bool = False
    ) -> None:
        """Record that the rows are to be tried again.

        :param status: ``FAILED`` where Youshu refused them, ``TIMEOUT`` where the result is unknown
        :param at_once: without a wait, in batches of half the size
        """
        waits = {
            "min_wait": 0 if at_once else self._settings.min_retry_seconds,
            "max_wait": self._settings.max_retry_seconds,
        }
        self._record("not_accepted", rows, status=status, answer=answer, **waits)

    def dead_lettered(self, rows: Collection[Waiting], answer: str) -> None:
        """Record that Youshu will never take the rows as they are."""
        self._record("dead_lettered", rows, answer=answer)

    def unsent(self, rows: Collection[Waiting]) -> None:
        """Give back rows that were claimed and not sent."""
        self._record("unsent", rows)

    def bring_forward(self, below: int | None = None) -> None:
        """Let failed rows be due now.

        :param below: only rows that were tried fewer times than this; None: all
        """
        values = {"shop": self._shop, "now": clock.now(), "below": below}
        query(self._session, "youshu/outbox/bring_forward", values)

    def _due(self, most: int, *, tried: bool) -> list[int]:
        ids: list[int] = []
        for page in self._candidates(most, tried=tried) if most else ():
            ids += [row["id"] for row in page if not row["waits"]]
            if len(ids) >= most:
                break
        return ids[:most]

    def _candidates(self, most: int, *, tried: bool) -> Iterator[list[dict[str, Any]]]:
        """Yield rows that are due, page by page; rows that need not be sent are closed on the way and left out."""
        now, page_size, after = clock.now(), most + 50, 0
        longest = max(LEASE, timedelta(seconds=self._settings.max_retry_seconds))
        while True:
            values = {
                "shop": self._shop,
                "every_state": self._settings.every_state,
                "tried": tried,
                "now": now,
                "beyond": now + longest,
                "after": after,
                "limit": page_size,
            }
            page = query(self._session, "youshu/push_candidates", values)
            if self._close_needless(page):
                continue  # rows that waited for these may be due now
            yield page
            if len(page) < page_size:
                return
            after = page[-1]["id"]

    def _close_needless(self, page: Sequence[dict[str, Any]]) -> bool:
        reasons = [(why, row["id"]) for row in page if (why := self._needless(row))]
        for why, numbered in groupby(sorted(reasons), lambda pair: pair[0]):
            values = {"ids": [number for _, number in numbered], "why": why, "now": clock.now()}
            status = DEAD_LETTERED if why == CANCELLED_LATE else NEEDLESS
            query(self._session, "youshu/outbox/close", {**values, "status": status})
        return bool(reasons)

    def _needless(self, row: dict[str, Any]) -> str | None:
        if row["push_type"] != RETURN and row["push_type"] not in self._settings.states:
            return "not sent: this state is not among order_push.states"
        if row["order_source"] is not None and row["order_source"] not in self._order_sources:
            return "not sent: this order_source is not among the shop's order_sources"
        if row["cancelled_late"]:
            return CANCELLED_LATE
        return SUPERSEDED if row["superseded"] else None

    def _claimed(self, ids: Sequence[int]) -> list[Waiting]:
        claim, now = uuid4(), clock.now()
        values = {"claim": claim, "ids": ids, "now": now, "lease_end": now + LEASE}
        rows = query(self._session, "youshu/outbox/claim", values) if ids else []
        return [Waiting(claim, now + LEASE, **row) for row in sorted(rows, key=lambda row: row["id"])]

    def _record(self, what: str, rows: Collection[Waiting], **values: Any) -> None:
        for claim in {row.claim for row in rows}:
            ids = [row.id for row in rows if row.claim == claim]
            query(
                self._session,
                f"youshu/outbox/{what}",
                {**values, "ids": ids, "claim": claim, "now": clock.now()},
            )
