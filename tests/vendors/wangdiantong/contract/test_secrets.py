"""A run over all faults at both gateways: no secret and no signature is in an error, a repr or a log."""

from __future__ import annotations

import logging
import traceback
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from retail_pipeline.errors import ApiError
from tests.clients import wangdiantong_client

PATHS = {"direct": "/openapi", "qimen": "/router/qm"}
MORNING = {"modified_from": "2026-11-23 00:00:00", "modified_to": "2026-11-23 10:00:00"}
FAULTS: list[dict[str, Any]] = [
    {"kind": "reset"},
    {"kind": "hang"},
    {"kind": "truncate", "after_accept": True},
    {"kind": "throttle"},
    {"kind": "status", "code": 7, "message": "timestamp error"},
    {"kind": "gateway_failure"},
    {"kind": "http_status", "status": 200, "body": "<html>"},
    {"kind": "http_status", "status": 302, "body": "moved"},
    {"kind": "http_status", "status": 429, "body": "slower"},
    {"kind": "http_status", "status": 502, "body": "oops"},
    {"kind": "error", "body": {}},
]


class Recorder(requests.Session):
    """A session that notes the signatures of every request."""

    def __init__(self) -> None:
        super().__init__()
        self.signatures: set[str] = set()

    def request(self, method, url, **options):
        self.signatures.add(options["params"]["sign"])
        self.signatures.update(parse_qs(options["data"].decode()).get("wdt_sign", []))
        return super().request(method, url, **options)


def test_no_error_repr_or_log_holds_a_secret_or_a_signature(monday, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    session, told = Recorder(), []
    wrong = {"appsecret": "a-wrong-secret:a-wrong-salt", "qimen_app_secret": "a-wrong-qimen-secret"}

    for fault, changes in [*((fault, {}) for fault in FAULTS), (None, wrong), (None, {})]:
        client = wangdiantong_client(monday, gateway, **changes)
        client.gateway.transport.session = session
        if fault:
            monday.fault(PATHS[gateway], **fault, times=1)
        try:
            client.search_refunds(MORNING, page=0, page_size=1)
        except ApiError as error:
            told += [*traceback.format_exception(error), repr(error), repr(vars(error))]
        told.append(repr(client))

    app = monday.credentials("wangdiantong")
    secrets = {*app["appsecret"].split(":"), app["qimen_app_secret"], *session.signatures}
    secrets |= {"a-wrong-secret", "a-wrong-salt", "a-wrong-qimen-secret"}
    everything = "\n".join([*told, caplog.text, *(repr(vars(record)) for record in caplog.records)])
    assert len(told) > len(FAULTS) * 3
    assert len(session.signatures) >= 2
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.parametrize("gateway", ["qimen"], indirect=True)
def test_a_signature_that_is_told_would_be_noticed(monday, gateway, caplog, monkeypatch):
    seen = Recorder.request

    def leaking(self, method, url, **options):
        logging.getLogger("retail_pipeline").debug("signed: %s", options["params"]["sign"])
        return seen(self, method, url, **options)

    monkeypatch.setattr(Recorder, "request", leaking)

    with pytest.raises(AssertionError):
        test_no_error_repr_or_log_holds_a_secret_or_a_signature(monday, gateway, caplog)
