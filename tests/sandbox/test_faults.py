"""Each fault does what its name says, where, for whom and as often as was asked."""

from __future__ import annotations

import http.client
import json
import socket
import threading

import pytest

from tests.patience import PATIENCE
from tests.sandbox.player import PAGE

SUM = "/data-api/v1/order/add_order_sum"


def verdicts(player):
    return [entry["verdict"] for entry in player.journal()]


def test_throttle_speaks_each_vendors_tongue(player, token, flagship):
    player.fault(PAGE, "throttle", times=1)
    player.fault("/data-api/", "throttle", times=1)
    assert player.analysis(PAGE, token)["errcode"] == 45011
    assert player.report_sum(flagship)["retcode"] == 100
    assert player.reports() == []


@pytest.mark.parametrize(("kind", "errcode"), [("not_ready", 61503), ("ip_not_allowed", 40164)])
def test_wechat_refusals(player, token, kind, errcode):
    player.fault("/datacube/", kind, times=1)
    reply = player.analysis(PAGE, token)
    assert (reply["errcode"], " rid: " in reply["errmsg"]) == (errcode, True)
    assert "list" in player.analysis(PAGE, token)


def test_a_fault_counts_down_and_is_gone(player, token):
    player.fault(PAGE, "not_ready", times=2)
    player.analysis(PAGE, token)
    assert [fault["times"] for fault in player.control("faults")] == [1]
    player.analysis(PAGE, token)
    assert player.control("faults") == []
    assert verdicts(player)[-2:] == ["fault:not_ready"] * 2


def test_a_fault_lets_the_first_calls_pass(player, token):
    player.fault(PAGE, "not_ready", after=2, times=1, app="flagship")
    outlet = player.stable_token("outlet")["access_token"]
    player.analysis(PAGE, outlet)  # does not fit, so does not count
    assert [player.analysis(PAGE, token).get("errcode") for _ in range(2)] == [None, None]
    assert [fault["after"] for fault in player.control("faults")] == [0]
    assert [player.analysis(PAGE, token).get("errcode") for _ in range(2)] == [61503, None]


def test_while_one_fault_waits_the_next_strikes(player, token):
    player.fault(PAGE, "not_ready", after=1, times=1)
    player.fault(PAGE, "throttle", times=1)
    assert [player.analysis(PAGE, token)["errcode"] for _ in range(2)] == [45011, 61503]


def test_a_fault_is_listed_with_its_options(player):
    player.fault(PAGE, "slow", seconds=2.5)
    (listed,) = player.control("faults")
    assert listed == {
        **dict.fromkeys(("times", "until", "app")),
        **{"id": 1, "path": PAGE, "kind": "slow", "after": 0, "seconds": 2.5},
    }


def test_a_fault_lasts_until_its_time(player, token):
    planned = player.fault(PAGE, "not_ready", until="2026-11-23T02:30:00Z", times=None, app=None)
    assert (planned["until"], planned["times"]) == ("2026-11-23T10:30:00.000+08:00", None)
    player.clock("2026-11-23T10:29:59+08:00")
    assert player.analysis(PAGE, token)["errcode"] == 61503
    player.clock("2026-11-23T10:30:00+08:00")
    assert "list" in player.analysis(PAGE, token)


def test_a_fault_strikes_one_shop_only(player, token):
    player.fault("/datacube/", "not_ready", app="outlet")
    player.fault(SUM, "throttle", app="outlet")
    outlet = player.stable_token("outlet")["access_token"]
    assert "list" in player.analysis(PAGE, token)
    assert player.analysis(PAGE, outlet)["errcode"] == 61503
    assert player.report_sum(player.youshu_app("flagship"))["retcode"] == 0
    assert player.report_sum(player.youshu_app("outlet"))["retcode"] == 100


def test_a_token_call_knows_its_shop_too(player):
    player.fault("/cgi-bin/", "throttle", app="outlet")
    app = player.wechat_app("outlet")
    query = f"grant_type=client_credential&appid={app['appid']}&secret={app['secret']}"
    assert player.stable_token("outlet")["errcode"] == 45011
    assert player.ask("GET", f"/cgi-bin/token?{query}")["errcode"] == 45011
    assert "access_token" in player.stable_token("flagship")


def test_the_first_fault_that_fits_strikes(player, token):
    player.fault(PAGE, "throttle", times=1)
    player.fault(PAGE, "not_ready", times=1)
    assert [player.analysis(PAGE, token)["errcode"] for _ in range(2)] == [45011, 61503]


def test_empty_list(player, token):
    player.fault("/datacube/", "empty_list", times=2)
    text = player.analysis_text(PAGE, token)
    assert text == '{"ref_date":"20261122","list":[]}' == player.control("sent")[0]["raw"]
    assert player.analysis(PAGE, token, "20261123")["errcode"] == 61501


def test_duplicate_page(player, token):
    whole = player.analysis(PAGE, token)["list"]
    player.fault(PAGE, "duplicate_page", times=1)
    assert player.analysis(PAGE, token)["list"] == [whole[0], *whole]


@pytest.mark.parametrize(("kind", "errcode"), [("kill_token", 40001), ("expire_token", 42001)])
def test_a_token_dies_between_two_calls_once(player, token, kind, errcode):
    player.fault("/datacube/", kind)
    outlet = player.stable_token("outlet")["access_token"]
    assert player.analysis(PAGE, "made-up")["errcode"] == 40014  # nobody's token: the fault waits
    assert player.analysis(PAGE, token)["errcode"] == errcode
    assert player.control("faults") == []
    assert "list" in player.analysis(PAGE, outlet)
    new = player.stable_token()["access_token"]
    assert new != token
    assert "list" in player.analysis(PAGE, new)


def test_error_sends_the_given_json(player, token, flagship):
    player.fault(PAGE, "error", times=1, body={"errcode": -1, "errmsg": "system error"})
    player.fault(SUM, "error", times=1, body={"retcode": 5, "errmsg": "写入失败"})
    assert player.analysis(PAGE, token) == {"errcode": -1, "errmsg": "system error"}
    assert player.report_sum(flagship) == {"retcode": 5, "errmsg": "写入失败"}
    assert [(entry["code"], entry["errmsg"]) for entry in player.journal()[-2:]] == [
        (-1, "system error"),
        (5, "写入失败"),
    ]


def test_http_status_with_an_html_page(player, token):
    player.fault(PAGE, "http_status", times=1, status=502, body="<h1>Bad Gateway</h1>")
    assert player.send("POST", f"{PAGE}?access_token={token}", {}) == (502, "<h1>Bad Gateway</h1>")
    assert player.journal()[-1]["status"] == 502


def test_reset_is_a_tcp_reset_and_no_mere_end(player):
    player.fault(SUM, "reset", times=1)
    with socket.create_connection(("127.0.0.1", player.port), timeout=PATIENCE) as client:
        client.sendall(f"GET {SUM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):  # a mere end would read as b""
            client.recv(1)
    assert player.journal()[-1]["status"] is None


def test_truncate_cuts_the_json_in_a_whole_reply(player, token):
    whole = player.analysis_text(PAGE, token)
    player.fault(PAGE, "truncate", times=1, after_accept=True)
    assert player.analysis_text(PAGE, token) == whole[: len(whole) // 2]


def test_slow_waits_and_then_answers(player, token, monkeypatch):
    waited = []

    async def pause(ended, seconds):
        waited.append(seconds)

    monkeypatch.setattr("sandbox.dispatch._pause", pause)
    player.fault(PAGE, "slow", times=1, seconds=2.5)
    assert "list" in player.analysis(PAGE, token)
    assert waited == [2.5]


@pytest.mark.parametrize(("end", "after_accept"), [("reset", False), ("seed", True)])
def test_hang_never_answers_and_ends_with_the_world(player, flagship, end, after_accept):
    player.fault(SUM, "hang", times=1, after_accept=after_accept)
    failures = []

    def report():
        try:
            player.report_sum(flagship)
        except (ConnectionError, http.client.HTTPException) as error:
            failures.append(error)

    thread = threading.Thread(target=report)
    thread.start()
    while not any(verdict == "fault:hang" for verdict in verdicts(player)):
        pass
    thread.join(0.05)
    assert thread.is_alive()
    assert len(player.reports()) == after_accept
    player.control(end, {"seed": 1} if end == "seed" else {})
    thread.join(PATIENCE)
    assert isinstance(failures[0], ConnectionResetError)


@pytest.mark.parametrize("kind", ["reset", "truncate", "http_status"])
@pytest.mark.parametrize(("after_accept", "taken"), [(True, 1), (False, 0)])
def test_after_accept_only_the_reply_is_lost(player, flagship, kind, after_accept, taken):
    options = {"status": 504} if kind == "http_status" else {}
    player.fault(SUM, kind, times=1, after_accept=after_accept, **options)
    with pytest.raises((ConnectionResetError, json.JSONDecodeError)):
        player.report_sum(flagship)
    assert len(player.reports()) == taken
    assert player.report_sum(flagship)["retcode"] == 0
    assert player.reports()[0]["count"] == taken + 1


def test_faults_can_be_taken_back(player, token):
    player.fault(PAGE, "not_ready")
    assert player.control("faults", method="DELETE") == []
    assert "list" in player.analysis(PAGE, token)


@pytest.mark.parametrize(
    ("wish", "hint"),
    [
        ({"kind": "throttle"}, "fault.path"),
        ({"path": "/top", "kind": "throttle"}, "/cgi-bin/token"),
        ({"path": PAGE, "kind": "meteor"}, "kind must be one of duplicate_page, empty_list"),
        ({"path": SUM, "kind": "kill_token"}, "kind must be one of"),
        ({"path": "/cgi-bin/", "kind": "empty_list"}, "kind must be one of"),
        ({"path": "/", "kind": "not_ready"}, "kind must be one of"),  # not all below it know that
        ({"path": PAGE, "kind": "throttle", "tmes": 1}, "known are path, kind, times, until, app, after"),
        ({"path": PAGE, "kind": "throttle", "after": -1}, "fault.after"),
        ({"path": PAGE, "kind": "throttle", "times": 0}, "fault.times"),
        ({"path": PAGE, "kind": "throttle", "until": "2026-11-23T10:30:00"}, "no offset"),
        ({"path": PAGE, "kind": "throttle", "until": 5}, "fault.until must be a string"),
        ({"path": PAGE, "kind": "throttle", "app": "newcomer"}, "fault.app must be one of flagship, outlet"),
        ({"path": PAGE, "kind": "error"}, "fault.body is missing"),
        ({"path": PAGE, "kind": "error", "body": "x"}, "JSON object"),
        ({"path": PAGE, "kind": "http_status", "status": 99}, "HTTP status"),
        ({"path": PAGE, "kind": "http_status", "status": 500, "body": {}}, "fault.body must be a string"),
        ({"path": PAGE, "kind": "slow"}, "fault.seconds is missing"),
        ({"path": PAGE, "kind": "slow", "seconds": 1, "after_accept": True}, "after_accept is unknown"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_hint(player, wish, hint):
    status, text = player.send("POST", "/_control/faults", wish)
    assert status == 400
    assert hint in json.loads(text)["error"]
    assert player.control("faults") == []
