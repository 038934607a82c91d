"""Who we are, to Wangdiantong and to Qimen: accepted by checks that share no code with ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.errors import AuthRejected, BadRequest
from retail_pipeline.vendors.wangdiantong.client import RefundPage
from tests.clients import MONDAY_TEN, wangdiantong_client

MORNING = {"modified_from": "2026-11-23 00:00:00", "modified_to": "2026-11-23 10:00:00"}
QIMEN_FIELDS = "qimen_app_key, qimen_app_secret, target_app_key"


def search(client, **filters: str) -> RefundPage:
    return client.search_refunds({**MORNING, **filters}, page=0, page_size=50)


def test_our_signatures_are_accepted(monday, wangdiantong):
    assert search(wangdiantong).records

    assert [entry["verdict"] for entry in monday.journal()] == ["ok"]


@pytest.mark.parametrize("number", ["单号🧥", "a&b=c d+e/%2B", '"', "\\", "\u2028\n\t", "[张三]", " "])
def test_any_text_in_a_filter_is_signed_right(wangdiantong, number):
    assert search(wangdiantong, refund_no=number) == RefundPage(0, [])


def test_a_filter_is_understood(monday, wangdiantong):
    order = next(order for order in monday.ask("refunds?account=flagship") if order["direct"])

    page = wangdiantong.search_refunds({"refund_no": order["refund_no"]}, page=0, page_size=50)

    assert page.total == len(page.records) == 1
    assert f'"{order["refund_no"]}"'.encode() in page.records[0]


@pytest.mark.parametrize(
    "changes",
    [{"appsecret": "wrong:salt"}, {"appkey": "nobody"}],
    ids=["appsecret", "appkey"],
)
def test_wrong_credentials_are_refused_with_what_to_mend(monday, gateway, changes):
    with pytest.raises(AuthRejected, match="验证失败") as caught:
        search(wangdiantong_client(monday, gateway, **changes))

    assert (caught.value.code, caught.value.mend) == ("1", "appkey, appsecret (form secret:salt)")


def test_the_right_secret_with_another_salt_is_refused(monday, gateway):
    secret, _, salt = monday.credentials("wangdiantong")["appsecret"].partition(":")

    with pytest.raises(AuthRejected, match="appsecret"):
        search(wangdiantong_client(monday, gateway, appsecret=f"{secret}:{salt}x"))


def test_a_sid_that_does_not_exist_names_the_field(monday, gateway):
    with pytest.raises(AuthRejected) as caught:
        search(wangdiantong_client(monday, gateway, sid="nobody"))

    assert (caught.value.code, caught.value.mend) == ("1", "sid, or the host's environment")


def test_a_qimen_app_of_another_seller_names_sid_and_appkey(monday):
    outlet = monday.credentials("wangdiantong", "outlet")
    foreign = {field: outlet[field] for field in ("qimen_app_key", "qimen_app_secret")}

    with pytest.raises(AuthRejected, match="app auth fail") as caught:
        search(wangdiantong_client(monday, "qimen", **foreign))

    assert "not allowed for this sid" in caught.value.mend


@pytest.mark.parametrize(
    ("changes", "code"), [({"qimen_app_secret": "wrong"}, "25"), ({"qimen_app_key": "1"}, "29")]
)
def test_a_wrong_qimen_app_names_its_fields(monday, changes, code):
    with pytest.raises(AuthRejected) as caught:
        search(wangdiantong_client(monday, "qimen", **changes))

    assert (caught.value.code, caught.value.mend) == (code, QIMEN_FIELDS)
    assert caught.value.request_id


@pytest.mark.parametrize("seconds", [-121, 121])
def test_a_clock_that_is_off_is_named(wangdiantong, our_clock, seconds):
    our_clock(MONDAY_TEN + timedelta(seconds=seconds))

    with pytest.raises(AuthRejected) as caught:
        search(wangdiantong)

    assert (caught.value.code, caught.value.mend) == ("7", "this machine's clock (NTP): more than 120 s off")


@pytest.mark.parametrize("hours", [-8, 8])
def test_a_clock_that_is_far_off_is_named_through_qimen_too(monday, our_clock, hours):
    our_clock(MONDAY_TEN + timedelta(hours=hours))

    with pytest.raises(AuthRejected, match="this machine's clock"):
        search(wangdiantong_client(monday, "qimen"))


@pytest.mark.parametrize("seconds", [-119, 119])
def test_a_clock_that_is_a_little_off_is_accepted(wangdiantong, our_clock, seconds):
    our_clock(MONDAY_TEN + timedelta(seconds=seconds))

    assert search(wangdiantong).records


def test_the_time_is_read_for_every_call(monday, wangdiantong, our_clock):
    search(wangdiantong)
    later = MONDAY_TEN + timedelta(hours=3)
    monday.set_clock(later, frozen=True)
    our_clock(later)

    assert search(wangdiantong).records


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"modified_from": "2026-10-01 00:00:00"}, "您的查询时间过宽"),
        ({"modified_from": ""}, "参数中必须包含起止时间"),
        ({"modified_from": "2026/11/23 00:00:00"}, "Unparseable date"),
        ({"shop_nos": "花店 🧥"}, "传入店铺编号全部错误"),
        ({"shop_no": "1"}, "shop_no"),
    ],
)
def test_a_search_that_cannot_be_is_a_bad_request(wangdiantong, filters, said):
    with pytest.raises(BadRequest, match=said):
        search(wangdiantong, **filters)
