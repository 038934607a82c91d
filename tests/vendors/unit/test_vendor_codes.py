"""Every code of a vendor's own list stands in our table of it, and what a person must mend names a field."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from retail_pipeline.errors import ApiError, PermanentApiError, TransientApiError, UnknownApiError
from retail_pipeline.vendors.taobao.answers import read_answer
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wangdiantong.refusals import of_gateway, of_wangdiantong
from retail_pipeline.vendors.wechat.client import WeChatClient
from retail_pipeline.vendors.youshu.client import YoushuClient
from tests.vendors.vendor_codes import listed

# Youshu's word for an order that it does not take: its sender finds the order, and no field is to blame.
ABOUT_ORDERS = {("youshu", "13")}


def says(text: str) -> Transport:
    """Answer every call with a text."""
    transport = Transport("vendor", "http://vendor.example")
    transport.call = lambda *_args, **_more: text  # type: ignore[method-assign]
    return transport


def of_call(call: Callable[[], object]) -> tuple[type[ApiError], str | None]:
    with pytest.raises(ApiError) as caught:
        call()
    return type(caught.value), caught.value.mend


def of_wechat(code: str, words: str) -> tuple[type[ApiError], str | None]:
    reply = json.dumps({"errcode": int(code), "errmsg": words})
    return of_call(WeChatClient(says(reply), "wx1", "secret").fetch_token)


def of_youshu(code: str, words: str) -> tuple[type[ApiError], str | None]:
    reply = json.dumps({"retcode": int(code), "errmsg": words, "data": {}})
    return of_call(lambda: YoushuClient(says(reply), "bi1", "secret", "1").add_order_sum("{}"))


def of_taobao(code: str, words: str) -> tuple[type[ApiError], str | None]:
    said = {"sub_code": words} if words.startswith(("isp.", "isv.")) else {"msg": words}
    reply = json.dumps({"error_response": {"code": int(code), **said}}).encode()
    return of_call(lambda: read_answer(reply, "taobao.items.get", dict, secrets=()))


TABLES = {
    "wechat": ("wechat", of_wechat),
    "youshu": ("youshu", of_youshu),
    "taobao": ("top", of_taobao),
    "qimen": ("top", lambda code, words: of_gateway(f"{code} {words}")),
    "wangdiantong": ("wangdiantong", lambda code, words: of_wangdiantong(f"{code} {words}")),
}
CODES = [(vendor, code, words) for vendor, (file, _) in TABLES.items() for code, words in listed(file)]


@pytest.mark.parametrize(("vendor", "code", "words"), CODES, ids=str)
def test_every_code_of_the_vendors_list_is_in_our_table(vendor, code, words):
    kind, mend = TABLES[vendor][1](code, words)

    assert kind is not UnknownApiError
    assert issubclass(kind, (TransientApiError, PermanentApiError))
    if issubclass(kind, PermanentApiError) and (vendor, code) not in ABOUT_ORDERS:
        assert mend


@pytest.mark.parametrize("vendor", TABLES)
def test_what_is_in_no_list_is_tried_again_and_known_as_unknown(vendor):
    assert TABLES[vendor][1]("98765", "a code of tomorrow") == (UnknownApiError, None)
