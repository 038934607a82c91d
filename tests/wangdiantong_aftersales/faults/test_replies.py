"""Replies that are no page of orders: the right error in words, its certificate, and nothing half-written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import NoAnswer, TransientApiError
from tests.wangdiantong_aftersales.runs import (
    DIRECT,
    HEAD,
    MONDAY_NOON,
    QIMEN,
    AftersalesRuns,
    change_connection,
    differences,
)

HOUR = timedelta(hours=1)
START = MONDAY_NOON.replace(day=22, hour=0, minute=0)
METHODS = {QIMEN: "wdt.aftersales.refund.refund.search", DIRECT: "aftersales.refund.Refund.search"}
Fault = dict[str, Any]


@pytest.fixture
def part(runs: AftersalesRuns) -> dict[str, Any]:
    """The only chunk that holds orders."""
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.this = runs.context()
    return runs.plan(runs.this)[-1]


def status(code: int, message: str) -> Fault:
    return {"kind": "status", "code": code, "message": message}


TRANSIENT: dict[str, tuple[Fault, str]] = {
    "cut": ({"kind": "truncate", "after_accept": True}, "not of Wangdiantong's form"),
    "cut error": ({"kind": "truncate"}, "not of Wangdiantong's form"),
    "HTML": ({"kind": "http_status", "status": 200, "body": "<html>502</html>"}, "not of Wangdiantong's form"),
    "500": ({"kind": "http_status", "status": 500, "body": "oops"}, "[HTTP 500]"),
    "502": ({"kind": "http_status", "status": 502, "body": "<html>Bad Gateway</html>"}, "[HTTP 502]"),
    "reset": ({"kind": "reset"}, "no answer"),
    "reset after": ({"kind": "reset", "after_accept": True}, "no answer"),
    "hang": ({"kind": "hang"}, "no answer"),
    "nothing": ({"kind": "error", "body": {}}, "without"),
    "no status": ({"kind": "error", "body": {"response": {"data": {"total_count": 0, "order": []}}}}, "without"),
    "no list": ({"kind": "error", "body": {"response": {"status": 0, "data": {"total_count": 1}}}}, "order"),
    "no total": ({"kind": "error", "body": {"response": {"status": 0, "data": {"order": []}}}}, "total_count"),
    "object": ({"kind": "error", "body": {"response": {"status": 0, "data": {"total_count": 1, "order": {}}}}},
               "not of Wangdiantong's form"),
    "negative": ({"kind": "wrong_total", "by": -1000}, "not of Wangdiantong's form"),
    "4": (status(4, "database error"), "[4]"),
    "99": (status(99, "系统繁忙"), "[99]"),
    "4711": (status(4711, "无人知晓"), "[4711]: 无人知晓"),
    "gateway": ({"kind": "gateway_failure"}, "[15]"),
    "top": ({"kind": "top_error", "code": 15, "msg": "Remote service error", "sub_code": "isp.unknown",
             "sub_msg": "系统错误"}, "[15]"),
}  # fmt: skip

# What is told beside vendor, method and connection: the code, and what a person has to look at.
TO_BE_MENDED: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "1": (status(1, "验证失败"), ("[1]", "appkey, appsecret")),
    "1 sid": (status(1, "sid is not exists"), ("[1]", "sid")),
    "3": (status(3, "需要动态口令"), ("[3]", "dynamic password")),
    "6": (status(6, "ip limit"), ("[6]", "this machine's address")),
    "7": (status(7, "timestamp error"), ("[7]", "clock")),
    "100 right": (status(100, "权限不足"), ("[100]", "not granted")),
    "top key": ({"kind": "top_error", "code": 29, "msg": "Invalid app Key"}, ("[29]", "qimen_app_key")),
    "top sign": ({"kind": "top_error", "code": 25, "msg": "Invalid signature"}, ("[25]", "qimen_app_secret")),
}
REFUSED: dict[str, tuple[Fault, str]] = {
    "1": (status(1, "参数错误"), "[1]: 参数错误"),
    "2": (status(2, "shop_no"), "[2]: shop_no"),
    "8": (status(8, "version error"), "[8]"),
    "100": (status(100, "您的查询时间过宽,查询时间不能大于30天"), "[100]: 您的查询时间过宽"),
    "404": ({"kind": "http_status", "status": 404, "body": "nobody here"}, "[HTTP 404]"),
}
AFTER = 3  # calls: while the pages of a window are read


def cases(table: dict[str, Any]) -> Any:
    return pytest.mark.parametrize(("fault", "words"), table.values(), ids=table.keys())


def check_nothing_is_there(runs: AftersalesRuns, words: str) -> None:
    assert runs.heads() == []
    assert runs.rows(f"SELECT * FROM {HEAD}_detail") == []
    assert runs.quarantine() == []
    assert runs.watermark() == START
    [row] = runs.certificates()
    assert row["verdict"] == "failed"
    assert row["error"]
    assert row["error"] in words
    assert row["finished_at"]


def check_a_retry_completes(runs: AftersalesRuns, part: dict[str, Any]) -> None:
    runs.sandbox.mend()
    runs.load(part, runs.this)
    assert runs.certificates()[-1]["verdict"] == "complete"
    assert differences(runs) == []


@cases(TRANSIENT)
def test_what_may_pass_is_tried_again(runs, part, fault, words):
    runs.sandbox.fault(QIMEN, after=AFTER, **fault)
    with pytest.raises(TransientApiError) as caught:
        runs.load(part, runs.this)
    told = str(caught.value)
    assert told.startswith(f"wangdiantong {METHODS[QIMEN]}")
    assert words in told
    check_nothing_is_there(runs, told)
    check_a_retry_completes(runs, part)


@cases(TO_BE_MENDED)
def test_what_a_person_must_mend_fails_at_once_and_names_it(runs, part, fault, words):
    runs.sandbox.fault(QIMEN, after=AFTER, **fault)
    with pytest.raises(AirflowFailException) as caught:
        runs.load(part, runs.this)
    told = str(caught.value)
    assert told.startswith(f"wangdiantong {METHODS[QIMEN]}")
    assert told.endswith("of connection 'wangdiantong_default'")
    assert all(word in told for word in words)
    check_nothing_is_there(runs, told)
    check_a_retry_completes(runs, part)


@cases(REFUSED)
def test_what_asking_again_does_not_cure_fails_at_once(runs, part, fault, words):
    runs.sandbox.fault(QIMEN, after=AFTER, **fault)
    with pytest.raises(AirflowFailException) as caught:
        runs.load(part, runs.this)
    told = str(caught.value)
    assert told.startswith(f"wangdiantong {METHODS[QIMEN]}")
    assert words in told
    check_nothing_is_there(runs, told)


@pytest.mark.parametrize("name", ["cut", "502", "99", "reset"])
def test_a_failure_at_the_first_call_of_a_window_is_certified_too(runs, part, name):
    fault, words = TRANSIENT[name]
    runs.sandbox.fault(QIMEN, **fault)
    with pytest.raises(TransientApiError) as caught:
        runs.load(part, runs.this)
    assert words in str(caught.value)
    check_nothing_is_there(runs, str(caught.value))
    check_a_retry_completes(runs, part)


def test_a_refusal_at_the_first_call_of_a_window_is_certified_too(runs, part):
    runs.sandbox.fault(QIMEN, **status(1, "验证失败"))
    with pytest.raises(AirflowFailException) as caught:
        runs.load(part, runs.this)
    check_nothing_is_there(runs, str(caught.value))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "gateway_failure"}, TransientApiError),
        ({"kind": "truncate", "after_accept": True}, NoAnswer),
        ({"kind": "reset"}, NoAnswer),
        (status(1, "验证失败"), AirflowFailException),
    ],
    ids=["busy", "cut", "reset", "refused"],
)
def test_the_direct_gateway_is_no_different(runs, part, monkeypatch, fault, kind):
    change_connection(monkeypatch, "wangdiantong_default", extra={"gateway": "direct"})
    runs.sandbox.fault(DIRECT, after=AFTER, **fault)
    with pytest.raises(kind, match=f"wangdiantong {METHODS[DIRECT]}") as caught:
        runs.load(part, runs.this)
    check_nothing_is_there(runs, str(caught.value))
    runs.sandbox.mend()
    runs.load(part, runs.this)
    assert differences(runs, gone="", direct=True) == []


def test_a_clock_that_is_off_is_named(runs, part):
    runs.sandbox.set_clock(MONDAY_NOON + 5 * timedelta(minutes=1), frozen=True)
    with pytest.raises(AirflowFailException, match=r"\[7\].*this machine's clock"):
        runs.load(part, runs.this)
    runs.clock.set(MONDAY_NOON.astimezone(SHANGHAI))
    runs.load(part, runs.this)
    assert differences(runs) == []


def test_a_host_that_is_not_there_is_tried_again(runs, part, monkeypatch):
    change_connection(monkeypatch, "wangdiantong_default", host="http://127.0.0.1:1")
    with pytest.raises(TransientApiError, match="host not reachable"):
        runs.load(part, runs.this)
    monkeypatch.undo()


def test_a_failure_is_counted_on_its_certificate(runs, part):
    runs.sandbox.fault(QIMEN, "throttle", times=2, after=2)
    runs.sandbox.fault(QIMEN, "http_status", status=502, after=3)
    with pytest.raises(TransientApiError):
        runs.load(part, runs.this)
    [row] = runs.certificates()
    assert row["throttles"] == 2
    assert row["calls"] >= 6
    assert row["source_keys"] is None
