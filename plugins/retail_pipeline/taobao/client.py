"""Taobao Open Platform: who is pushed by Jushita's data push (数据推送). Apis 22129, 21736 and 21732.

Answers are ``{"<method with underscores>_response": {…}}``, errors ``{"error_response": {…}}`` with HTTP 200.
Answers may hold sellers' and buyers' data: no error quotes or keeps one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    NoAnswer,
    PermanentApiError,
    RateLimited,
    TransientApiError,
)
from retail_pipeline.top_gateway import FORM, ban, signed_params
from retail_pipeline.transport import Transport

VENDOR = "taobao"
HOST = "https://gw.api.taobao.com"
USERS_GET = "taobao.jushita.jdp.users.get"
USER_ADD = "taobao.jushita.jdp.user.add"
USER_DELETE = "taobao.jushita.jdp.user.delete"
PAGE_SIZE = 200  # the documented default; a maximum is not documented
PAUSED, NORMAL, EXPIRED, DELETED = range(4)  # a push user's status

# What the caller must do, and what to look at, by code, sub code and messages (the platform's list of codes); the
# first pattern that fits counts, and what fits none may pass.
_MEANINGS: tuple[tuple[str, type[ApiError], str | None], ...] = (
    (r"[4-8] |.*(call-limited|accesscontrol\.limited|This ban will last)", RateLimited, None),
    (r"\S+ isp\.", TransientApiError, None),
    (r"25 ", AuthRejected, "app_secret"),
    (r"2[89] ", AuthRejected, "app_key"),
    (r"26 ", AuthRejected, "session"),
    (r"27 ", AuthRejected, "session: the seller must authorise the app again"),
    (r"3[01] ", AuthRejected, "this machine's clock (NTP): more than 10 minutes off"),
    (r"(1[123]|42) ", AuthRejected, "the method is not granted to app_key: see its console"),
    (r"(3|9|2[1-4]|3[2-4]|4[013]) |.*\bisv\.", BadRequest, None),
)


class PushUser(msgspec.Struct, frozen=True):
    """A seller whose data is pushed, or was.

    :ivar rds_name: where to; platform apps are told ``rds_id`` instead
    :ivar status: PAUSED, NORMAL, EXPIRED (the session ended, and with it the push) or DELETED
    """

    user_id: int
    user_nick: str
    status: int
    rds_name: str | None = None
    rds_id: int | None = None


class _Users(msgspec.Struct):
    jdp_user: list[PushUser] = []


class _UsersPage(msgspec.Struct):
    total_results: int
    users: _Users = msgspec.field(default_factory=_Users)  # absent where the page is empty


class _Done(msgspec.Struct):
    is_success: bool


class _Refusal(msgspec.Struct):
    code: int | str
    msg: str | None = None
    sub_code: str | None = None
    sub_msg: str | None = None
    request_id: str | None = None


Content = TypeVar("Content")


@dataclass
class TaobaoClient:
    """Calls the platform as one app, and for one seller where a call needs a session.

    :param session: of the seller who authorised the app
    :param sign_method: one of top_gateway.SIGN_METHODS
    """

    transport: Transport
    app_key: str
    app_secret: str = field(repr=False)
    session: str | None = field(default=None, repr=False)
    sign_method: str = "hmac-sha256"
    path: str = "/router/rest"

    def push_users(self, *, modified_since: datetime | None = None) -> list[PushUser]:
        """Return all push users of the app, those that were removed among them (docs/api.htm?apiId=22129).

        :param modified_since: only those that changed then or later
        :raises NoAnswer: also where the pages do not hold as many users as the first one counts
        """
        found: dict[int, PushUser] = {}
        total = None
        for page in self._user_pages(modified_since):
            known = len(found)
            found.update((user.user_id, user) for user in page.users.jdp_user)
            if total not in (None, page.total_results):
                break  # somebody came or went, which moves those behind across the pages
            total = page.total_results
            if len(found) == total:
                return list(found.values())
            if len(found) == known:
                break
        raise self._no_answer(
            f"told {len(found)} of {total} users; they may have changed meanwhile", USERS_GET
        )

    def count_push_users(self) -> int:
        """Return how many there are: one small call that proves app and rights, and changes nothing."""
        return self._call(USERS_GET, {"page_no": "1", "page_size": "1"}, _UsersPage).total_results

    def add_user(self, rds_name: str, *, history_days: int | None = None) -> None:
        """Push the session's seller to an RDS (docs/api.htm?apiId=21736); one who is there is only sent elsewhere.

        :param history_days: 0 to 90; None leaves it to the console
        """
        if not self.session:
            raise AuthRejected("no session of the seller", vendor=VENDOR, method=USER_ADD, mend="session")
        days = {} if history_days is None else {"history_days": str(history_days)}
        self._change(USER_ADD, {"rds_name": rds_name, **days}, session=self.session)

    def delete_user(self, nick: str) -> None:
        """Stop the push of a seller (docs/api.htm?apiId=21732)."""
        self._change(USER_DELETE, {"nick": nick})

    def _user_pages(self, modified_since: datetime | None) -> Iterator[_UsersPage]:
        since = {} if modified_since is None else {"start_modified": _time(modified_since)}
        for number in count(1):
            page = {"page_no": str(number), "page_size": str(PAGE_SIZE)}
            yield self._call(USERS_GET, {**since, **page}, _UsersPage)

    def _change(self, method: str, params: Mapping[str, str], session: str | None = None) -> None:
        if not self._call(method, params, _Done, session).is_success:
            raise PermanentApiError("not done, and no reason given", vendor=VENDOR, method=method)

    def _call(
        self, method: str, params: Mapping[str, str], content: type[Content], session: str | None = None
    ) -> Content:
        """Sign, send, and return what is in the method's own root, or raise what the platform says."""
        system = {
            "method": method,
            "app_key": self.app_key,
            "timestamp": _time(clock.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": self.sign_method,
            **({"session": session} if session else {}),
        }
        # All in the body, which the platform allows: query strings end in the logs of proxies.
        body = urlencode(signed_params({**system, **params}, secret=self.app_secret))
        reply = self.transport.call_bytes("POST", self.path, body=body, content_type=FORM, method=method)
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        try:
            answer = msgspec.json.decode(reply, type=dict[str, msgspec.Raw])
            if "error_response" in answer:
                raise self._error(_read(answer["error_response"], _Refusal), method)
            return _read(answer[root], content)
        except (ValueError, KeyError, RecursionError):
            # Not chained: what cannot be read may be a person's.
            raise self._no_answer(f"of {len(reply)} bytes is not of Taobao's form", method) from None

    def _error(self, refusal: _Refusal, method: str) -> ApiError:
        """Return what a refusal means."""
        words = " ".join(filter(None, (refusal.sub_code, refusal.msg, refusal.sub_msg)))
        told = f"{refusal.code} {words}"
        kind, mend = next(
            ((kind, mend) for text, kind, mend in _MEANINGS if re.match(text, told)),
            (TransientApiError, None),
        )
        facts: dict[str, Any] = {"vendor": VENDOR, "method": method, "request_id": refusal.request_id}
        if kind is RateLimited:
            facts["retry_after"] = ban(words)
        for secret in filter(None, (self.session, self.app_secret)):
            words = words.replace(secret, "…")  # some refusals repeat what they were sent
        return kind(words or "no message", code=str(refusal.code), mend=mend, **facts)

    def _no_answer(self, what: str, method: str) -> NoAnswer:
        return NoAnswer(f"reply {what}", vendor=VENDOR, method=method)


def _read(content: msgspec.Raw, kind: type[Content]) -> Content:
    """Not strict: numbers come as text too."""
    return msgspec.json.decode(content, type=kind, strict=False)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
