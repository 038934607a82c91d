"""What Wangdiantong and Qimen say when they do not answer a search, and that the next one is fine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    NoAnswer,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)
from tests.clients import wangdiantong_client

PATHS = {"direct": "/openapi", "qimen": "/router/qm"}
METHODS = {"direct": "aftersales.refund.Refund.search", "qimen": "wdt.aftersales.refund.refund.search"}
MORNING = {"modified_from": "2026-11-23 00:00:00", "modified_to": "2026-11-23 10:00:00"}


@pytest.fixture
def error_of(monday, gateway, wangdiantong):
    """Let one search meet a fault, and check that the next is answered."""

    def search():
        return wangdiantong.search_refunds(MORNING, page=0, page_size=50)

    def fail(kind: str, **options) -> ApiError:
        monday.fault(PATHS[gateway], kind, times=1, **options)
        with pytest.raises(ApiError) as caught:
            search()
        assert (caught.value.vendor, caught.value.method) == ("wangdiantong", METHODS[gateway])
        assert search().records
        return caught.value

    return fail


@pytest.mark.parametrize("what", ["超过每分钟最大调用频率限制", "超过每分钟最大并发次数限制"])
@pytest.mark.parametrize("comma", ["，", ","])
def test_throttled_in_all_four_texts(error_of, what, comma):
    error = error_of("throttle", text=f"{what}{comma}请稍后重试")

    assert type(error) is RateLimited
    assert (error.code, error.retry_after) == ("100", None)
    assert what in str(error)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (1, "参数错误", BadRequest),
        (1, "验证失败", AuthRejected),
        (1, "sid is not found", AuthRejected),
        (1, "app auth fail", AuthRejected),
        (2, "shop_no", BadRequest),
        (3, "dynamic password", AuthRejected),
        (4, "database error", TransientApiError),
        (5, "database error", TransientApiError),
        (6, "ip limit", AuthRejected),
        (7, "timestamp error", AuthRejected),
        (8, "version error", BadRequest),
        (99, "其他错误", TransientApiError),
        (100, "权限不足", AuthRejected),
        (100, "您的查询条件太过宽，请增加查询条件", BadRequest),
        (100, "no text of the guide", UnknownApiError),
        (4711, "unknown", UnknownApiError),
    ],
)
def test_every_status_is_classed(error_of, status, message, kind):
    error = error_of("status", code=status, message=message)

    assert type(error) is kind
    assert (error.code, error.message) == (str(status), message)


def test_a_busy_gateway_is_tried_again(error_of):
    assert type(error_of("gateway_failure")) is TransientApiError


def test_a_qimen_failure_has_no_status_and_tells_a_request_id(monday):
    monday.fault(PATHS["qimen"], "gateway_failure", times=1)

    with pytest.raises(TransientApiError) as caught:
        wangdiantong_client(monday, "qimen").search_refunds(MORNING, page=0, page_size=50)

    assert (caught.value.code, caught.value.message) == ("15", "Remote service error")
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("said", "kind", "wait"),
    [
        ({"code": 25, "msg": "Invalid signature"}, AuthRejected, None),
        ({"code": 15, "msg": "Remote service error", "sub_code": "isp.busy"}, TransientApiError, None),
        ({"code": 15, "msg": "Remote service error", "sub_code": "isv.bad"}, BadRequest, None),
        (
            {
                "code": 7,
                "msg": "App Call Limited",
                "sub_code": "accesscontrol.limited-by-app-access-count",
                "sub_msg": "This ban will last for 2 more seconds",
            },
            RateLimited,
            timedelta(seconds=2),
        ),
    ],
    ids=lambda part: str(part.get("sub_code") or part["msg"]) if isinstance(part, dict) else "",
)
def test_what_taobaos_platform_refuses_is_classed(monday, said, kind, wait):
    client = wangdiantong_client(monday, "qimen")
    monday.fault(PATHS["qimen"], "top_error", times=1, **said)

    with pytest.raises(ApiError) as caught:
        client.search_refunds(MORNING, page=0, page_size=50)

    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == wait
    assert all(str(word) in str(caught.value) for word in said.values())
    assert client.search_refunds(MORNING, page=0, page_size=50).records


def test_a_page_that_was_cut_quotes_nobody(error_of):
    error = error_of("truncate", after_accept=True)

    assert type(error) is NoAnswer
    assert error.reply is None
    assert "bytes that is not of Wangdiantong's form" in str(error)
    assert "refund" not in error.message


def test_a_gateways_html_is_not_quoted(error_of):
    error = error_of("http_status", status=200, body="<html>张三 13800138000</html>")

    assert type(error) is NoAnswer
    assert "13800138000" not in f"{error!r}{vars(error)}"
