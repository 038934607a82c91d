"""Whatever goes wrong, no log and no error holds a secret or what belongs to a buyer."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from tests.wangdiantong_aftersales.runs import (
    DIRECT,
    HEAD,
    MONDAY_NOON,
    QIMEN,
    AftersalesRuns,
    change_connection,
)

HOUR = timedelta(hours=1)
STAMP = int((MONDAY_NOON - HOUR).timestamp() * 1000)
MARKS = {
    "receiver_name": "收件人标记甲",
    "receiver_telno": "13912345678000",
    "buyer_nick": "买家昵称标记",
    "remark": "备注标记丙",
}
# What goes wrong, with the reply that holds the orders lost, cut or wrong.
FAULTS: dict[str, dict[str, Any]] = {
    "cut": {"kind": "truncate", "after_accept": True},
    "reset": {"kind": "reset", "after_accept": True},
    "hang": {"kind": "hang", "after_accept": True},
    "short": {"kind": "short_page", "count": 1},
    "twice": {"kind": "duplicate_record"},
    "wrong total": {"kind": "wrong_total", "by": -1000},
    "throttled": {"kind": "throttle"},
    "refused": {"kind": "status", "code": 1, "message": "验证失败"},
    "not granted": {"kind": "status", "code": 100, "message": "权限不足"},
    "other shape": {"kind": "error", "body": {"response": {"status": 0, "data": {"order": [MARKS], "x": 1}}}},
    "HTML": {"kind": "http_status", "status": 200, "body": f"<p>{MARKS['receiver_name']}</p>"},
}
ODD = (
    {},
    {"shop_no": MARKS["buyer_nick"] * 9},
    {"refund_no": ""},
    {"receiver_telno": [MARKS["receiver_telno"]]},
    {"detail_list": [MARKS["remark"]]},
    {"buyer_nick": MARKS["buyer_nick"] * 20},
    {"receive_amount": MARKS["receiver_telno"] + "x"},
    {"check_time": MARKS["receiver_name"]},
)


def secrets(runs: AftersalesRuns) -> list[str]:
    found = []
    for account in runs.sandbox.ask("credentials")["wangdiantong"]:
        found += [*account["appsecret"].split(":"), account["qimen_app_secret"]]
    return found


def told(error: BaseException) -> str:
    """The error with everything that it was raised from, as a log would show it."""
    shown = None if error.__suppress_context__ else error.__context__
    words = f"{error!r} {error} {vars(error)}"
    return words + "".join(told(cause) for cause in (error.__cause__, shown) if cause)


@pytest.mark.parametrize("gateway", ["qimen", "direct"])
@pytest.mark.parametrize("name", FAULTS)
def test_no_secret_and_no_buyer_is_told(runs, monkeypatch, caplog, capfd, name, gateway):
    change_connection(monkeypatch, "wangdiantong_default", extra={"gateway": gateway})
    runs.fill(6, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    orders = ({"refund_id": n, "modified": STAMP, **MARKS, **fields} for n, fields in enumerate(ODD, 1))
    runs.put(*({"platform_id": "127", **order} for order in orders))
    runs.sandbox.fault(QIMEN if gateway == "qimen" else DIRECT, after=1, **FAULTS[name])
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception) as caught:  # noqa: PT011 (any of them)
        runs.run()
    output = capfd.readouterr()
    told_on_certificates = str([row["error"] for row in runs.certificates()])
    text = caplog.text + output.out + output.err + told_on_certificates + told(caught.value)
    assert "wangdiantong" in text
    assert [mark for mark in (*MARKS.values(), *secrets(runs)) if mark in text] == []


def test_what_is_set_aside_is_in_the_quarantine_and_nowhere_else(runs, caplog, capfd):
    runs.fill(0, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    runs.put(*({"refund_id": n, "modified": STAMP, **MARKS, **fields} for n, fields in enumerate(ODD, 1)))
    with caplog.at_level(logging.DEBUG):
        runs.run()
    assert [row["source_key"] for row in runs.quarantine()] == ["3", "5"]
    assert len(runs.rows(f"SELECT * FROM {HEAD}")) == len(ODD) - 2
    output = capfd.readouterr()
    details = str([(row["reason"], row["detail"], row["source_key"]) for row in runs.quarantine()])
    text = caplog.text + output.out + output.err + details + str(runs.certificates())
    assert [mark for mark in MARKS.values() if mark in text] == []
    assert all(any(mark in row["raw"] for mark in MARKS.values()) for row in runs.quarantine())
