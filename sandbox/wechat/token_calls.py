"""cgi-bin/token and cgi-bin/stable_token: from a request to a token. Source: their two pages."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox import shape
from sandbox.vendor import Call
from sandbox.wechat import open_choices
from sandbox.wechat.apps import App
from sandbox.wechat.envelope import Refused
from sandbox.wechat.post_body import read_post
from sandbox.wechat.tokens import Token, Tokens

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
