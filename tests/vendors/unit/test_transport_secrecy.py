"""Query strings carry tokens and signatures: they are in no error and no log, whatever goes wrong."""

from __future__ import annotations

import logging
import traceback

import pytest

from retail_pipeline.errors import ApiError, ConfigError
from retail_pipeline.vendors.transport import Transport
from tests.patience import PATIENCE
from tests.small_server import answering, closing, resetting

TOKEN = "61_a-token-that-opens-doors"

CONVERSATIONS = {
    "fine": answering(),
    "404": answering(status="404 Not Found"),
    "429": answering(status="429 Slow"),
    "500": answering(status="500 Oops"),
    "302": answering(b"", "Location: /elsewhere", status="302 Found"),
    "reset": resetting,
    "closed": closing,
    "cut": answering(b"{", length=9),
    "no HTTP": lambda it: it.sendall(b"SSH-2.0\r\n"),
    "no UTF-8": answering(b"\xff"),
    "broken gzip": answering(b"no gzip", "Content-Encoding: gzip"),
    "broken header": answering(b"{}", "a header without a colon"),
}


def what_is_told(url: str, **limits) -> str:
    """Return everything a log could hold of a call's end."""
    try:
        return Transport("wechat", url, **limits).call("GET", "/x", params={"access_token": TOKEN})
    except (ApiError, ConfigError) as error:
        shown = [*traceback.format_exception(error), repr(error), repr(vars(error)), repr(error.__cause__)]
        return "".join(shown)


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_no_error_and_no_log_tells_the_query(serve, conversation, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(conversation)

    told = what_is_told(server.url)

    assert TOKEN.encode() in server.requests[0]
    assert TOKEN not in told
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://a b", "ftp://127.0.0.1", "nonsense", "http://"]
)
def test_no_error_about_an_address_tells_the_query(url, caplog):
    caplog.set_level(logging.DEBUG)

    told = what_is_told(url, idle_timeout=PATIENCE)

    assert told
    assert TOKEN not in told
    assert TOKEN not in caplog.text


def test_no_repr_tells_headers_or_query(serve):
    client = Transport("wechat", serve(answering()).url)
    client.call("GET", "/x", params={"access_token": TOKEN})

    assert TOKEN not in repr(client)
