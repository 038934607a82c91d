"""Who comes in at the direct gateway, and what the others are told."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.wangdiantong_player import BEGINNING_2012, DAY, Caller, as_json

MONDAY = 1795399200 - BEGINNING_2012  # the clock of these tests


@pytest.fixture
def caller(player):
    return Caller(player)


def refused(answer):
    assert "data" not in answer
    return answer["status"], answer["message"]


def test_a_signed_call_is_answered(caller):
    answer = caller.direct()
    assert (answer["status"], len(answer["data"]["order"])) == (0, 50)
    assert "message" not in answer


@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_signature_is_over_the_bytes_of_the_body(caller, ascii_only):
    body = json.dumps([{**DAY, "refund_no": "张三"}], ensure_ascii=ascii_only)
    assert caller.direct(body=body)["data"] == {"total_count": 0, "order": []}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sid": "wdtapi9"}, "sid is not exists"),
        ({"key": "nobody"}, "验证失败"),
        ({"salt": "other"}, "验证失败"),
        ({"secret": "other"}, "验证失败"),
        ({"sign": "0" * 32}, "验证失败"),
        ({"timestamp": str(MONDAY * 1000)}, f'For input string: "{MONDAY * 1000}"'),
        ({"timestamp": "now"}, 'For input string: "now"'),
        ({"timestamp": "2147483648"}, 'For input string: "2147483648"'),
        ({"v": None}, "参数错误"),
        ({"body": "{}"}, "参数错误"),
        ({"body": "["}, "参数错误"),
        ({"body": "[]"}, "invalid argument count"),
        ({"body": "[{},{}]"}, "invalid argument count"),
        ({"body": "[1]"}, "argument type mismatch"),
    ],
)
def test_status_1(caller, changes, message):
    assert refused(caller.direct(**changes)) == (1, message)


def test_the_signature_is_in_lower_case(caller):
    assert caller.direct(sign="A" * 32)["message"] == "验证失败"


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"v": "2.0"}, 8, "version error"),
        ({"appkey": "x"}, 2, "appkey"),
        ({"method": "aftersales.refund.refund.search"}, 100, "权限不足"),
        ({"method": "wdt.aftersales.refund.refund.search"}, 100, "权限不足"),
        ({"page": "x"}, 2, "page_no"),
        ({"page_no": None}, 100, "此方法仅支持分页查询：接口method"),
        ({"page_size": None}, 100, "此方法仅支持分页查询：接口method"),
        ({"page_size": "0"}, 2, "page_size"),
        ({"page_size": "x"}, 2, "page_size"),
        ({"page_no": "-1"}, 2, "page_no"),
        ({"page_no": "1" * 5000}, 2, "page_no"),
        ({"page_size": "201"}, 100, "page_size不能大于200"),
    ],
)
def test_other_refusals(caller, changes, status, message):
    assert refused(caller.direct(**changes)) == (status, message)


@pytest.mark.parametrize(("off", "status"), [(-121, 7), (-120, 0), (120, 0), (121, 7)])
def test_a_timestamp_may_be_two_minutes_off(caller, off, status):
    assert caller.direct(timestamp=str(MONDAY + off))["status"] == status


def test_a_timestamp_since_1970_is_off(caller):
    for timestamp in (MONDAY + BEGINNING_2012, 2147483647):
        assert caller.direct(timestamp=str(timestamp))["status"] == 7


@pytest.mark.parametrize("changes", [{"http": "GET"}, {"more": "&v=1.0"}])
def test_a_parameter_may_not_come_twice_and_a_call_must_be_a_post(caller, changes):
    assert refused(caller.direct(**changes)) == (1, "参数错误")


def test_calc_total_0_leaves_the_total_out(caller):
    assert "total_count" not in caller.direct(calc_total="0")["data"]
    assert (
        caller.direct(calc_total=None)["data"]["total_count"] == caller.direct()["data"]["total_count"] > 50
    )


def test_pages_count_from_0(caller):
    whole = caller.direct(size=200)["data"]
    parts = [caller.direct(page=page, size=20)["data"]["order"] for page in range(5)]
    assert [order for part in parts for order in part] == whole["order"]
    assert [len(part) for part in parts] == [20, 20, 20, whole["total_count"] - 60, 0]


def test_the_taobao_family_is_left_out_and_wms_code_is_there(caller):
    seen = caller.direct(size=200)["data"]["order"]
    assert {order["platform_id"] for order in seen} == {"3", "127"}
    assert all("wms_code" in order for order in seen)
    hidden = next(entry["refund_no"] for entry in caller.truth() if not entry["direct"])
    assert caller.direct({"refund_no": hidden})["data"] == {"total_count": 0, "order": []}


def test_each_account_sees_its_own(player):
    found = {}
    for name in ("flagship", "outlet"):
        answer = Caller(player, name).direct(size=200)
        found[name] = {order["refund_id"] for order in answer["data"]["order"]}
    assert found["flagship"]
    assert found["outlet"]
    assert not found["flagship"] & found["outlet"]


def test_the_journal_contains_the_page_and_no_secret(caller, player):
    sign = "0123456789abcdef" * 2
    caller.direct(page=3, sign=sign)
    caller.direct(body=as_json([{"remark": caller.account["appsecret"]}]))
    journal = player.journal()
    assert "page_no=3" in journal[0]["query"]
    assert (journal[0]["vendor"], journal[0]["app"], journal[0]["verdict"]) == (
        "wangdiantong",
        "flagship",
        "refused",
    )
    written = json.dumps(journal)
    for secret in (sign, caller.account["appsecret"], caller.secret):
        assert secret not in written
