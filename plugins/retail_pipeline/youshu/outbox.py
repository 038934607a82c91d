"""The outbox of order reports: what is due is claimed, sent by others, and recorded.

A claim is committed before anything is sent. So whoever dies in between leaves rows that are neither lost nor sent
beside themselves: when the lease is over, by which time their request has died as well, they are due again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from retail_pipeline import clock
from retail_pipeline.order_push_settings import OrderPush
from retail_pipeline.postgres_session import query

if TYPE_CHECKING:
    import psycopg

FAILED, TIMEOUT = 2, 3
RETURN = "1290"
# A request is dead after the transport's time limit; the rest is for clocks of two machines that differ.
LEASE = timedelta(seconds=45)
SUPERSEDED = "not sent: a newer state of the order was sent before"


@dataclass(frozen=True)
class Waiting:
    """A row of the outbox that is claimed.

    :ivar claim: which claim holds it
    :ivar push_num: which try this is, from 1
    :ivar content_known: Youshu has the order as it is; only its state is new
    """

    claim: UUID
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

    :param order_sources: whose orders are agreed with Youshu
    """

    def __init__(
        self, session: psycopg.Connection[Any], shop: str, settings: OrderPush, order_sources: Sequence[int]
    ) -> None:
        self._session = session
        self._shop = shop
        self._settings = settings
        self._order_sources = order_sources

    def claim(self, most: int) -> list[Waiting]:
        """Claim what is due, oldest first, of each order at most one row; fewer than ``most``: no more is due."""
        ids: list[int] = []
        with self._session.transaction():
            query(self._session, "youshu/push_turn", {"shop": self._shop})
            for page in self._candidates(most):
                ids += [row["id"] for row in page if not row["waits"]]
                if len(ids) >= most:
                    break
            return self._claimed(ids[:most])

    def accepted(
        self, rows: Collection[Waiting], answer: str, warnings: Mapping[int, str] | None = None
    ) -> None:
        """Record that Youshu took them.

        :param warnings: what was odd with some of them, by id
        """
        self._record("accepted", rows, answer=answer, warnings=json.dumps(warnings or {}))

    def not_accepted(self, rows: Collection[Waiting], status: int, answer: str) -> None:
        """Record that they are to be tried again.

        :param status: ``FAILED`` where Youshu said no, ``TIMEOUT`` where nobody knows
        """
        waits = {
            "first_wait": self._settings.first_retry_seconds,
            "longest_wait": self._settings.longest_retry_seconds,
        }
        self._record("not_accepted", rows, status=status, answer=answer, **waits)

    def set_aside(self, rows: Collection[Waiting], answer: str) -> None:
        """Record that they will never be taken as they are."""
        self._record("set_aside", rows, answer=answer)

    def unsent(self, rows: Collection[Waiting]) -> None:
        """Give back what was claimed and not sent."""
        self._record("unsent", rows)

    def bring_forward(self) -> None:
        """Let all that failed be due now."""
        query(self._session, "youshu/push_bring_forward", {"shop": self._shop, "now": clock.now()})

    def _candidates(self, most: int) -> Iterator[list[dict[str, Any]]]:
        """Yield what is due, page by page, without what need not be sent: that is closed on the way."""
        now, page_size, after = clock.now(), most + 50, 0
        longest = max(LEASE, timedelta(seconds=self._settings.longest_retry_seconds))
        while True:
            values = {
                "shop": self._shop,
                "every_state": self._settings.every_state,
                "now": now,
                "beyond": now + longest,
                "after": after,
                "limit": page_size,
            }
            page = query(self._session, "youshu/push_candidates", values)
            if self._close_needless(page):
                continue  # what waited for these may be due now
            yield page
            if len(page) < page_size:
                return
            after = page[-1]["id"]

    def _close_needless(self, page: Sequence[dict[str, Any]]) -> bool:
        reasons = [(why, row["id"]) for row in page if (why := self._needless(row))]
        for why, numbered in groupby(sorted(reasons), lambda pair: pair[0]):
            ids = [number for _, number in numbered]
            query(self._session, "youshu/push_close", {"ids": ids, "why": why, "now": clock.now()})
        return bool(reasons)

    def _needless(self, row: dict[str, Any]) -> str | None:
        if row["push_type"] != RETURN and row["push_type"] not in self._settings.states:
            return "not sent: this state is not among order_push.states"
        if row["order_source"] is not None and row["order_source"] not in self._order_sources:
            return "not sent: this order_source is not among the shop's order_sources"
        return SUPERSEDED if row["outrun"] else None

    def _claimed(self, ids: Sequence[int]) -> list[Waiting]:
        claim, now = uuid4(), clock.now()
        values = {"claim": claim, "ids": ids, "now": now, "lease_end": now + LEASE}
        rows = query(self._session, "youshu/push_claim", values) if ids else []
        return [Waiting(claim, **row) for row in sorted(rows, key=lambda row: row["id"])]

    def _record(self, what: str, rows: Collection[Waiting], **values: Any) -> None:
        for claim in {row.claim for row in rows}:
            ids = [row.id for row in rows if row.claim == claim]
            query(
                self._session,
                f"youshu/push_{what}",
                {**values, "ids": ids, "claim": claim, "now": clock.now()},
            )
