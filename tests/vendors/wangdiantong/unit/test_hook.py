from __future__ import annotations

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.vendors.wangdiantong.client import DirectGateway, QimenGateway
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook

FULL = {
    "conn_type": "wangdiantong",
    "login": "an-appkey",
    "password": "a-secret-of-the-erp:a-salt:of-it",
    "extra": {"sid": "0012", "qimen_app_key": "21000001", "qimen_app_secret": "a-secret-of-qimen"},
}


@pytest.fixture
def wangdiantong(define_connection):
    def define(**changes) -> WangdiantongHook:
        define_connection("wangdiantong_default", **{**FULL, **changes})
        return WangdiantongHook()

    return define


def form(**changes) -> dict:
    fields = {**FULL["extra"], **changes}
    return {"extra": {name: value for name, value in fields.items() if value is not None}}


def test_without_a_gateway_it_is_qimen_at_its_own_host(wangdiantong):
    gateway = wangdiantong().get_conn().gateway

    assert type(gateway) is QimenGateway
    assert (gateway.transport.base_url, gateway.path) == ("http://3ldsmu02o9.api.taobao.com", "/router/qm")
    assert (gateway.account.sid, gateway.account.appkey) == ("0012", "an-appkey")
    assert (gateway.account.secret, gateway.account.salt) == ("a-secret-of-the-erp", "a-salt:of-it")
    assert (gateway.app_key, gateway.app_secret) == ("21000001", "a-secret-of-qimen")
    assert gateway.target_app_key == "21363512"


def test_the_direct_gateway_needs_nothing_of_qimen(wangdiantong):
    fields = form(gateway="direct", qimen_app_key=None, qimen_app_secret=None)
    gateway = wangdiantong(**fields).get_conn().gateway

    assert type(gateway) is DirectGateway
    assert (gateway.transport.base_url, gateway.path) == ("https://wdt.wangdian.cn", "/openapi")
    assert gateway.account.sid == "0012"


@pytest.mark.parametrize(
    ("gateway", "host", "base_url", "path"),
    [
        ("qimen", "http://127.0.0.1:8200", "http://127.0.0.1:8200", "/router/qm"),
        ("direct", "http://127.0.0.1:8200/", "http://127.0.0.1:8200", "/openapi"),
        (
            "qimen",
            "http://3ldsmu02o9.api.taobao.com/router/qmtest",
            "http://3ldsmu02o9.api.taobao.com",
            "/router/qmtest",
        ),
        ("direct", "http://47.92.239.46/openapi/", "http://47.92.239.46", "/openapi"),
        ("direct", "http://wdt.wangdian.cn", "http://wdt.wangdian.cn", "/openapi"),
        ("direct", "wdt.wangdian.cn", "https://wdt.wangdian.cn", "/openapi"),
    ],
)
def test_a_host_of_the_connection_wins_and_keeps_its_path(wangdiantong, gateway, host, base_url, path):
    made = wangdiantong(host=host, **form(gateway=gateway)).get_conn().gateway

    assert (made.transport.base_url, made.path) == (base_url, path)


def test_another_target_can_be_named(wangdiantong):
    assert wangdiantong(**form(target_app_key=99)).get_conn().gateway.target_app_key == "99"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"login": ""}, r"appkey \(login\) is empty"),
        ({"password": ""}, r"appsecret \(password\) is empty"),
        ({"password": "no-colon"}, r"appsecret \(password\) is not of the form secret:salt"),
        ({"password": "no-salt:"}, r"appsecret \(password\) is not of the form secret:salt"),
        (form(sid=None), "sid is empty"),
        (form(sid=None, gateway="direct"), "sid is empty"),
        (form(qimen_app_key=None), "qimen_app_key is empty"),
        (form(qimen_app_secret=""), "qimen_app_secret is empty"),
        (form(gateway="openapi"), "gateway is 'openapi', allowed: qimen, direct"),
    ],
)
def test_a_field_that_is_empty_or_not_allowed_is_named(wangdiantong, changes, named):
    with pytest.raises(ConfigError, match=f"connection 'wangdiantong_default': {named}") as caught:
        wangdiantong(**changes).get_conn()

    assert "no-colon" not in str(caught.value)


@pytest.mark.parametrize(("given", "calls"), [(None, 60), ("", 60), (1, 1), ("300", 300), (12_000, 12_000)])
def test_the_calls_a_minute_are_60_unless_told_otherwise(wangdiantong, given, calls):
    assert wangdiantong(**form(calls_per_minute=given)).calls_per_minute() == calls


@pytest.mark.parametrize("given", [0, -1, "0", "1.5", 2.5, "many", True, "²", [60]])
def test_calls_a_minute_that_are_no_such_number_are_named(wangdiantong, given):
    hook = wangdiantong(**form(calls_per_minute=given))

    with pytest.raises(ConfigError, match=r"'wangdiantong_default': calls_per_minute is .*at least 1"):
        hook.calls_per_minute()


def test_another_connection_can_be_named(define_connection):
    define_connection("erp_outlet", **{**FULL, "login": "outlet-appkey"})

    hook = WangdiantongHook(wangdiantong_conn_id="erp_outlet")

    assert hook.get_conn().gateway.account.appkey == "outlet-appkey"


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"login": ""}, "appkey (login) is empty"), (form(calls_per_minute=0), "calls_per_minute is '0'")],
)
def test_a_connection_with_a_wrong_field_fails_its_test_in_words(wangdiantong, changes, told):
    fine, message = wangdiantong(host="http://127.0.0.1:1", **changes).test_connection()

    assert not fine
    assert told in message


@pytest.mark.parametrize("gateway", ["qimen", "direct"])
def test_no_secret_is_in_a_repr(wangdiantong, gateway):
    shown = repr(wangdiantong(**form(gateway=gateway)).get_conn())

    assert "an-appkey" in shown
    assert not [part for part in ("a-secret-of-the-erp", "a-salt", "a-secret-of-qimen") if part in shown]
