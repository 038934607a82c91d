from __future__ import annotations

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.vendors.youshu.hook import YoushuHook

pytestmark = pytest.mark.usefixtures("settings_file")

FULL = {
    "conn_type": "youshu",
    "login": "bi00112233",
    "password": "a-secret-of-youshu",
    "extra": {"environment": "test", "merchant_id": "0012", "data_source_id": "00345"},
}


@pytest.fixture
def youshu(define_connection):
    def define(**changes) -> YoushuHook:
        define_connection("youshu_default", **{**FULL, **changes})
        return YoushuHook()

    return define


def form(**changes) -> dict:
    fields = {**FULL["extra"], **changes}
    return {"extra": {name: value for name, value in fields.items() if value is not None}}


def test_a_complete_connection_gives_a_client_of_its_environments_host(youshu):
    client = youshu().get_conn()

    assert client.transport.base_url == "https://test.zhls.qq.com"
    assert (client.app_id, client.app_secret, client.merchant_id) == (
        "bi00112233",
        "a-secret-of-youshu",
        "0012",
    )


def test_without_an_environment_it_is_production(youshu):
    assert youshu(**form(environment=None)).get_conn().transport.base_url == "https://zhls.qq.com"


def test_a_host_of_the_connection_wins(youshu):
    assert youshu(host="http://127.0.0.1:8200").get_conn().transport.base_url == "http://127.0.0.1:8200"


def test_an_unknown_environment_is_answered_with_the_allowed_ones(youshu):
    with pytest.raises(ConfigError, match="environment is 'prod', allowed: production, test"):
        youshu(**form(environment="prod")).get_conn()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"login": ""}, r"app_id \(login\)"),
        ({"password": ""}, r"app_secret \(password\)"),
        (form(merchant_id=None), "merchant_id"),
    ],
)
def test_an_empty_field_is_named(youshu, changes, named):
    with pytest.raises(ConfigError, match=f"connection 'youshu_default': {named} is empty"):
        youshu(**changes).get_conn()


def test_a_missing_data_source_says_which_command_gets_it(youshu):
    hook = youshu(**form(data_source_id=None))

    with pytest.raises(ConfigError, match=r"data_source_id is empty; .*retail youshu data-source --conn-id"):
        hook.data_source_id()


def test_ids_keep_their_leading_zeros(youshu):
    assert youshu().data_source_id() == "00345"


def test_an_app_of_the_other_environment_is_refused_before_anything_is_sent(youshu, settings_file):
    listed = settings_file.read_text(encoding="utf-8") + "youshu_app_ids: {production: [bi00112233]}\n"
    settings_file.write_text(listed, encoding="utf-8")

    with pytest.raises(ConfigError, match="bi00112233 is listed as production's"):
        youshu().get_conn()


def test_a_connection_that_lacks_a_field_fails_its_test_in_words(youshu):
    assert youshu(login="").test_connection() == (
        False,
        "connection 'youshu_default': app_id (login) is empty",
    )


def test_the_secret_is_in_no_repr(youshu):
    assert "a-secret-of-youshu" not in repr(youshu().get_conn())
