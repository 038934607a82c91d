"""WeChat's data analysis calls. Pages named here are on developers.weixin.qq.com (mini-program, server API).

Errors come as HTTP 200 with ``{"errcode": …, "errmsg": "… rid: …"}``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from retail_pipeline.business_time import compact_date
from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    NoAnswer,
    NotReady,
    PermanentApiError,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.vendors.transport import Transport, excerpt

VISIT_PAGE = "/datacube/getweanalysisappidvisitpage"
VISIT_DISTRIBUTION = "/datacube/getweanalysisappidvisitdistribution"
STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 (a path)


class DeadToken(TransientApiError):
    """The token was replaced or has expired since it was fetched."""


# The meaning of a code at every call except the token call; only there does 40001 concern the secret.
_DEAD_TOKEN = frozenset({"40001", "40014", "42001"})
_CONSOLE = "see the mini-program's console"
_ADDRESS = f"this machine's address is not in the IP whitelist: {_CONSOLE}"
_ALTERED = "host: what arrives there is not what is sent; is a proxy in between? If not, report it"
# errCode.html and the token calls' own lists; 40125 and 61503 are known from practice only. The thing to check is a
# field of the connection.
_ERRORS: dict[str, tuple[type[ApiError], str | None]] = {
    "-1": (TransientApiError, None),
    "40001": (AuthRejected, "AppSecret"),
    "40013": (AuthRejected, "AppID"),
    "40014": (TransientApiError, None),
    "40066": (BadRequest, "host"),
    "40125": (AuthRejected, "AppSecret"),
    "40164": (AuthRejected, _ADDRESS),
    "40243": (AuthRejected, f"AppSecret is frozen: {_CONSOLE}"),
    "41002": (AuthRejected, "AppID"),
    "41004": (AuthRejected, "AppSecret"),
    "42001": (TransientApiError, None),
    "43003": (BadRequest, "host: it has to begin with https://"),
    "45009": (PermanentApiError, f"the day's call quota is used up: reset it, {_CONSOLE}"),
    "45011": (RateLimited, None),
    "45035": (AuthRejected, _ADDRESS),
    "48001": (AuthRejected, f"the mini-program may not use this interface: {_CONSOLE}"),
    "48004": (AuthRejected, f"WeChat has forbidden this interface: {_CONSOLE}"),
    "50001": (AuthRejected, f"the mini-program may not use this interface: {_CONSOLE}"),
    "61004": (AuthRejected, _ADDRESS),
    "61007": (AuthRejected, "the mini-program has not granted this interface"),
    "61500": (BadRequest, "business_date of the run: WeChat takes no such day"),
    "61501": (BadRequest, "business_date of the run: WeChat has no such day"),
    "61503": (NotReady, None),
    **dict.fromkeys(("40002", "41001", "43001", "43002", "44002", "45002", "47001"), (BadRequest, _ALTERED)),
    **dict.fromkeys(
        ("50002", "50004", "50007"), (AuthRejected, f"the mini-program is limited or frozen: {_CONSOLE}")
    ),
    **dict.fromkeys(
        ("41018", "61014", "61016", "61024"),
        (AuthRejected, "AppID is of a third-party platform's, or run by one"),
    ),
    **dict.fromkeys(
        ("89501", "89503", "89506", "89507"),
        (AuthRejected, "an administrator of the mini-program has to allow this machine's address"),
    ),
}
_RID = re.compile(r"\s*rid: ([0-9a-f-]+)\s*$")


@dataclass(frozen=True)
class VisitReply:
    """One day's reply as it came.

    :param text: the reply unchanged: floats keep their form, lists are not padded
    :param rows: length of its ``list``; 0 means that WeChat has nothing (yet) for the day
    """

    text: str
    rows: int


@dataclass
class WeChatClient:
    """Calls WeChat as one mini-program. Not thread-safe; the token lives as long as the client."""

    transport: Transport
    appid: str
    secret: str = field(repr=False)
    _token: str | None = field(default=None, init=False, repr=False)

    def fetch_token(self) -> str:
        """Return the mini-program's current token (``api_getstableaccesstoken``, normal mode).

        Normal mode returns the same token to every caller during its lifetime, so other systems of the same
        mini-program are not disturbed. ``force_refresh`` would invalidate their token and is never used.
        """
        request = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": False,
        }
        reply = self.transport.call("POST", STABLE_TOKEN, body=json.dumps(request))
        token = _parse(reply, STABLE_TOKEN).get("access_token")
        if not isinstance(token, str) or not token:
            raise NoAnswer("reply without access_token", vendor="wechat", method=STABLE_TOKEN)
        return token

    def visit_page(self, day: date) -> VisitReply:
        """Return the 200 most visited pages of one day (``api_getvisitpage``)."""
        return self._visits(VISIT_PAGE, day)

    def visit_distribution(self, day: date) -> VisitReply:
        """Return sources, stay times and depths of one day's visits (``api_getvisitdistribution``).

        Live replies hold a fourth index, ``access_source_visit_uv``, which the page does not name.
        """
        return self._visits(VISIT_DISTRIBUTION, day)

    def _visits(self, path: str, day: date) -> VisitReply:
        asked = compact_date(day)
        text = self._with_token(path, json.dumps({"begin_date": asked, "end_date": asked}))
        content = _parse(text, path)
        rows = content.get("list")
        if not isinstance(rows, list):
            raise NoAnswer(f"reply without a list: {excerpt(text)}", vendor="wechat", method=path, reply=text)
        if rows and content.get("ref_date") != asked:
            message = f"asked for {asked}, answered for {content.get('ref_date')!r}"
            raise NoAnswer(message, vendor="wechat", method=path, reply=text)
        return VisitReply(text, len(rows))

    def _with_token(self, path: str, body: str) -> str:
        """Call with the token; a token that became invalid since it was fetched is fetched anew, once."""
        if self._token is None:
            self._token = self.fetch_token()
        try:
            return self._call(path, body)
        except DeadToken:
            self._token = None
        self._token = self.fetch_token()
        return self._call(path, body)

    def _call(self, path: str, body: str) -> str:
        text = self.transport.call("POST", path, params={"access_token": self._token or ""}, body=body)
        _parse(text, path)
        return text


def _parse(text: str, path: str) -> dict[str, Any]:
    """Return the reply's object, or raise the error of its ``errcode``."""
    try:
        content = json.loads(text, parse_constant=_no_json)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        # A truncated token reply may still contain the token.
        shown = f"{len(text)} characters" if path == STABLE_TOKEN else excerpt(text)
        raise NoAnswer(f"reply is no JSON object: {shown}", vendor="wechat", method=path)
    code = str(content.get("errcode", 0))
    if code != "0":
        raise _error(code, str(content.get("errmsg", "")), path, text)
    return content


def _no_json(constant: str) -> None:
    """Refuse NaN and Infinity, which Python would accept, since a stored reply is sent on as it came."""
    raise ValueError(f"{constant} is no JSON")


def _error(code: str, message: str, path: str, text: str) -> ApiError:
    # An unknown error may be temporary; the deadline limits how long it is tried again.
    kind, mend = _ERRORS.get(code, (UnknownApiError, None))
    if path != STABLE_TOKEN and code in _DEAD_TOKEN:
        kind, mend = DeadToken, None
    rid = _RID.search(message)
    return kind(
        _RID.sub("", message) or "no message",
        vendor="wechat",
        method=path,
        code=code,
        request_id=rid.group(1) if rid else None,
        mend=mend,
        reply=text,
    )
