"""What is sent, and how each kind of reply is classed."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from retail_pipeline.errors import BadRequest, NoAnswer, RateLimited, TransientApiError
from retail_pipeline.vendors import transport
from retail_pipeline.vendors.transport import Transport, excerpt
from tests.patience import PATIENCE
from tests.small_server import answering

GBK_PAGE = "<html>访问被拒绝</html>".encode("gbk")


def call(url: str, **options) -> str:
    return Transport("wechat", url, idle_timeout=PATIENCE).call("POST", "/datacube/x", **options)


def error_of(kind: type[Exception], url: str) -> Exception:
    with pytest.raises(kind) as caught:
        call(url, body="{}")
    assert type(caught.value) is kind
    return caught.value


def test_a_request_carries_verb_path_query_and_the_body_byte_for_byte(serve):
    server = serve(answering())

    call(server.url, params={"access_token": "a b+c/="}, body='{"标题":"🧥"}')

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /datacube/x?access_token=a+b%2Bc%2F%3D HTTP/1.1\r\n")
    assert b"Content-Type: application/json\r\n" in head + b"\r\n"
    assert body == '{"标题":"🧥"}'.encode()


def test_a_form_is_sent_as_what_it_is(serve):
    server = serve(answering())

    Transport("wangdiantong", server.url, idle_timeout=PATIENCE).call_bytes(
        "POST", "/router/qm", body="a=1&b=%F0%9F%A7%A5", content_type="application/x-www-form-urlencoded"
    )

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in head + b"\r\n"
    assert body == b"a=1&b=%F0%9F%A7%A5"


def test_bytes_are_returned_as_they_came(serve):
    client = Transport("wangdiantong", serve(answering(GBK_PAGE)).url, idle_timeout=PATIENCE)

    assert client.call_bytes("GET", "/") == GBK_PAGE


def test_a_reply_is_returned_as_text_unchanged(serve):
    text = '{"list": [12.50, 1e2], "page_path": "\\u65b0🧥"}\n'

    assert call(serve(answering(text.encode())).url) == text


def test_a_compressed_reply_is_unpacked(serve):
    packed = answering(gzip.compress("花间集".encode()), "Content-Encoding: gzip")

    assert call(serve(packed).url) == "花间集"


def test_a_reply_is_utf8_whatever_its_header_claims(serve):
    labelled = answering("花间集".encode(), "Content-Type: text/plain; charset=gbk")

    assert call(serve(labelled).url) == "花间集"


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "503 Busy", "504 Late"])
def test_5xx_may_pass_and_keeps_what_was_said(serve, status):
    error = error_of(TransientApiError, serve(answering(b"<h1>busy</h1>", status=status)).url)

    assert error.code == f"HTTP {status[:3]}"
    assert error.reply == "<h1>busy</h1>"
    assert "<h1>busy</h1>" in str(error)


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found", "204 No Content"])
def test_any_other_status_is_not_cured_by_waiting(serve, status):
    error = error_of(BadRequest, serve(answering(b"", status=status)).url)

    assert (error.vendor, error.method, error.code) == ("wechat", "/datacube/x", f"HTTP {status[:3]}")


def test_a_redirect_is_not_followed_since_the_query_carries_secrets(serve):
    elsewhere = serve(answering())
    moved = answering(b"", f"Location: {elsewhere.url}/datacube/x", status="302 Found")

    assert error_of(BadRequest, serve(moved).url).code == "HTTP 302"
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (["Retry-After: 17"], timedelta(seconds=17)),
        (["Retry-After: Mon, 23 Nov 2026 02:00:00 GMT"], None),
        (["Retry-After: soon"], None),
        (["Retry-After: -1"], None),
        (["Retry-After: \xb2"], None),
        ([f"Retry-After: {'9' * 20}"], None),
        ([], None),
    ],
)
def test_429_asks_to_slow_down_and_says_for_how_long_if_it_does(serve, header, wait):
    limited = answering(b"slower", *header, status="429 Too Many Requests")

    assert error_of(RateLimited, serve(limited).url).retry_after == wait


def test_a_reply_that_is_no_utf8_is_no_answer(serve):
    assert "not UTF-8" in str(error_of(NoAnswer, serve(answering(GBK_PAGE)).url))


@pytest.mark.parametrize(
    ("status", "kind"),
    [("403 Forbidden", BadRequest), ("502 Bad Gateway", TransientApiError), ("429 Slow", RateLimited)],
)
def test_the_status_counts_although_the_page_is_no_utf8(serve, status, kind):
    assert error_of(kind, serve(answering(GBK_PAGE, status=status)).url).code == f"HTTP {status[:3]}"


def test_an_endless_reply_is_cut_off(serve, monkeypatch):
    monkeypatch.setattr(transport, "MAX_REPLY", 1_000_000)

    assert "larger than 1000000 bytes" in str(error_of(NoAnswer, serve(answering(b" " * 1_000_001)).url))


def test_a_reply_of_just_the_limit_is_taken(serve, monkeypatch):
    monkeypatch.setattr(transport, "MAX_REPLY", 1_000_000)

    assert len(call(serve(answering(b" " * 1_000_000)).url)) == 1_000_000


def test_what_unpacks_to_an_endless_reply_is_cut_off_too(serve, monkeypatch):
    monkeypatch.setattr(transport, "MAX_REPLY", 1_000_000)
    bomb = answering(gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip")

    assert "larger than" in str(error_of(NoAnswer, serve(bomb).url))


def test_the_vendors_clock_is_kept_whatever_the_reply_says(serve):
    dated = answering(b"", "Date: Mon, 23 Nov 2026 02:00:00 GMT", status="503 Busy")
    client = Transport("wechat", serve(dated).url)

    with pytest.raises(TransientApiError):
        client.call("GET", "/")

    assert client.server_time == datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize("header", [[], ["Date: yesterday"], ["Date: "]])
def test_a_reply_without_a_readable_date_tells_no_clock(serve, header):
    client = Transport("wechat", serve(answering(b"{}", *header)).url)

    assert client.call("GET", "/") == "{}"
    assert client.server_time is None


def test_an_error_is_named_by_the_vendors_name_of_the_call_where_it_is_told(serve):
    client = Transport("youshu", serve(answering(status="500 Oops")).url)

    with pytest.raises(TransientApiError, match=r"^youshu /order/add \[HTTP 500\]: Oops"):
        client.call("GET", "/data-api/v1/order/add", method="/order/add")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\n  b\tc", "a b c"), ("x" * 80, "x" * 80), ("x" * 81, "x" * 80 + "…"), ("", "")],
)
def test_an_excerpt_is_one_short_line(text, shown):
    assert excerpt(text) == shown
