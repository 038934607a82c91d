"""The sellers whose data is pushed, and how that goes on and off by itself. Source: the platform's document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.business_clock import iso
from sandbox.taobao import open_choices
from sandbox.taobao.apps import RDS_NAMES
from sandbox.taobao.envelope import failed
from sandbox.taobao.records import SELLERS

PAUSED, NORMAL, EXPIRED, DELETED = 0, 1, 2, 3
MONTH_SECONDS = 30 * 86_400
SETTLE_SECONDS = 600  # between delete and add, when the data is to go to another RDS


@dataclass(slots=True)
class PushUser:
    user_id: int
    user_nick: str
    rds_name: str
    status: int
    seller_type: str = "B"
    level: int = 1
    modified: float = open_choices.FIRST_USERS_SINCE
    expired_at: float | None = None  # when the session ends; None is never
    pushes: list[dict[str, Any]] = field(default_factory=list)  # of history, each time it was pushed again

    def described(self) -> dict[str, Any]:
        expired_at = None if self.expired_at is None else iso(self.expired_at)
        return {
            **self.told(),
            "modified": iso(self.modified),
            "expired_at": expired_at,
            "pushes": self.pushes,
        }

    def told(self) -> dict[str, Any]:
        """As users.get tells it."""
        names = ("user_id", "user_nick", "rds_name", "status", "seller_type", "level")
        return {name: getattr(self, name) for name in names}


class PushUsers:
    def __init__(self) -> None:
        """Of the four sellers the last one is not pushed yet."""
        self._users = {seller["nick"]: _new(seller["nick"]) for seller in SELLERS[:-1]}
        # Not of the users, because a session outlives them: a user that is removed may come back.
        self._expiry: dict[str, float] = {}

    def users(self, at: float) -> list[PushUser]:
        """As they are at that moment, by user_id: an expired session stops a push, and after a month ends it."""
        for user in list(self._users.values()):
            user.expired_at = self._expiry.get(user.user_nick)
            if user.expired_at is None or at < user.expired_at:
                continue
            if at >= user.expired_at + MONTH_SECONDS:
                del self._users[user.user_nick]
            elif user.status == NORMAL:
                user.status, user.modified = EXPIRED, user.expired_at
        return sorted(self._users.values(), key=lambda user: user.user_id)

    def is_authorised(self, nick: str, at: float) -> bool:
        return nick not in self._expiry or at < self._expiry[nick]

    def add(self, nick: str, rds_name: str, history_days: int | None, at: float) -> None:
        """A user that is there is only sent elsewhere; a new one, or one that was deleted, gets its history."""
        user = self._find(at, nick=nick)
        if user and user.status != DELETED:
            user.rds_name, user.modified = rds_name, at
            return
        if user and rds_name != user.rds_name and at < user.modified + SETTLE_SECONDS:
            raise failed(*open_choices.TOO_SOON)
        new = _new(nick)
        new.rds_name, new.modified, new.pushes = rds_name, at, user.pushes if user else []
        days = open_choices.CONSOLE_HISTORY_DAYS if history_days is None else history_days
        if days:
            new.pushes.append({"at": iso(at), "kind": "history", "days": days})
        self._users[nick] = new

    def delete(self, at: float, nick: str | None, user_id: int | None) -> None:
        user = self._find(at, nick, user_id)
        if user is None or user.status == DELETED:
            raise failed(*open_choices.NO_SUCH_USER)
        user.status, user.modified = DELETED, at

    def put(self, nick: str, changes: dict[str, Any], at: float) -> None:
        """What a test or a demo says of a user, who is made where there is none. Of a session alone none is made."""
        self.users(at)
        if "expired_at" in changes:
            self._set_expiry(nick, changes.pop("expired_at"), at)
        if changes:
            user = self._users.setdefault(nick, _new(nick, 2206000000101 + len(self._users)))
            for name, value in {"modified": at, **changes}.items():
                setattr(user, name, value)

    def _set_expiry(self, nick: str, expired_at: float | None, at: float) -> None:
        """A later end, or none, is a new authorisation: the push goes on, and what was missed is pushed."""
        since = self._expiry.pop(nick, None)
        if expired_at is not None:
            self._expiry[nick] = expired_at
        user = self._users.get(nick)
        if user and user.status == EXPIRED and self.is_authorised(nick, at):
            user.status, user.modified = NORMAL, at
            user.pushes.append({"at": iso(at), "kind": "backfill", "since": iso(since or at)})

    def _find(self, at: float, nick: str | None = None, user_id: int | None = None) -> PushUser | None:
        for user in self.users(at):
            if user.user_nick == nick if nick is not None else user.user_id == user_id:
                return user
        return None


def _new(nick: str, user_id: int = 0) -> PushUser:
    for seller in SELLERS:
        if seller["nick"] == nick:
            return PushUser(
                seller["user_id"], nick, RDS_NAMES[0], NORMAL, seller["seller_type"], seller["level"]
            )
    return PushUser(user_id, nick, RDS_NAMES[0], NORMAL)
