"""A run over all faults: secrets, tokens and signatures are in no error, no repr and no log at any level."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

import pytest
import requests

from retail_pipeline.errors import ApiError
from retail_pipeline.vendors.wechat.client import STABLE_TOKEN, VISIT_PAGE
from tests.clients import SUNDAY, wechat_client, youshu_client

REPORT = "/data-api/v1/order/add_order_sum"
ANY_VENDOR: list[dict[str, Any]] = [
    {"kind": "reset"},
    {"kind": "hang"},
    {"kind": "truncate"},
    {"kind": "truncate", "after_accept": True},
    {"kind": "throttle"},
    {"kind": "http_status", "status": 200, "body": "<html>"},
    {"kind": "http_status", "status": 302, "body": "moved"},
    {"kind": "http_status", "status": 403, "body": "no"},
    {"kind": "http_status", "status": 429, "body": "slower"},
    {"kind": "http_status", "status": 502, "body": "oops"},
    {"kind": "error", "body": {"errcode": 48001, "retcode": 15, "errmsg": "no"}},
    {"kind": "error", "body": {}},
]
NO_ADDRESS = {"kind": "ip_not_allowed"}
WECHAT_ONLY = [NO_ADDRESS, {"kind": "not_ready"}, {"kind": "empty_list"}]
DEAD_TOKENS = [{"kind": kind, "times": 2} for kind in ("kill_token", "expire_token")]


class Recorder(requests.Session):
    """A session that notes what must stay secret: the query of every request and the token of every reply."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def request(self, method, url, **options):
        for name, value in (options.get("params") or {}).items():
            if name in ("access_token", "signature") and value:
                self.secrets.add(value)
        return super().request(method, url, **options)


class Run:
    """Calls, and everything they left behind."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        self.session = Recorder()
        self.told: list[str] = []
        self.errors = 0

    def wechat(self, **changes):
        return self._recorded(wechat_client(self.sandbox, **changes))

    def youshu(self, **changes):
        return self._recorded(youshu_client(self.sandbox, **changes))

    def _recorded(self, client):
        client.transport.session = self.session
        return client

    def call(self, client, act) -> None:
        try:
            act()
        except ApiError as error:
            self.errors += 1
            self.told += [*traceback.format_exception(error), repr(error), repr(vars(error))]
        self.told.append(repr(client))

    def each_fault(self, path: str, faults, make, act) -> None:
        for fault in faults:
            self.sandbox.mend()
            client = make()
            if path == VISIT_PAGE:
                client.fetch_token()
            self.sandbox.fault(path, **{"times": 1, **fault})
            self.call(client, lambda client=client: act(client))


@pytest.fixture
def run(monday, caplog) -> Run:
    """Every fault at every call once, with DEBUG logging everywhere."""
    caplog.set_level(logging.DEBUG)
    run = Run(monday)
    visits = [*ANY_VENDOR, *WECHAT_ONLY, *DEAD_TOKENS]
    run.each_fault(VISIT_PAGE, visits, run.wechat, lambda client: client.visit_page(SUNDAY))
    run.each_fault(
        STABLE_TOKEN, [*ANY_VENDOR, NO_ADDRESS], run.wechat, lambda client: client.visit_page(SUNDAY)
    )
    run.each_fault(REPORT, ANY_VENDOR, run.youshu, lambda client: client.add_order_sum("{}"))
    monday.mend()
    wrong = run.wechat(secret="a-wrong-secret-of-wechat"), run.youshu(app_secret="a-wrong-secret-of-youshu")
    run.call(wrong[0], wrong[0].fetch_token)
    run.call(wrong[1], wrong[1].data_source_ids)
    fine = run.wechat()
    run.call(fine, lambda: fine.visit_page(SUNDAY))
    return run


def test_no_error_repr_or_log_holds_a_secret_a_token_or_a_signature(run, monday, caplog):
    secrets = {
        monday.credentials("wechat")["secret"],
        monday.credentials("youshu")["app_secret"],
        "a-wrong-secret-of-wechat",
        "a-wrong-secret-of-youshu",
        *run.session.secrets,
    }
    told = "\n".join([*run.told, caplog.text, *(repr(vars(record)) for record in caplog.records)])

    assert run.errors > 35
    assert len([secret for secret in secrets if re.fullmatch("[0-9a-f]{64}", secret)]) > 10  # signatures
    assert len([secret for secret in secrets if "TOKEN" in secret]) > 1
    assert [secret for secret in secrets if secret in told] == []
    assert "SANDBOX-TOKEN" not in told


def test_a_secret_that_is_told_would_be_noticed(run, monday, caplog):
    logging.getLogger("retail_pipeline").debug("secret: %s", monday.credentials("wechat")["secret"])

    with pytest.raises(AssertionError):
        test_no_error_repr_or_log_holds_a_secret_a_token_or_a_signature(run, monday, caplog)
