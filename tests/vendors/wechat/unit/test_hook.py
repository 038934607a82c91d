from __future__ import annotations

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.vendors.wechat.hook import WeChatHook

FULL = {"conn_type": "wechat", "login": "wx00112233", "password": "a-secret-of-wechat"}


@pytest.fixture
def wechat(define_connection):
    def define(**changes) -> WeChatHook:
        define_connection("wechat_default", **{**FULL, **changes})
        return WeChatHook()

    return define


def test_without_a_host_it_is_wechats_own(wechat):
    client = wechat().get_conn()

    assert client.transport.base_url == "https://api.weixin.qq.com"
    assert (client.appid, client.secret) == ("wx00112233", "a-secret-of-wechat")


def test_a_host_of_the_connection_wins(wechat):
    assert wechat(host="http://127.0.0.1:8200/").get_conn().transport.base_url == "http://127.0.0.1:8200"


@pytest.mark.parametrize(
    ("field", "named"), [("login", r"AppID \(login\)"), ("password", r"AppSecret \(password\)")]
)
def test_an_empty_field_is_named(wechat, field, named):
    with pytest.raises(ConfigError, match=f"connection 'wechat_default': {named} is empty"):
        wechat(**{field: ""}).get_conn()


def test_a_connection_that_lacks_a_field_fails_its_test_in_words(wechat):
    assert wechat(password="").test_connection() == (
        False,
        "connection 'wechat_default': AppSecret (password) is empty",
    )


def test_the_secret_is_in_no_repr(wechat):
    assert "a-secret-of-wechat" not in repr(wechat().get_conn())
