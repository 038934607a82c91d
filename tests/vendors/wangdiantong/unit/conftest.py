"""A search whose reply a test writes, at either gateway."""

from __future__ import annotations

import json

import pytest

from retail_pipeline.errors import ApiError
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wangdiantong.client import (
    Account,
    DirectGateway,
    QimenGateway,
    RefundPage,
    WangdiantongClient,
)
from tests.patience import PATIENCE
from tests.small_server import answering

ACCOUNT = Account("0012", "an-appkey", "hush", "a-salt")
GATEWAYS = {
    "direct": lambda transport: DirectGateway(transport, ACCOUNT),
    "qimen": lambda transport: QimenGateway(transport, ACCOUNT, app_key="1", app_secret="hush-hush"),
}
METHODS = {
    "direct": "aftersales.refund.Refund.search",
    "qimen": "wdt.aftersales.refund.refund.search",
}


@pytest.fixture
def search(serve):
    """Search where the reply is what a test says."""

    def ask(gateway: str, reply: bytes | str | object) -> RefundPage:
        if not isinstance(reply, bytes):
            text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
            reply = text.encode()
        transport = Transport("wangdiantong", serve(answering(reply)).url, idle_timeout=PATIENCE)
        return WangdiantongClient(GATEWAYS[gateway](transport)).search_refunds({}, page=0, page_size=50)

    return ask


@pytest.fixture
def error_of(search):
    def fail(gateway: str, reply: bytes | str | object) -> ApiError:
        with pytest.raises(ApiError) as caught:
            search(gateway, reply)
        assert caught.value.vendor == "wangdiantong"
        assert caught.value.method == METHODS[gateway]
        return caught.value

    return fail
