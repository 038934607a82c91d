"""Who may come in at the direct gateway: public parameters and signature in the query, arguments as a JSON array.

Source: the search's page, the error code guide, and the public SDKs.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox.strict_json import parse
from sandbox.vendor import Call
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.accounts import Account
from sandbox.wangdiantong.asked import Asked, check_page
from sandbox.wangdiantong.envelope import (
    BAD_ARGUMENTS,
    BAD_CREDENTIALS,
    NOT_GRANTED,
    STALE_TIMESTAMP,
    Refused,
)
from sandbox.wangdiantong.signatures import direct_sign

METHOD = "aftersales.refund.Refund.search"
# The vendor's timestamps count from 2012-01-01 00:00:00 in Beijing.
EPOCH = 1325347200
_PUBLIC = ("sid", "key", "salt", "method", "timestamp", "v", "sign")
_PAGING = ("page_size", "page_no", "calc_total")
_LARGEST_INT = 2**31 - 1


def admit(call: Call, by_sid: Mapping[str, Account]) -> Asked:
    query = _query(call)
    account = by_sid.get(query["sid"])
    if account is None:
        raise Refused(1, "sid is not exists")
    _check_signature(account, query, call.body)
    _check_timestamp(query["timestamp"], call.at)
    if query["v"] != "1.0":
        raise Refused(*open_choices.WRONG_VERSION)
    if query["method"] != METHOD:
        raise Refused(*NOT_GRANTED)
    size, page = check_page({name: _whole(name, query.get(name)) for name in _PAGING}, first=0)
    return Asked(
        account, _argument(call.body), size, page, _whole("calc_total", query.get("calc_total")) != 0
    )


def sid_of(call: Call) -> str | None:
    return dict(parse_qsl(call.query)).get("sid")


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
