"""What goes over the line for one page, at each gateway."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from retail_pipeline.vendors.open_platform import signed_params
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wangdiantong.client import (
    Account,
    DirectGateway,
    QimenGateway,
    WangdiantongClient,
)
from retail_pipeline.vendors.wangdiantong.signing import signed_query, wdt_sign
from tests.patience import PATIENCE
from tests.small_server import answering

ACCOUNT = Account("0012", "an-appkey", "hush", "a-salt")
NOW = datetime(2026, 11, 23, 2, 0, 0, 999_999, tzinfo=UTC)  # 10:00 in Shanghai
FILTERS = {
    "modified_from": "2026-11-23 09:00:00",
    "modified_to": "2026-11-23 10:00:00",
    "shop_nos": "花店 🧥&1",
}
EMPTY = b'{"status":0,"data":{"total_count":0,"order":[]}}'


@pytest.fixture
def sent(serve, set_clock):
    """Search one page and return the path, the query, the headers and the body that were sent."""
    set_clock(NOW)

    def search(make, reply: bytes, **page: int) -> tuple[str, dict[str, str], bytes, str]:
        server = serve(answering(reply))
        client = WangdiantongClient(make(Transport("wangdiantong", server.url, idle_timeout=PATIENCE)))
        client.search_refunds(FILTERS, **page)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        verb, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        assert verb == "POST"
        path, _, query = target.partition("?")
        return path, dict(parse_qsl(query, strict_parsing=True)), head + b"\r\n", body.decode()

    return search


def direct(transport: Transport) -> DirectGateway:
    return DirectGateway(transport, ACCOUNT)


def qimen(transport: Transport) -> QimenGateway:
    return QimenGateway(transport, ACCOUNT, app_key="21000001", app_secret="hush-hush")


@pytest.mark.parametrize(("page", "page_no"), [(0, "0"), (1, "1"), (41, "41")])
def test_the_direct_gateway_gets_all_but_the_filters_in_the_query(sent, page, page_no):
    path, query, head, body = sent(direct, EMPTY, page=page, page_size=200)

    expected = {
        "sid": "0012",
        "key": "an-appkey",
        "salt": "a-salt",
        "method": "aftersales.refund.Refund.search",
        "timestamp": "470052000",  # seconds since 2012-01-01 in Shanghai
        "v": "1.0",
        "page_size": "200",
        "page_no": page_no,
        "calc_total": "1",
    }
    assert path == "/openapi"
    assert query == signed_query(expected, secret="hush", body=body)
    assert b"Content-Type: application/json\r\n" in head
    assert json.loads(body) == [FILTERS]


@pytest.mark.parametrize(("page", "page_no"), [(0, 1), (1, 2), (41, 42)])
def test_qimen_gets_its_own_parameters_in_the_query_and_wangdiantongs_in_a_form(sent, page, page_no):
    path, query, head, body = sent(qimen, b'{"response":' + EMPTY + b"}", page=page, page_size=200)

    form = dict(parse_qsl(body, strict_parsing=True))
    method = "wdt.aftersales.refund.refund.search"
    system = {
        "app_key": "21000001",
        "target_app_key": "21363512",
        "method": method,
        "timestamp": "2026-11-23 10:00:00",
        "v": "2.0",
        "format": "json",
        "sign_method": "md5",
    }
    assert path == "/router/qm"
    assert query == {**system, "sign": signed_params({**system, **form}, secret="hush-hush")["sign"]}
    assert b"Content-Type: application/x-www-form-urlencoded;charset=utf-8\r\n" in head
    assert form.pop("wdt_sign") == wdt_sign({**form, "method": method}, secret="hush")
    assert json.loads(form.pop("params")) == FILTERS
    assert json.loads(form.pop("pager")) == {"page_size": 200, "page_no": page_no}
    assert form == {
        "datetime": "2026-11-23 10:00:00",
        "wdt_appkey": "an-appkey",
        "wdt_salt": "a-salt",
        "wdt3_customer_id": "0012",
    }


@pytest.mark.parametrize("make", [direct, qimen])
def test_no_secret_is_sent(sent, make):
    reply = EMPTY if make is direct else b'{"response":' + EMPTY + b"}"
    _, query, head, body = sent(make, reply, page=0, page_size=1)

    assert "hush" not in f"{query}{head}{body}"
