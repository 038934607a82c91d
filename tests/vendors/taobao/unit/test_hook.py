from __future__ import annotations

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.vendors.taobao.hook import TaobaoHook

FULL = {
    "conn_type": "taobao",
    "login": "21000001",
    "password": "a-secret-of-the-app",
    "extra": {"sign_method": "hmac", "session": "a-session-of-a-seller"},
}


@pytest.fixture
def taobao(define_connection):
    def define(**changes) -> TaobaoHook:
        define_connection("taobao_default", **{**FULL, **changes})
        return TaobaoHook()

    return define


def test_every_field_of_the_connection_is_taken(taobao):
    client = taobao().get_conn()

    assert (client.transport.base_url, client.path) == ("https://gw.api.taobao.com", "/router/rest")
    assert (client.app_key, client.app_secret) == ("21000001", "a-secret-of-the-app")
    assert (client.sign_method, client.session) == ("hmac", "a-session-of-a-seller")


def test_session_and_signature_may_be_left_out(taobao):
    client = taobao(extra={"sign_method": "", "session": None}).get_conn()

    assert (client.sign_method, client.session) == ("hmac-sha256", None)


@pytest.mark.parametrize(
    ("host", "base_url", "path"),
    [
        ("http://127.0.0.1:8200", "http://127.0.0.1:8200", "/router/rest"),
        ("https://eco.taobao.com/router/rest", "https://eco.taobao.com", "/router/rest"),
        ("http://proxy.example/top/", "http://proxy.example", "/top"),
        ("gw.api.taobao.com", "https://gw.api.taobao.com", "/router/rest"),
    ],
)
def test_a_host_of_the_connection_wins_and_keeps_its_path(taobao, host, base_url, path):
    client = taobao(host=host).get_conn()

    assert (client.transport.base_url, client.path) == (base_url, path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"login": ""}, r"app_key \(login\) is empty"),
        ({"password": ""}, r"app_secret \(password\) is empty"),
        ({"extra": {"sign_method": "sha1"}}, "sign_method is 'sha1', allowed: hmac-sha256, hmac, md5"),
    ],
)
def test_a_field_that_is_empty_or_not_allowed_is_named(taobao, changes, named):
    hook = taobao(host="http://127.0.0.1:1", **changes)

    with pytest.raises(ConfigError, match=f"connection 'taobao_default': {named}") as caught:
        hook.get_conn()

    assert hook.test_connection() == (False, str(caught.value))


def test_another_connection_can_be_named(define_connection):
    define_connection("taobao_brand", **{**FULL, "login": "21000002"})

    assert TaobaoHook(taobao_conn_id="taobao_brand").get_conn().app_key == "21000002"


def test_no_secret_is_in_a_repr(taobao):
    shown = repr(taobao().get_conn())

    assert "21000001" in shown
    assert not [part for part in ("a-secret-of-the-app", "a-session-of-a-seller") if part in shown]
