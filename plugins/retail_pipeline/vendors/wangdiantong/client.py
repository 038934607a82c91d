"""Wangdiantong's refund search, through its own gateway or through Qimen (the way for orders of Taobao and Tmall).

Pages named here are on open.wangdian.cn/qjb (the flagship). Answers are ``{"status": 0, "data": {…}}``, at Qimen
inside ``{"response": …}``; errors come with HTTP 200. Answers hold buyers' data: no error quotes or keeps one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Protocol
from urllib.parse import urlencode

import msgspec

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import ApiError, BadRequest, NoAnswer, RateLimited
from retail_pipeline.vendors.broken_json import BrokenList, list_in
from retail_pipeline.vendors.open_platform import FORM, ban, signed_params
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wangdiantong.lone_surrogates import as_they_came, with_whole_characters
from retail_pipeline.vendors.wangdiantong.refusals import SHOPS, of_gateway, of_wangdiantong
from retail_pipeline.vendors.wangdiantong.signing import signed_query, wdt_sign

VENDOR = "wangdiantong"
# Both are documented without TLS: the signature protects the secret on the network, but not buyers' data. Where the
# direct gateway has no TLS the call fails, unless the connection allows clear text.
HOSTS = {"qimen": "http://3ldsmu02o9.api.taobao.com", "direct": "https://wdt.wangdian.cn"}
WANGDIANTONG_TARGET = "21363512"  # Wangdiantong's own app at Qimen
EPOCH = 1_325_347_200  # 2012-01-01 00:00 in Shanghai, from which the direct gateway counts seconds


@dataclass(frozen=True)
class RefundPage:
    """One page of a search.

    :param total: the vendor's ``total_count`` at that moment, of all pages
    :param records: each element of ``order`` as the exact raw bytes that came, whether it is an object, or JSON, or
        not; it is not checked here that they are UTF-8
    """

    total: int
    records: list[bytes]


@dataclass(frozen=True)
class Account:
    """Our identity at Wangdiantong, for either gateway; secret and salt are the two parts of the appsecret."""

    sid: str
    appkey: str
    secret: str = field(repr=False)
    salt: str = field(repr=False)


class _Data(msgspec.Struct):
    total_count: Annotated[int, msgspec.Meta(ge=0)] | None = None
    order: list[msgspec.Raw] | None = None


class _Answer(msgspec.Struct):
    """The content of a reply: Wangdiantong's status, or a gateway's code with the field names of Qimen or Taobao."""

    status: int | None = None
    message: str | None = None
    data: _Data | list[msgspec.Raw] | str | None = None
    code: int | str | None = None
    msg: str | None = None
    sub_code: str | None = None
    sub_msg: str | None = None
    request_id: str | None = None


# Not strict: numbers come as text too.
_DIRECT = msgspec.json.Decoder(_Answer, strict=False)
_QIMEN = msgspec.json.Decoder(dict[str, _Answer | str | float | None], strict=False)


class Gateway(Protocol):
    """One way to Wangdiantong: our identity there, how a search is signed and sent, and where its answer is."""

    name: ClassVar[str]
    refund_search: ClassVar[str]  # the method's name at this gateway
    transport: Transport
    account: Account
    path: str

    def send(self, method: str, filters: Mapping[str, str], *, page: int, page_size: int) -> bytes:
        """Return the reply to one page's search; pages count from 0 here, at every gateway."""
        ...

    def unwrap(self, content: bytes) -> _Answer | None:
        """Return the answer in a reply; None where there is none.

        :raises ValueError: not JSON, or not in the vendor's shape
        """
        ...


@dataclass
class DirectGateway:
    """Wangdiantong's own gateway (guide of the flagship's API). It leaves out orders of Taobao, Tmall, Pinduoduo."""

    name: ClassVar[str] = "direct"
    refund_search: ClassVar[str] = "aftersales.refund.Refund.search"
    first_page: ClassVar[int] = 0
    transport: Transport
    account: Account
    path: str = "/openapi"

    def send(self, method: str, filters: Mapping[str, str], *, page: int, page_size: int) -> bytes:
        query = {
            "sid": self.account.sid,
            "key": self.account.appkey,
            "salt": self.account.salt,
            "method": method,
            "timestamp": str(int(clock.now().timestamp()) - EPOCH),
            "v": "1.0",
            "page_size": str(page_size),
            "page_no": str(page + self.first_page),
            "calc_total": "1",
        }
        body = _json([dict(filters)])
        signed = signed_query(query, secret=self.account.secret, body=body)
        return self.transport.call_bytes("POST", self.path, params=signed, body=body, method=method)

    def unwrap(self, content: bytes) -> _Answer | None:
        return _DIRECT.decode(content)


@dataclass
class QimenGateway:
    """Taobao's gateway to Wangdiantong: signed for both, asked for all platforms' orders."""

    name: ClassVar[str] = "qimen"
    refund_search: ClassVar[str] = "wdt.aftersales.refund.refund.search"
    first_page: ClassVar[int] = 1
    transport: Transport
    account: Account
    app_key: str
    app_secret: str = field(repr=False)
    target_app_key: str = WANGDIANTONG_TARGET
    path: str = "/router/qm"

    def send(self, method: str, filters: Mapping[str, str], *, page: int, page_size: int) -> bytes:
        now = f"{clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        form = {
            "params": _json(dict(filters)),
            "pager": _json({"page_size": page_size, "page_no": page + self.first_page}),
            "datetime": now,
            "wdt_appkey": self.account.appkey,
            "wdt_salt": self.account.salt,
            "wdt3_customer_id": self.account.sid,
        }
        form["wdt_sign"] = wdt_sign({**form, "method": method}, secret=self.account.secret)
        query = {
            "app_key": self.app_key,
            "target_app_key": self.target_app_key,
            "method": method,
            "timestamp": now,
            "v": "2.0",
            "format": "json",
            "sign_method": "md5",
        }
        query["sign"] = signed_params({**query, **form}, secret=self.app_secret)["sign"]
        return self.transport.call_bytes(
            "POST",
            self.path,
            params=query,
            body=urlencode(form),
            content_type=FORM,
            method=method,
        )

    def unwrap(self, content: bytes) -> _Answer | None:
        # `response`, `error_response`, or the method's name and `_response`.
        reply = _QIMEN.decode(content).items()
        found = (part for name, part in reply if name.endswith("response") and isinstance(part, _Answer))
        return next(found, None)


@dataclass
class WangdiantongClient:
    """Calls Wangdiantong as one appkey of one seller. Safe to share between threads."""

    gateway: DirectGateway | QimenGateway

    def search_refunds(self, filters: Mapping[str, str], *, page: int, page_size: int) -> RefundPage:
        """Return one page of after-sales orders (apidoc/doc?path=aftersales.refund.Refund.search).

        :param filters: as the vendor names them; ``modified_from`` and ``modified_to`` as
            ``yyyy-MM-dd HH:mm:ss`` in Shanghai, at most 30 days apart; every value is a text
        :param page: counts from 0
        :raises NoAnswer: nothing came back that can be read as an answer
        :raises RateLimited: too many calls a minute, or at the same time
        :raises AuthRejected: a field of the connection is wrong, or a right is missing
        :raises ApiError: refused for another reason, classed by what the caller must do
        """
        method = self.gateway.refund_search
        came = self.gateway.send(method, filters, page=page, page_size=page_size)
        content = with_whole_characters(came)
        answer, broken = _answer(self.gateway, content, method)
        data = answer.data
        if (
            not isinstance(data, _Data)
            or data.total_count is None
            or (data.total_count and data.order is None)
        ):
            raise _no_answer("without total_count or order", content, method)
        if broken is None:
            records = map(bytes, data.order or ())
            return RefundPage(
                data.total_count,
                list(records if content is came else as_they_came(records, content, came)),
            )
        # The vendor's count proves that the list was split correctly.
        if len(broken.elements) != min(max(data.total_count - page * page_size, 0), page_size):
            raise _no_answer("that is no JSON, and does not show its records", content, method)
        return RefundPage(data.total_count, [came[start:end] for start, end in broken.elements])

    def has_refund(self, refund_no: str) -> bool:
        """Ask whether there is an after-sales order of that number.

        :raises ApiError: as ``search_refunds``
        """
        return self.search_refunds({"refund_no": refund_no}, page=0, page_size=1).total > 0

    def has_shop(self, shop_no: str) -> bool:
        """Ask whether there is a shop of that number, in use: the vendor refuses a search whose shops are all wrong.

        It silently leaves out a wrong number among right ones.

        :raises ApiError: as ``search_refunds``
        """
        try:
            self.search_refunds({"shop_nos": shop_no, **last_minute()}, page=0, page_size=1)
        except BadRequest as refusal:
            if refusal.mend != SHOPS:
                raise
            return False
        return True


def last_minute() -> dict[str, str]:
    """Return the filters of a search that is cheap."""
    now = clock.now().astimezone(SHANGHAI)
    moments = {"modified_from": now - timedelta(minutes=1), "modified_to": now}
    return {name: f"{moment:%Y-%m-%d %H:%M:%S}" for name, moment in moments.items()}


def _answer(gateway: Gateway, content: bytes, method: str) -> tuple[_Answer, BrokenList | None]:
    """Return a reply's answer, or raise its error; and its records where they make the reply invalid JSON."""
    broken = None
    try:
        try:
            answer = gateway.unwrap(content)
        except (ValueError, RecursionError):
            if (broken := list_in(content, "data", "order")) is None:
                raise
            answer = gateway.unwrap(broken.emptied(content))
    except (ValueError, RecursionError):
        # Not chained: text that cannot be read may be a buyer's data.
        raise _no_answer("that is not of Wangdiantong's form", content, method) from None
    if answer is None:
        raise _no_answer("without an answer", content, method)
    if answer.status != 0:
        raise _error(answer, content, method)
    return answer, broken


def _error(answer: _Answer, content: bytes, method: str) -> ApiError:
    """Return the error of a status, or of a gateway's code."""
    words = " ".join(filter(None, (answer.sub_code, answer.message, answer.msg, answer.sub_msg)))
    code = answer.code if answer.status is None else answer.status
    if code is None and not words:
        return _no_answer("without status", content, method)
    told = f"{code} {words}"
    kind, mend = of_gateway(told) if answer.status is None else of_wangdiantong(told)
    facts: dict[str, Any] = {
        "vendor": VENDOR,
        "method": method,
        "request_id": answer.request_id,
        "mend": mend,
    }
    if kind is RateLimited:
        facts["retry_after"] = ban(words)
    return kind(words or "no message", code=None if code is None else str(code), **facts)


def _no_answer(what: str, content: bytes, method: str) -> NoAnswer:
    return NoAnswer(f"reply of {len(content)} bytes {what}", vendor=VENDOR, method=method)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
