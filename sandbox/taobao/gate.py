"""Who may come in at /router/rest: the system parameters, the signature, the time, the session.

Source: the call guide. System and API parameters may come in the query or in the body, as SDKs do either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sandbox.taobao import open_choices
from sandbox.taobao.app import App
from sandbox.taobao.envelope import Refused, invalid
from sandbox.taobao.signatures import SIGN_METHODS, is_signed
from sandbox.taobao_records.wall_time import read_time
from sandbox.vendor import Call

DRIFT_SECONDS = 600
# In the order they are asked for, each with what the platform says when it is missing.
_SYSTEM = {
    "method": (21, "Missing method"),
    "app_key": (28, "Missing app Key"),
    "timestamp": (30, "Missing timestamp"),
    "v": (32, "Missing version"),
    "sign_method": (40, "Missing required arguments:sign_method"),
    "sign": (24, "Missing signature"),
}
_ALSO_SYSTEM = ("session", "format", "simplify", "partner_id", "target_app_key")


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    parameters: Mapping[str, str]  # the API's own
    session: str | None


def admit(call: Call, app: App) -> Asked:
    sent = _parameters(call)
    for name, (code, msg) in _SYSTEM.items():
        if not sent.get(name):
            raise Refused(code, msg)
    _check_form(sent)
    if sent["app_key"] != app.app_key:
        raise Refused(29, "Invalid app Key", "isv.appkey-not-exists", "appkey不存在")
    if not is_signed(app.app_secret, sent["sign_method"], sent):
        raise Refused(25, "Invalid signature")
    moment = read_time(sent["timestamp"])
    if moment is None or abs(moment - call.at) > DRIFT_SECONDS:
        raise Refused(31, "Invalid timestamp")
    own = {name: value for name, value in sent.items() if name not in {*_SYSTEM, *_ALSO_SYSTEM}}
    return Asked(sent["method"], own, sent.get("session") or None)


def app_key_of(call: Call) -> str | None:
    return dict(_pairs(call)).get("app_key")


def _check_form(sent: Mapping[str, str]) -> None:
    if sent["sign_method"] not in SIGN_METHODS:
        raise invalid("sign_method")
    if sent["v"] != "2.0":
        raise Refused(33, "Invalid version")
    if sent.get("format") != "json":
        raise Refused(*open_choices.OTHER_FORMAT)
    if sent.get("simplify", "false") != "false":
        raise Refused(*open_choices.SIMPLIFIED)


def _parameters(call: Call) -> dict[str, str]:
    if call.method not in ("GET", "POST"):
        raise Refused(9, "Http action not allowed")
    pairs = _pairs(call)
    sent = dict(pairs)
    if len(sent) != len(pairs):
        names = [name for name, _ in pairs]
        raise invalid(next(name for name in names if names.count(name) > 1))
    return sent


def _pairs(call: Call) -> list[tuple[str, str]]:
    body = call.body.decode("ascii", "surrogateescape")
    return [
        pair
        for text in (call.query, body)
        for pair in parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    ]
