"""The control API: clock, reset, seed, alerts, and help for who misspells."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from sandbox.business_clock import BusinessClock
from tests.sandbox.player import PAGE, SHANGHAI


def test_health(player):
    vendors = ["wechat", "youshu", "wangdiantong", "taobao"]
    assert player.control("health") == {"status": "ok", "seed": 1, "vendors": vendors}


def test_credentials_have_the_vendors_forms(player):
    given = player.control("credentials")
    assert [app["name"] for app in given["wechat"]] == ["flagship", "outlet"]
    assert [app["name"] for app in given["youshu"]] == ["flagship", "outlet", "newcomer"]
    for app in given["wechat"]:
        assert re.fullmatch("wx[0-9a-f]{16}", app["appid"])
        assert re.fullmatch("[0-9a-f]{32}", app["secret"])
    for app in given["youshu"]:
        assert app["app_id"].startswith("bi")
        assert app["merchant_id"].isdigit()
        assert app["environment"] == "test"
    assert [app["data_source_id"] is None for app in given["youshu"]] == [False, False, True]
    everything = [
        value for apps in given.values() for app in apps for key, value in app.items() if "secret" in key
    ]
    assert [app["name"] for app in given["wangdiantong"]] == ["flagship", "outlet"]
    for app in given["wangdiantong"]:
        assert re.fullmatch(r"wdtapi\d{4}", app["sid"])
        assert re.fullmatch("[0-9a-f]{32}:[0-9a-f]{32}", app["appsecret"])
        assert app["target_app_key"] == "21363512"
    assert len({app["qimen_app_key"] for app in given["wangdiantong"]}) == 2
    (app,) = given["taobao"]
    assert app["name"] == "flagship"
    assert len(set(app["sessions"].values())) == 4
    assert app["session"] == app["sessions"]["山与海旗舰店"]
    assert len(set(everything)) == 10


def test_a_seed_gives_other_credentials_and_reset_brings_the_first_back(player):
    first = player.control("credentials")
    assert player.control("seed", {"seed": 2}) == {"seed": 2}
    second = player.control("credentials")
    assert second != first
    player.control("reset", {})
    assert player.control("credentials") == first
    player.control("seed", {"seed": 2})
    assert player.control("credentials") == second


def test_reset_forgets_everything(player, token, flagship, newcomer):
    player.youshu("data_source/add", newcomer, {"merchantId": newcomer["merchant_id"]})
    player.report_sum(flagship)
    player.analysis(PAGE, token)
    player.fault(PAGE, "not_ready")
    player.control("alerts", {"title": "late"})
    player.control("reset", {})
    for name in ("reports", "sent", "faults", "alerts", "journal"):
        assert player.control(name) == []
    assert player.youshu_app("newcomer")["data_source_id"] is None
    assert player.control("clock")["real"]
    player.clock("2026-11-23T10:00:00+08:00")
    assert player.analysis(PAGE, token)["errcode"] == 40014


def test_the_clock_stands_still_when_frozen(player):
    player.clock("2026-11-23T02:00:00Z")
    expected = {"now": "2026-11-23T10:00:00.000+08:00", "frozen": True, "real": False}
    assert player.control("clock") == expected == player.control("clock")


def test_the_clock_runs_on_from_where_it_was_set(monkeypatch):
    clock, real = BusinessClock(), iter([1000.0, 1007.0])
    monkeypatch.setattr("sandbox.business_clock.time", SimpleNamespace(time=lambda: next(real)))
    clock.set(5000.0, frozen=False)
    assert clock.now() == 5007.0


def test_the_clock_goes_back_to_real_time(player):
    assert player.control("clock", {"now": None})["real"]
    before = datetime.now(SHANGHAI) - timedelta(milliseconds=1)  # it tells whole ones
    assert before <= player.now() <= datetime.now(SHANGHAI)


def test_alerts_are_kept_as_they_came(player):
    alert = {"version": "1.0", "title": "迟到", "message": "day 2026-11-22 is late", "type": "warning"}
    player.control("alerts", alert)
    player.control("alerts", {"title": "done"})
    assert [entry["alert"] for entry in player.control("alerts")] == [alert, {"title": "done"}]
    assert player.control("alerts")[0]["at"] == "2026-11-23T10:00:00.000+08:00"


@pytest.mark.parametrize(
    ("method", "target", "body", "hint"),
    [
        (
            "GET",
            "fault",
            None,
            "known are alerts, clock, credentials, faults, health, journal, order_totals, orders,",
        ),
        ("PUT", "faults", {}, "faults takes GET or POST or DELETE, not PUT"),
        ("GET", "reset", None, "reset takes POST"),
        ("POST", "reset", {"seed": 1}, "body.seed is unknown"),
        ("POST", "seed", {}, "body.seed is missing"),
        ("POST", "seed", {"seed": "1"}, "must be an integer"),
        ("POST", "clock", {"at": "x"}, "body.now is missing"),
        ("POST", "clock", {"now": "2026-11-23T10:00:00"}, "has no offset"),
        ("POST", "clock", {"now": "ten"}, "ten"),
        ("POST", "clock", {"now": None, "frozen": 1}, "true or false"),
        ("POST", "clock", {"now": 5}, "body.now must be a string"),
        ("POST", "clock", "{", "Expecting"),
        ("DELETE", "faults", {"id": 1}, "body.id is unknown"),
        ("GET", "journal?since=1", None, "known are after"),
        ("GET", "reports?app=x", None, "query.app is unknown"),
        ("GET", "alerts?x=1", None, "query.x is unknown"),
    ],
)
def test_a_misspelt_control_call_is_helped(player, method, target, body, hint):
    status, text = player.send(method, f"/_control/{target}", body)
    assert status == 400
    assert hint in json.loads(text)["error"]


def test_a_path_of_no_vendor_is_404_and_names_those_there_are(player):
    status, text = player.send("GET", "/data-api/v2/order")
    assert status == 404
    assert PAGE in json.loads(text)["paths"]
    assert player.journal()[-1]["verdict"] == "refused"
