"""Access tokens and their lives, and what a POST-only call must bring.

Source: the pages of getAccessToken and getStableAccessToken. Tokens of the two calls are separate and do not end each
other. The time is always handed in.
"""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.business_clock import shanghai_day
from sandbox.identities import TOKEN_MARK
from sandbox.strict_json import parse_object
from sandbox.vendor import Call
from sandbox.wechat import open_choices
from sandbox.wechat.envelope import Refused

LIFE_SECONDS = 7200
OLD_TOKEN_GRACE_SECONDS = 300


@dataclass(slots=True)
class Token:
    value: str
    appid: str
    expires_at: float
    replaced_at: float = math.inf

    def lives(self, at: float) -> bool:
        return at < self.expires_at and at < self.replaced_at


@dataclass(slots=True)
class Forced:
    """How often one app has forced a refresh on one day."""

    day: date
    count: int = 0
    last: float = -math.inf


class Tokens:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._issued: dict[str, Token] = {}
        self._plain: dict[str, Token] = {}
        self._stable: dict[str, Token] = {}
        self._forced: dict[str, Forced] = {}

    def owner(self, value: str) -> str | None:
        token = self._issued.get(value)
        return token.appid if token else None

    def check(self, value: str, at: float) -> None:
        token = self._issued.get(value)
        if token is None:
            raise Refused(open_choices.NEVER_ISSUED)
        if at >= token.replaced_at:
            raise Refused(open_choices.REPLACED)
        if at >= token.expires_at:
            raise Refused(42001)

    def plain(self, appid: str, at: float) -> Token:
        """cgi-bin/token: always a new token; the one before works for five more minutes."""
        if old := self._plain.get(appid):
            old.replaced_at = min(old.replaced_at, at + OLD_TOKEN_GRACE_SECONDS)
        self._plain[appid] = self._issue(appid, at)
        return self._plain[appid]

    def stable(self, appid: str, at: float) -> Token:
        """cgi-bin/stable_token, normal mode: the same token until its last five minutes."""
        current = self._stable.get(appid)
        if current and current.lives(at) and current.expires_at - at > open_choices.RENEW_SECONDS:
            return current
        self._stable[appid] = self._issue(appid, at)
        return self._stable[appid]

    def forced(self, appid: str, at: float) -> Token:
        """cgi-bin/stable_token, force_refresh: the old token dies; 20 a day, at least 30 s apart."""
        forced = self._forced.get(appid)
        if forced is None or forced.day != shanghai_day(at):
            forced = self._forced[appid] = Forced(shanghai_day(at), 0, forced.last if forced else -math.inf)
        if at - forced.last < open_choices.FORCE_GAP_SECONDS:
            return self.stable(appid, at)
        if forced.count >= open_choices.FORCES_A_DAY:
            raise Refused(45009)
        forced.count, forced.last = forced.count + 1, at
        if old := self._stable.get(appid):
            old.replaced_at = min(old.replaced_at, at)
        self._stable[appid] = self._issue(appid, at)
        return self._stable[appid]

    def kill(self, appid: str, at: float) -> None:
        for token in self._current(appid):
            token.replaced_at = min(token.replaced_at, at)

    def expire(self, appid: str, at: float) -> None:
        for token in self._current(appid):
            token.expires_at = min(token.expires_at, at)

    def _current(self, appid: str) -> list[Token]:
        return [store[appid] for store in (self._plain, self._stable) if appid in store]

    def _issue(self, appid: str, at: float) -> Token:
        """136 characters, as many as live tokens have; the page says to keep room for 512."""
        number = len(self._issued) + 1
        digest = hashlib.shake_256(f"{self._seed}/{appid}/token/{number}".encode()).digest(89)
        random = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        token = Token(f"{number % 100:02d}_{TOKEN_MARK}{random}A", appid, at + LIFE_SECONDS)
        self._issued[token.value] = token
        return token


def read_post(call: Call) -> dict[str, Any]:
    if call.method != "POST":
        raise Refused(43002)
    if not call.body.strip():
        raise Refused(44002)
    try:
        return parse_object(call.body)
    except ValueError:
        raise Refused(47001) from None
