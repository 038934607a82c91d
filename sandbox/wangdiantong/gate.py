"""Who may come in, and what for: directly, or through Qimen.

Directly, public parameters and signature are in the query, arguments are a JSON array. Through Qimen the Taobao
platform's signature comes first, then Wangdiantong's own. Source: the search's page, the error code guide and the
public SDKs; the vendor's Qimen sample code and the call guide of the Taobao platform, whose numbers a failure has.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox.business_clock import read_time
from sandbox.strict_json import parse, parse_object
from sandbox.vendor import Call
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.apps import TARGET_APP_KEY, Account
from sandbox.wangdiantong.envelope import (
    BAD_ARGUMENTS,
    BAD_CREDENTIALS,
    NOT_GRANTED,
    STALE_TIMESTAMP,
    UNPAGED,
    GatewayRefused,
    Refused,
    through_qimen,
)
from sandbox.wangdiantong.signing import direct_sign, top_sign, wdt_sign


@dataclass(frozen=True, slots=True)
class Asked:
    account: Account
    parameters: dict[str, Any]
    page_size: int
    page: int  # from 0
    counted: bool = True


def check_page(fields: dict[str, Any], first: int) -> tuple[int, int]:
    """Size and number (from 0) of the page asked for, of fields that are whole numbers or missing."""
    if fields.get("page_size") is None or fields.get("page_no") is None:
        raise Refused(*UNPAGED)
    if fields["page_size"] < 1:
        raise Refused(2, "page_size")
    if fields["page_size"] > open_choices.PAGE_LIMIT:
        raise Refused(*open_choices.PAGE_TOO_LARGE)
    if fields["page_no"] < first:
        raise Refused(2, "page_no")
    return fields["page_size"], fields["page_no"] - first


_DIRECT_METHOD = "aftersales.refund.Refund.search"
# The vendor's timestamps count from 2012-01-01 00:00:00 in Beijing.
EPOCH = 1325347200
_PUBLIC = ("sid", "key", "salt", "method", "timestamp", "v", "sign")
_PAGING = ("page_size", "page_no", "calc_total")
_LARGEST_INT = 2**31 - 1


def admit(call: Call, by_sid: Mapping[str, Account]) -> Asked:
    return _through_qimen(call, by_sid) if through_qimen(call) else _directly(call, by_sid)


def sid_of(call: Call) -> str | None:
    if through_qimen(call):
        return dict(call.pairs()).get("wdt3_customer_id")
    return dict(parse_qsl(call.query)).get("sid")


def _directly(call: Call, by_sid: Mapping[str, Account]) -> Asked:
    query = _query(call)
    account = by_sid.get(query["sid"])
    if account is None:
        raise Refused(1, "sid is not exists")
    _check_signature(account, query, call.body)
    _check_timestamp(query["timestamp"], call.at)
    if query["v"] != "1.0":
        raise Refused(*open_choices.WRONG_VERSION)
    if query["method"] != _DIRECT_METHOD:
        raise Refused(*NOT_GRANTED)
    size, page = check_page({name: _whole(name, query.get(name)) for name in _PAGING}, first=0)
    return Asked(
        account, _argument(call.body), size, page, _whole("calc_total", query.get("calc_total")) != 0
    )


def _query(call: Call) -> dict[str, str]:
    pairs = parse_qsl(call.query, keep_blank_values=True, errors="surrogateescape")
    query = dict(pairs)
    if call.method != "POST" or len(query) != len(pairs) or not all(query.get(name) for name in _PUBLIC):
        raise Refused(*BAD_ARGUMENTS)
    if unknown := query.keys() - {*_PUBLIC, *_PAGING}:
        raise Refused(2, min(unknown))
    return query


def _check_signature(account: Account, query: Mapping[str, str], body: bytes) -> None:
    known = query["key"] == account.appkey and query["salt"] == account.salt
    expected = direct_sign(account.secret, query, body)
    if not known or not hmac.compare_digest(expected.encode(), query["sign"].encode("utf-8", "replace")):
        raise Refused(*BAD_CREDENTIALS)


def _check_timestamp(timestamp: str, at: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit()) or int(timestamp[:20]) > _LARGEST_INT:
        raise Refused(1, f'For input string: "{timestamp}"')
    if abs(int(timestamp) + EPOCH - at) > open_choices.DRIFT_SECONDS:
        raise Refused(*STALE_TIMESTAMP)


def _whole(name: str, value: str | None) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > len(str(_LARGEST_INT)):
        raise Refused(2, name)
    return int(value)


def _argument(body: bytes) -> dict[str, Any]:
    try:
        arguments = parse(body)
    except ValueError:
        raise Refused(*BAD_ARGUMENTS) from None
    if not isinstance(arguments, list):
        raise Refused(*BAD_ARGUMENTS)
    if len(arguments) != 1:
        raise Refused(1, "invalid argument count")
    if not isinstance(arguments[0], dict):
        raise Refused(1, "argument type mismatch")
    return arguments[0]


_QIMEN_METHOD = "wdt.aftersales.refund.refund.search"
SCENE = "3ldsmu02o9."
_SYSTEM = ("app_key", "v", "format", "sign_method", "method", "timestamp", "target_app_key", "sign")
_ALSO_SYSTEM = ("session", "partner_id")
_BUSINESS = ("datetime", "pager", "params", "wdt_appkey", "wdt_salt")
_UNSIGNED = ("wdt3_customer_id", "wdt_sign")
_FIXED = {"format": (23, "json"), "sign_method": (41, "md5"), "v": (33, "2.0")}
_FIXED_MESSAGES = {23: "Invalid format", 33: "Invalid version", 41: "Invalid arguments"}


def _through_qimen(call: Call, by_sid: Mapping[str, Account]) -> Asked:
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


def _parameters(call: Call) -> dict[str, str]:
    pairs = call.pairs()
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
    if sent["method"].removeprefix(SCENE) != _QIMEN_METHOD:
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
    moment = read_time(text)
    return moment is not None and abs(moment - at) <= seconds


def _object(text: str) -> dict[str, Any]:
    try:
        return parse_object(text.encode("utf-8", "surrogateescape"))
    except ValueError:
        raise Refused(*BAD_ARGUMENTS) from None
