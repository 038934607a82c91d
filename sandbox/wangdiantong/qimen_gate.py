"""Who may come in through Qimen: the Taobao platform's signature first, then Wangdiantong's own.

Source: the vendor's Qimen sample code and the call guide of the Taobao platform, whose numbers a failure has.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sandbox.strict_json import parse_object
from sandbox.vendor import Call
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.accounts import TARGET_APP_KEY, Account
from sandbox.wangdiantong.asked import Asked, check_page
from sandbox.wangdiantong.envelope import (
    BAD_ARGUMENTS,
    BAD_CREDENTIALS,
    STALE_TIMESTAMP,
    UNPAGED,
    GatewayRefused,
    Refused,
)
from sandbox.wangdiantong.signatures import top_sign, wdt_sign
from sandbox.wangdiantong.wall_time import read_time

METHOD = "wdt.aftersales.refund.refund.search"
SCENE = "3ldsmu02o9."
_SYSTEM = ("app_key", "v", "format", "sign_method", "method", "timestamp", "target_app_key", "sign")
_ALSO_SYSTEM = ("session", "partner_id")
_BUSINESS = ("datetime", "pager", "params", "wdt_appkey", "wdt_salt")
_UNSIGNED = ("wdt3_customer_id", "wdt_sign")
_FIXED = {"format": (23, "json"), "sign_method": (41, "md5"), "v": (33, "2.0")}
_FIXED_MESSAGES = {23: "Invalid format", 33: "Invalid version", 41: "Invalid arguments"}


def admit(call: Call, by_sid: Mapping[str, Account]) -> Asked:
    """System and business parameters may come in the query or in the body."""
    sent = _parameters(call)
    caller = _gateway_admits(sent, call.at, by_sid)
    account = by_sid.get(sent.get("wdt3_customer_id", ""))
    if account is None:
        raise Refused(1, "sid is not exists")
    if account is not caller:
        raise Refused(1, "app auth fail")
    if unknown := sent.keys() - {*_SYSTEM, *_ALSO_SYSTEM, *_BUSINESS, *_UNSIGNED}:
        raise Refused(2, min(unknown))
    _check_wdt_sign(account, sent)
    if not _is_near(sent["datetime"], call.at, open_choices.DRIFT_SECONDS):
        raise Refused(*STALE_TIMESTAMP)
    pager = _object(sent["pager"])
    if any(isinstance(value, bool) or not isinstance(value, int) for value in pager.values()):
        raise Refused(2, "pager")
    if unknown := pager.keys() - {"page_size", "page_no"}:
        raise Refused(2, min(unknown))
    size, page = check_page(pager, first=1)
    return Asked(account, _object(sent["params"]), size, page)


def sid_of(call: Call) -> str | None:
    return dict(_pairs(call)).get("wdt3_customer_id")


def _pairs(call: Call) -> list[tuple[str, str]]:
    body = call.body.decode("ascii", "surrogateescape")
    return [
        pair
        for text in (call.query, body)
        for pair in parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    ]


def _parameters(call: Call) -> dict[str, str]:
    pairs = _pairs(call)
    sent = dict(pairs)
    if call.method != "POST":
        raise GatewayRefused(9, "Http action not allowed")
    if len(sent) != len(pairs):
        raise GatewayRefused(41, "Invalid arguments")
    if not all(sent.get(name) for name in _SYSTEM):
        raise GatewayRefused(40, "Missing required arguments")
    return sent


def _gateway_admits(sent: Mapping[str, str], at: float, by_sid: Mapping[str, Account]) -> Account:
    caller = next((known for known in by_sid.values() if known.qimen_app_key == sent["app_key"]), None)
    if caller is None:
        raise GatewayRefused(29, "Invalid app Key")
    if not _is_same(top_sign(caller.qimen_app_secret, sent), sent["sign"]):
        raise GatewayRefused(25, "Invalid signature")
    if not _is_near(sent["timestamp"], at, open_choices.TOP_DRIFT_SECONDS):
        raise GatewayRefused(31, "Invalid timestamp")
    for name, (code, value) in _FIXED.items():
        if sent[name] != value:
            raise GatewayRefused(code, _FIXED_MESSAGES[code])
    if sent["target_app_key"] != TARGET_APP_KEY:
        raise GatewayRefused(41, "Invalid arguments")
    if sent["method"].removeprefix(SCENE) != METHOD:
        raise GatewayRefused(22, "Invalid method")
    return caller


def _check_wdt_sign(account: Account, sent: Mapping[str, str]) -> None:
    if not sent.get("pager"):
        raise Refused(*UNPAGED)
    if not all(sent.get(name) for name in (*_BUSINESS, "wdt_sign")):
        raise Refused(*BAD_ARGUMENTS)
    business = {name: sent[name] for name in _BUSINESS} | {"method": sent["method"].removeprefix(SCENE)}
    known = sent["wdt_appkey"] == account.appkey and sent["wdt_salt"] == account.salt
    if not known or not _is_same(wdt_sign(account.secret, business), sent["wdt_sign"]):
        raise Refused(*BAD_CREDENTIALS)


def _is_same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _is_near(text: str, at: float, seconds: int) -> bool:
    moment: datetime | None = read_time(text)
    return moment is not None and abs(moment.timestamp() - at) <= seconds


def _object(text: str) -> dict[str, Any]:
    try:
        return parse_object(text.encode("utf-8", "surrogateescape"))
    except ValueError:
        raise Refused(*BAD_ARGUMENTS) from None
