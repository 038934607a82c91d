"""A run over all faults: neither secret nor session nor signature is in an error, a repr or a log."""

from __future__ import annotations

import logging
import traceback
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from retail_pipeline.errors import ApiError
from tests.clients import taobao_client

FAULTS: list[dict[str, Any]] = [
    {"kind": "reset"},
    {"kind": "hang"},
    {"kind": "truncate", "after_accept": True},
    {"kind": "throttle"},
    {"kind": "top_error", "code": 27, "msg": "Invalid session"},
    {"kind": "http_status", "status": 200, "body": "<html>"},
    {"kind": "http_status", "status": 302, "body": "moved"},
    {"kind": "http_status", "status": 429, "body": "slower"},
    {"kind": "http_status", "status": 502, "body": "oops"},
    {"kind": "error", "body": {}},
]
WRONG = {"app_secret": "a-wrong-secret", "session": "a-wrong-session"}


class Recorder(requests.Session):
    """A session that notes the signatures of every request, and that its URL has none."""

    def __init__(self) -> None:
        super().__init__()
        self.signatures: set[str] = set()

    def request(self, method, url, **options):
        assert "?" not in url
        assert not options["params"]
        self.signatures.update(parse_qs(options["data"].decode())["sign"])
        return super().request(method, url, **options)


def test_no_error_repr_or_log_holds_a_secret_a_session_or_a_signature(monday, caplog):
    caplog.set_level(logging.DEBUG)
    session, told = Recorder(), []

    for fault, changes in [*((fault, {}) for fault in FAULTS), *((None, {k: v}) for k, v in WRONG.items())]:
        client = taobao_client(monday, **changes)
        client.transport.session = session
        if fault:
            monday.fault("/router/rest", **fault, times=1)
        try:
            client.add_user("rm-bp1sandbox0002")
        except ApiError as error:
            told += [*traceback.format_exception(error), repr(error), repr(vars(error))]
        told.append(repr(client))

    app = monday.credentials("taobao")
    secrets = {app["app_secret"], *app["sessions"].values(), *WRONG.values(), *session.signatures}
    everything = "\n".join([*told, caplog.text, *(repr(vars(record)) for record in caplog.records)])
    assert len(told) > len(FAULTS) * 3
    assert len(session.signatures) >= 3
    assert [secret for secret in secrets if secret in everything] == []


def test_a_session_that_is_told_would_be_noticed(monday, caplog, monkeypatch):
    seen = Recorder.request

    def leaking(self, method, url, **options):
        logging.getLogger("retail_pipeline").debug("sent: %s", options["data"])
        return seen(self, method, url, **options)

    monkeypatch.setattr(Recorder, "request", leaking)

    with pytest.raises(AssertionError):
        test_no_error_repr_or_log_holds_a_secret_a_session_or_a_signature(monday, caplog)
