"""The sellers of the data feed from one check to the next: since when each has its state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from retail_pipeline.vendors.taobao.client import DELETED, NORMAL, PushUser


@dataclass(frozen=True)
class Seller:
    """A seller as the platform's list last showed it.

    :ivar since: when it was first seen pushed, stopped or removed, whichever it is; aware
    :ivar gone_since: when it was first missing from the list; None where it is there
    """

    user_id: int
    user_nick: str
    status: int
    rds: str
    since: datetime
    gone_since: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Return whether the seller should be pushed and is not."""
        return self.status not in (NORMAL, DELETED)


def as_listed(known: Mapping[int, Seller], listed: Iterable[PushUser], now: datetime) -> dict[int, Seller]:
    """Return all current and former sellers, by user_id, after a reading of the platform's list."""
    here = {user.user_id: _seller(known.get(user.user_id), user, now) for user in listed}
    missed = {
        user_id: replace(seller, gone_since=seller.gone_since or now)
        for user_id, seller in known.items()
        if user_id not in here
    }
    return here | missed


def _seller(before: Seller | None, user: PushUser, now: datetime) -> Seller:
    rds = user.rds_name or str(user.rds_id or "")
    seen = Seller(user.user_id, user.user_nick, user.status, rds, now)
    if before and before.gone_since is None and _state(before) == _state(seen):
        # Expired after paused, or paused after expired, is one stop.
        return replace(seen, since=before.since)
    return seen


def _state(seller: Seller) -> object:
    return "stopped" if seller.stopped else seller.status
