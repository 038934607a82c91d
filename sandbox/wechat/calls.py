"""The two calls for a token, and which day a datacube call asks for. Source: the pages of the four calls."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl

from sandbox import shape
from sandbox.business_clock import SHANGHAI, shanghai_day
from sandbox.vendor import Call
from sandbox.wechat import open_choices
from sandbox.wechat.apps import App
from sandbox.wechat.envelope import Refused
from sandbox.wechat.gate import Token, Tokens, read_post

_TEXTS = {"grant_type": shape.anything, "appid": shape.anything, "secret": shape.anything}


def token(call: Call, apps: Mapping[str, App], tokens: Tokens) -> str:
    if call.method != "GET":
        raise Refused(open_choices.REQUIRE_GET[0])
    app = _admit(dict(parse_qsl(call.query, keep_blank_values=True)), apps)
    return _reply(tokens.plain(app.appid, call.at), call.at)


def stable_token(call: Call, apps: Mapping[str, App], tokens: Tokens) -> str:
    fields = read_post(call)
    try:
        shape.record(fields, "body", {}, {**_TEXTS, "force_refresh": shape.boolean})
    except shape.BadShape:
        raise Refused(open_choices.BAD_MEMBER) from None
    app = _admit(fields, apps)
    if fields.get("force_refresh", False):
        return _reply(tokens.forced(app.appid, call.at), call.at)
    return _reply(tokens.stable(app.appid, call.at), call.at)


def _admit(fields: Mapping[str, Any], apps: Mapping[str, App]) -> App:
    if fields.get("grant_type") != "client_credential":
        raise Refused(40002)
    if not fields.get("appid"):
        raise Refused(41002)
    if not fields.get("secret"):
        raise Refused(open_choices.SECRET_MISSING[0])
    app = apps.get(str(fields["appid"]))
    if app is None:
        raise Refused(40013)
    if not hmac.compare_digest(str(fields["secret"]).encode(), app.secret.encode()):
        raise Refused(open_choices.WRONG_SECRET[0])
    return app


def _reply(given: Token, at: float) -> str:
    return json.dumps({"access_token": given.value, "expires_in": int(given.expires_at - at)})


def access_token(call: Call) -> str | None:
    return dict(parse_qsl(call.query, keep_blank_values=True)).get("access_token")


def asked(call: Call, tokens: Tokens) -> tuple[str, date]:
    """The appid and the day of a call that may be answered."""
    if call.method != "POST":
        raise Refused(43002)
    value = access_token(call)
    if not value:
        raise Refused(41001)
    tokens.check(value, call.at)
    day = _day(call)
    _check_range(day, call.at)
    return str(tokens.owner(value)), day


def _day(call: Call) -> date:
    fields = read_post(call)
    try:
        shape.record(fields, "body", {}, {"begin_date": shape.anything, "end_date": shape.anything})
    except shape.BadShape:
        raise Refused(open_choices.BAD_MEMBER) from None
    begin, end = fields.get("begin_date", ""), fields.get("end_date", "")
    try:
        shape.compact_day(begin, "begin_date")
        shape.compact_day(end, "end_date")
    except shape.BadShape:
        raise Refused(open_choices.BAD_DATE) from None
    if begin != end:
        raise Refused(61501)
    return date(int(begin[:4]), int(begin[4:6]), int(begin[6:]))


def _check_range(day: date, at: float) -> None:
    if day >= shanghai_day(at):
        raise Refused(61501)
    ready = datetime.combine(day + timedelta(days=1), time(open_choices.READY_HOUR), SHANGHAI)
    if at < ready.timestamp():
        raise Refused(61503)
