"""Who comes in at /router/rest, and what the others hear."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.sandbox.taobao_player import RDS, REST, USER_ADD, USERS_GET, TaobaoCaller

TRADE_GET = "taobao.trade.fullinfo.get"


@pytest.fixture
def caller(player):
    return TaobaoCaller(player)


@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256"])
@pytest.mark.parametrize(
    ("http", "in_query"), [("POST", "system"), ("POST", "all"), ("POST", "none"), ("GET", "all")]
)
def test_parameters_may_come_in_the_query_or_in_the_body(caller, sign_method, http, in_query):
    answer = caller.call(USERS_GET, {"page_no": 1}, sign_method=sign_method, http=http, in_query=in_query)
    content = answer["jushita_jdp_users_get_response"]
    assert (content["total_results"], len(content["users"]["jdp_user"])) == (3, 3)
    assert content["request_id"]


@pytest.mark.parametrize(
    ("changes", "code", "msg"),
    [
        ({"method": None}, 21, "Missing method"),
        ({"app_key": None}, 28, "Missing app Key"),
        ({"timestamp": None}, 30, "Missing timestamp"),
        ({"v": None}, 32, "Missing version"),
        ({"sign_method": ""}, 40, "Missing required arguments:sign_method"),
        ({"sign_method": "sha1"}, 41, "Invalid arguments:sign_method"),
        ({"v": "1.0"}, 33, "Invalid version"),
        ({"format": "xml"}, 23, "Invalid format"),
        ({"format": None}, 23, "Invalid format"),
        ({"simplify": "true"}, 41, "Invalid arguments:simplify"),
        ({"app_key": "1"}, 29, "Invalid app Key"),
        ({"secret": "other"}, 25, "Invalid signature"),
        ({"sign": "0" * 64}, 25, "Invalid signature"),
        ({"timestamp": "2026-11-23 09:49:59"}, 31, "Invalid timestamp"),
        ({"timestamp": "2026-11-23 10:10:01"}, 31, "Invalid timestamp"),
        ({"timestamp": "1795399200"}, 31, "Invalid timestamp"),
        ({"timestamp": "2026-11-23T10:00:00"}, 31, "Invalid timestamp"),
        ({"method": "taobao.trades.sold.get"}, 22, "Invalid method"),
        ({"method": "Taobao.jushita.jdp.users.get"}, 22, "Invalid method"),
        ({"http": "PUT"}, 9, "Http action not allowed"),
    ],
)
def test_the_platform_refuses(caller, changes, code, msg):
    error = caller.error(**{"method": USERS_GET, **changes})
    assert (error["code"], error["msg"]) == (code, msg)


def test_an_unknown_app_has_its_sub_code(caller):
    assert caller.error(USERS_GET, app_key="1")["sub_code"] == "isv.appkey-not-exists"


@pytest.mark.parametrize("off", ["09:50:00", "10:10:00"])
def test_the_timestamp_may_be_ten_minutes_off(caller, off):
    assert "error_response" not in caller.call(USERS_GET, timestamp=f"2026-11-23 {off}")


def test_no_signature_is_told_as_missing(caller, player):
    system, _ = caller.parameters(USERS_GET, {})
    del system["sign"]
    assert player.ask("POST", REST, urlencode(system))["error_response"]["code"] == 24


def test_the_signature_covers_what_arrived_in_either_place(caller, player):
    system, _ = caller.parameters(USERS_GET, {"page_no": "1"})
    for own in ("page_no=2", "page_no=1&page_size=5", ""):
        assert player.ask("POST", f"{REST}?{urlencode(system)}", own)["error_response"]["code"] == 25


def test_a_parameter_may_come_once_only(caller, player):
    system, _ = caller.parameters(USERS_GET, {"page_no": "1"})
    error = player.ask("POST", f"{REST}?{urlencode(system)}&page_no=1", "page_no=1")["error_response"]
    assert (error["code"], error["msg"]) == (41, "Invalid arguments:page_no")


@pytest.mark.parametrize("signed", [True, False])
def test_what_is_sent_empty_may_be_signed_or_not(caller, player, signed):
    system, own = caller.parameters(USERS_GET, {"user_id": ""} if signed else {})
    answer = player.ask("POST", f"{REST}?{urlencode(system)}", urlencode({**own, "user_id": ""}))
    assert answer["jushita_jdp_users_get_response"]["total_results"] == 3


def test_text_beyond_ascii_is_signed_as_utf_8(caller):
    error = caller.error("taobao.jushita.jdp.user.delete", {"nick": "没有 这家+店%&=🏪"})
    assert error["sub_code"] == "isv.user-not-exist"


@pytest.mark.parametrize("method", [USER_ADD, TRADE_GET])
def test_a_method_that_needs_a_session(caller, method):
    own = {"rds_name": RDS} if method == USER_ADD else {"tid": "1", "fields": "tid"}
    assert caller.error(method, own) == {"code": 26, "msg": "Missing session"}
    assert caller.error(method, own, session="6100made-up") == {
        "code": 27,
        "msg": "Invalid session",
        "sub_code": "invalid-sessionkey",
        "sub_msg": "SessionKey非法",
    }


def test_a_session_that_has_expired(caller):
    caller.set_user("山与海旗舰店", expired_at="2026-11-23T10:00:00+08:00")
    error = caller.error(USER_ADD, {"rds_name": RDS}, session=caller.session())
    assert (error["code"], error["msg"]) == (27, "Invalid session:session-expired")


@pytest.mark.parametrize(
    ("own", "code", "msg"),
    [
        ({"page": 1}, 41, "Invalid arguments:page"),
        ({"page_no": 0}, 41, "Invalid arguments:page_no"),
        ({"page_no": "one"}, 41, "Invalid arguments:page_no"),
        ({"page_no": "-1"}, 41, "Invalid arguments:page_no"),
        ({"page_no": "９"}, 41, "Invalid arguments:page_no"),
        ({"page_size": 201}, 41, "Invalid arguments:page_size"),
        ({"user_id": 2**63}, 41, "Invalid arguments:user_id"),
        ({"start_modified": "2026-11-23"}, 41, "Invalid arguments:start_modified"),
        ({"end_modified": "2026-02-30 00:00:00"}, 41, "Invalid arguments:end_modified"),
    ],
)
def test_arguments_are_checked(caller, own, code, msg):
    assert caller.error(USERS_GET, own) == {"code": code, "msg": msg}


def test_the_journal_records_each_call_without_secrets(caller, player):
    caller.call(USERS_GET)
    caller.call(USER_ADD, {"rds_name": RDS}, session=caller.session())
    caller.call(USER_ADD, {"rds_name": RDS}, session="6100mistyped", sign="A" * 64)
    noted = player.journal()
    assert [(entry["app"], entry["verdict"], entry["code"]) for entry in noted] == [
        ("flagship", "ok", 0),
        ("flagship", "ok", 0),
        ("flagship", "refused", 25),
    ]
    written = json.dumps(noted)
    for secret in (caller.app["app_secret"], *caller.app["sessions"].values(), "6100mistyped", "A" * 64):
        assert secret not in written
    assert "session=***" in noted[1]["query"]
    assert noted[2]["errmsg"] == "Invalid signature"
    player.ask("POST", REST, "session=6100alone")
    assert player.journal()[-1]["body"] == "session=***"
