"""Reads a reply of the Taobao Open Platform: its content, or its error. Pure.

Answers are ``{"<method with underscores>_response": {…}}``, errors ``{"error_response": {…}}`` with HTTP 200; some
newer methods refuse inside their answer, ``"result": {"success": false, …}``. Answers may hold sellers' and buyers'
data: no error quotes or keeps one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, TypeVar

import msgspec

from retail_pipeline.errors import ApiError, BadRequest, NoAnswer, RateLimited
from retail_pipeline.vendors.broken_json import is_whole
from retail_pipeline.vendors.open_platform import ban, meaning

VENDOR = "taobao"

_FIELDS = {
    "app": "app_key",
    "app_key": "app_key",
    "app_secret": "app_secret",
    "session": "session",
    "host": "host",
    "argument": "the argument that the message names",
}
# How each method reports that there is no such record: its sub code before any colon, or its result's msg_code. No
# page lists them, so they are an assumption; those of trades and items occur in public code. Another code is an
# error.
_NO_SUCH_RECORD = {
    "taobao.trade.fullinfo.get": "isv.trade-not-exist",
    "taobao.refund.get": "isv.refund-not-exist",
    "taobao.item.seller.get": "isv.item-not-exist",
    "tmall.exchange.get": "DISPUTE_NOT_EXIST",
}


class NoSuchRecord(BadRequest):
    """The platform has no record of that number, or none that this session may see."""


class _Refusal(msgspec.Struct):
    code: int | str
    msg: str | None = None
    sub_code: str | None = None
    sub_msg: str | None = None
    request_id: str | None = None


class _Result(msgspec.Struct):
    success: bool = True
    msg_code: str | None = None
    message: str | None = None


class _Answer(msgspec.Struct):
    result: _Result | None = None


Content = TypeVar("Content")


def read_answer(reply: bytes, method: str, kind: type[Content], *, secrets: Collection[str]) -> Content:
    """Return the content of the method's own root.

    :param kind: a type of msgspec; numbers may come as text
    :param secrets: sent values that some refusals repeat, and that no error may contain
    :raises NoAnswer: not JSON, or not of that kind
    :raises NoSuchRecord: the platform says so
    :raises ApiError: any other error of the platform, classed by what the caller must do
    """
    root = _root(method)
    try:
        # Not msgspec's decoder, which refuses half of a character: a text that was cut may end in one.
        answer = msgspec.convert(json.loads(reply.decode()), dict[str, Any])
        refusal = _refusal(answer, root)
        if refusal is None:
            return msgspec.convert(answer[root], kind, strict=False)
    except (ValueError, KeyError, RecursionError):
        # Not chained: text that cannot be read may be personal data.
        raise no_answer(f"of {len(reply)} bytes is not of Taobao's form", method) from None
    raise _error(refusal, method, secrets)


def holds_broken_record(reply: bytes, method: str, number: int) -> bool:
    """Tell whether a reply is a whole answer with a record of this number, though it is no JSON."""
    try:
        msgspec.json.decode(reply, type=msgspec.Raw)
    except (ValueError, RecursionError):
        starts = re.match(rb'\s*\{\s*"%s"\s*:' % _root(method).encode(), reply)
        named = re.search(rb"(?<!\d)%d(?!\d)" % number, reply)
        return bool(starts and named) and is_whole(reply)
    return False


def _root(method: str) -> str:
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def no_answer(what: str, method: str) -> NoAnswer:
    """Return the error of a reply that cannot be used."""
    return NoAnswer(f"reply {what}", vendor=VENDOR, method=method)


def _refusal(answer: dict[str, Any], root: str) -> _Refusal | None:
    if "error_response" in answer:
        return msgspec.convert(answer["error_response"], _Refusal, strict=False)
    result = msgspec.convert(answer[root], _Answer, strict=False).result
    if result is None or result.success:
        return None
    return _Refusal(result.msg_code or "no msg_code", result.message)


def _error(refusal: _Refusal, method: str, secrets: Collection[str]) -> ApiError:
    """Return the error of a refusal."""
    words = " ".join(filter(None, (refusal.sub_code, refusal.msg, refusal.sub_msg)))
    kind, mend = _meaning(refusal, method, words)
    facts: dict[str, Any] = {"vendor": VENDOR, "method": method, "request_id": refusal.request_id}
    if kind is RateLimited:
        facts["retry_after"] = ban(words)
    for secret in secrets:
        words = words.replace(secret, "…")
    return kind(words or "no message", code=str(refusal.code), mend=mend, **facts)


def _meaning(refusal: _Refusal, method: str, words: str) -> tuple[type[ApiError], str | None]:
    said = (refusal.sub_code or str(refusal.code)).split(":")[0]
    if said == _NO_SUCH_RECORD.get(method):
        return NoSuchRecord, None
    return meaning(f"{refusal.code} {words}", _FIELDS)
