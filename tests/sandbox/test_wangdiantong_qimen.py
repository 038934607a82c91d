"""Who comes in through Qimen: first what the gateway says, then what Wangdiantong says."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.sandbox.wangdiantong_player import DAY, QIMEN, Caller, as_json, read


@pytest.fixture
def caller(player):
    return Caller(player)


def test_a_signed_call_is_answered_inside_a_response(caller):
    answer = read(caller.qimen_text())
    assert list(answer) == ["response"]
    assert (answer["response"]["status"], len(answer["response"]["data"]["order"])) == (0, 50)


@pytest.mark.parametrize("path", ["/router/qm", "/router/qmtest"])
@pytest.mark.parametrize("all_in_body", [True, False])
@pytest.mark.parametrize("prefix", ["", "3ldsmu02o9."])
def test_both_paths_both_places_and_both_names(caller, path, all_in_body, prefix):
    method = f"{prefix}wdt.aftersales.refund.refund.search"
    assert caller.qimen(path=path, all_in_body=all_in_body, method=method)["status"] == 0


def test_what_sdks_add_is_taken(caller):
    assert caller.qimen(session="s", partner_id="top-sdk-php-20151012")["status"] == 0


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"sign": "0" * 32}, 25, "Invalid signature"),
        ({"app_key": "1"}, 29, "Invalid app Key"),
        ({"app_key": None}, 40, "Missing required arguments"),
        ({"timestamp": "2026-11-23 09:49:59"}, 31, "Invalid timestamp"),
        ({"timestamp": "2026-11-23T10:00:00"}, 31, "Invalid timestamp"),
        ({"v": "1.0"}, 33, "Invalid version"),
        ({"format": "xml"}, 23, "Invalid format"),
        ({"sign_method": "hmac"}, 41, "Invalid arguments"),
        ({"target_app_key": "1"}, 41, "Invalid arguments"),
        ({"method": "wdt.aftersales.refund.Refund.search"}, 22, "Invalid method"),
        ({"method": "aftersales.refund.Refund.search"}, 22, "Invalid method"),
        ({"method": "other.wdt.aftersales.refund.refund.search"}, 22, "Invalid method"),
    ],
)
def test_the_gateway_refuses_without_a_status(caller, changes, code, message):
    answer = caller.qimen(**changes)
    assert answer.pop("request_id")
    assert answer == {"flag": "failure", "code": code, "message": message}


def test_the_gateways_signature_is_in_upper_case(caller):
    system, business = caller.qimen_parameters()
    assert system["sign"] == system["sign"].upper()
    system["sign"] = system["sign"].lower()
    answer = caller.player.ask("POST", f"{QIMEN}?{urlencode(system)}", urlencode(business))
    assert answer["response"]["code"] == 25


def test_the_gateway_takes_a_post_with_each_parameter_once(caller, player):
    system, business = caller.qimen_parameters()
    query, body = urlencode(system), urlencode(business)
    assert player.ask("GET", f"{QIMEN}?{query}&{body}")["response"]["code"] == 9
    assert player.ask("POST", f"{QIMEN}?{query}", f"{body}&v=2.0")["response"]["code"] == 41


def test_the_gateways_signature_covers_every_parameter_as_it_was_sent(caller, player):
    system, business = caller.qimen_parameters()
    respaced = {**business, "params": business["params"].replace(",", ", ")}  # the same for wdt_sign
    answer = player.ask("POST", f"{QIMEN}?{urlencode(system)}", urlencode(respaced))
    assert answer["response"]["code"] == 25


@pytest.mark.parametrize("off", ["09:50:00", "10:10:00"])
def test_the_gateways_timestamp_may_be_ten_minutes_off(caller, off):
    assert caller.qimen(timestamp=f"2026-11-23 {off}")["status"] == 0


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"wdt3_customer_id": "wdtapi9"}, 1, "sid is not exists"),
        ({"wdt3_customer_id": None}, 1, "sid is not exists"),
        ({"wdt_appkey": "nobody"}, 1, "验证失败"),
        ({"wdt_salt": "other"}, 1, "验证失败"),
        ({"wdt_sign": "0" * 32}, 1, "验证失败"),
        ({"datetime": None}, 1, "参数错误"),
        ({"params": "[]"}, 1, "参数错误"),
        ({"params": "x"}, 1, "参数错误"),
        ({"pager": None}, 100, "此方法仅支持分页查询：接口method"),
        ({"pager": '{"page_size":50}'}, 100, "此方法仅支持分页查询：接口method"),
        ({"pager": '{"page_no":1}'}, 100, "此方法仅支持分页查询：接口method"),
        ({"pager": '{"page_size":"50","page_no":1}'}, 2, "pager"),
        ({"pager": '{"page_size":50,"page_no":1,"calc_total":1}'}, 2, "calc_total"),
        ({"page": 0}, 2, "page_no"),
        ({"size": 201}, 100, "page_size不能大于200"),
        ({"datetime": "2026-11-23 09:57:59"}, 7, "timestamp error"),
        ({"datetime": "2026-11-23 10:02:01"}, 7, "timestamp error"),
        ({"wdt_extra": "1"}, 2, "wdt_extra"),
    ],
)
def test_wangdiantong_refuses_with_a_status(caller, changes, status, message):
    assert caller.qimen(**changes) == {"status": status, "message": message}


@pytest.mark.parametrize("off", ["09:58:00", "10:02:00"])
def test_datetime_may_be_two_minutes_off(caller, off):
    assert caller.qimen(datetime=f"2026-11-23 {off}")["status"] == 0


def test_json_may_be_spaced_and_ordered_in_any_way(caller):
    assert caller.qimen(json.dumps(dict(reversed(DAY.items())), indent=1))["status"] == 0


def test_an_app_of_another_customer_is_refused(player):
    flagship, outlet = Caller(player), Caller(player, "outlet")
    flagship.account = {
        **flagship.account,
        "qimen_app_key": outlet.account["qimen_app_key"],
        "qimen_app_secret": outlet.account["qimen_app_secret"],
    }
    assert flagship.qimen() == {"status": 1, "message": "app auth fail"}


def test_pages_count_from_1(caller):
    whole = caller.qimen(size=200)["data"]
    parts = [caller.qimen(page=page, size=50)["data"]["order"] for page in range(1, 5)]
    assert [order for part in parts for order in part] == whole["order"]
    assert [len(part) for part in parts] == [50, 50, whole["total_count"] - 100, 0]


def test_the_taobao_family_is_there_and_wms_code_is_left_out(caller):
    seen = caller.pages()
    assert {order["platform_id"] for order in seen} == {"1", "2", "3", "127"}
    assert not any("wms_code" in order for order in seen)


def test_the_journal_contains_no_secret(caller, player):
    caller.qimen(as_json({"remark": caller.account["qimen_app_secret"]}))
    system, business = caller.qimen_parameters()
    player.send("POST", QIMEN, {"sign": system["sign"], "wdt_sign": business["wdt_sign"]})
    player.send("POST", f"{QIMEN}?{urlencode(system)}", urlencode(business))
    journal = player.journal()
    assert [entry["app"] for entry in journal] == ["flagship", None, "flagship"]
    written = json.dumps(journal)
    for secret in (system["sign"], business["wdt_sign"], caller.account["qimen_app_secret"]):
        assert secret not in written
