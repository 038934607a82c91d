"""Taobao Open Platform: one signed call, and the push users of Jushita's data feed (数据推送).

Apis 22129, 21736 and 21732.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from urllib.parse import urlencode

import msgspec

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import AuthRejected, PermanentApiError
from retail_pipeline.vendors.open_platform import FORM, signed_params
from retail_pipeline.vendors.taobao.answers import VENDOR, Content, no_answer, read_answer
from retail_pipeline.vendors.transport import Transport

HOST = "https://gw.api.taobao.com"
USERS_GET = "taobao.jushita.jdp.users.get"
USER_ADD = "taobao.jushita.jdp.user.add"
USER_DELETE = "taobao.jushita.jdp.user.delete"
PAGE_SIZE = 200  # the documented default; a maximum is not documented
PAUSED, NORMAL, EXPIRED, DELETED = range(4)  # a push user's status


class PushUser(msgspec.Struct, frozen=True):
    """A seller whose data is pushed, or was.

    :ivar rds_name: the target; platform apps get ``rds_id`` instead
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
        """Return all push users of the app, including removed ones (docs/api.htm?apiId=22129).

        :param modified_since: only users that changed then or later
        :raises NoAnswer: also where the pages hold another number of users than the first one states
        """
        found: dict[int, PushUser] = {}
        total = None
        for page in self._user_pages(modified_since):
            known = len(found)
            found.update((user.user_id, user) for user in page.users.jdp_user)
            if total not in (None, page.total_results):
                break  # a user was added or removed, which shifts the later users across pages
            total = page.total_results
            if len(found) == total:
                return list(found.values())
            if len(found) == known:
                break
        raise no_answer(f"told {len(found)} of {total} users; they may have changed meanwhile", USERS_GET)

    def count_push_users(self) -> int:
        """Return the number of push users: one small call that proves app and rights, and changes nothing."""
        return self._call(USERS_GET, {"page_no": "1", "page_size": "1"}, _UsersPage).total_results

    def add_user(self, rds_name: str, *, history_days: int | None = None) -> None:
        """Push the session's seller to an RDS (docs/api.htm?apiId=21736); an existing user is only re-routed.

        :param history_days: 0 to 90; None leaves it to the console
        """
        days = {} if history_days is None else {"history_days": str(history_days)}
        self._change(USER_ADD, {"rds_name": rds_name, **days}, as_seller=True)

    def delete_user(self, nick: str) -> None:
        """Stop the push of a seller (docs/api.htm?apiId=21732)."""
        self._change(USER_DELETE, {"nick": nick})

    def ask(self, method: str, params: Mapping[str, str], *, as_seller: bool = False) -> bytes:
        """Sign and send one call; return the reply as it came, for ``read``.

        :param as_seller: with the session, which identifies the seller
        :raises AuthRejected: there is no session
        """
        if as_seller and not self.session:
            raise AuthRejected("no session of the seller", vendor=VENDOR, method=method, mend="session")
        system = {
            "method": method,
            "app_key": self.app_key,
            "timestamp": _time(clock.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": self.sign_method,
            **({"session": self.session} if as_seller and self.session else {}),
        }
        # All in the body, which the platform allows: query strings end up in the logs of proxies.
        body = urlencode(signed_params({**system, **params}, secret=self.app_secret))
        return self.transport.call_bytes("POST", self.path, body=body, content_type=FORM, method=method)

    def read(self, reply: bytes, method: str, kind: type[Content]) -> Content:
        """Return a reply's content, or raise its error: see ``answers.read_answer``."""
        secrets = [secret for secret in (self.session, self.app_secret) if secret]
        return read_answer(reply, method, kind, secrets=secrets)

    def _user_pages(self, modified_since: datetime | None) -> Iterator[_UsersPage]:
        since = {} if modified_since is None else {"start_modified": _time(modified_since)}
        for number in count(1):
            page = {"page_no": str(number), "page_size": str(PAGE_SIZE)}
            yield self._call(USERS_GET, {**since, **page}, _UsersPage)

    def _change(self, method: str, params: Mapping[str, str], *, as_seller: bool = False) -> None:
        if not self._call(method, params, _Done, as_seller=as_seller).is_success:
            raise PermanentApiError("not done, and no reason given", vendor=VENDOR, method=method)

    def _call(
        self, method: str, params: Mapping[str, str], kind: type[Content], *, as_seller: bool = False
    ) -> Content:
        return self.read(self.ask(method, params, as_seller=as_seller), method, kind)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
