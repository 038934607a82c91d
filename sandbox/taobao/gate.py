"""Who may come in at /router/rest: the system parameters, the signature, the time; and the forms of a method's own.

Source: the call guide. System and API parameters may come in the query or in the body, as SDKs do either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.business_clock import read_time
from sandbox.taobao import open_choices
from sandbox.taobao.apps import App
from sandbox.taobao.envelope import Refused, invalid, missing
from sandbox.taobao.signing import SIGN_METHODS, is_signed
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
    return dict(call.pairs()).get("app_key")


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
    pairs = call.pairs()
    sent = dict(pairs)
    if len(sent) != len(pairs):
        names = [name for name, _ in pairs]
        raise invalid(next(name for name in names if names.count(name) > 1))
    return sent


Form = Callable[[str, str], Any]
_LARGEST = 2**63 - 1


def checked(
    sent: Mapping[str, str], required: Mapping[str, Form], optional: Mapping[str, Form]
) -> dict[str, Any]:
    """What was sent empty counts as not sent."""
    for name in required:
        if not sent.get(name):
            raise missing(name)
    known = {**required, **optional}
    for name in sent:
        if name not in known:
            raise invalid(name)
    return {name: known[name](name, value) for name, value in sent.items() if value}


def text(_name: str, value: str) -> str:
    return value


def whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 19 or int(value) > _LARGEST:
        raise invalid(name)
    return int(value)


def time(name: str, value: str) -> int:
    seconds = read_time(value)
    if seconds is None:
        raise invalid(name)
    return seconds


def boolean(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(name)
    return value == "true"


def field_names(name: str, value: str) -> frozenset[str]:
    """Only what stands before a dot counts: orders.title asks for the whole of orders."""
    names = frozenset(part.strip().split(".")[0] for part in value.split(","))
    if "" in names:
        raise invalid(name)
    return names


def numbers(name: str, value: str) -> list[int]:
    parts = [whole(name, part.strip()) for part in value.split(",")]
    if len(parts) > 50:
        raise invalid(name)
    return parts
