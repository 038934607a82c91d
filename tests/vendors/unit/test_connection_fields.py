from __future__ import annotations

import pytest
from airflow.sdk import Connection
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.errors import ConfigError
from retail_pipeline.vendors.connection_fields import base_url, extra, host_and_path, required


def connection(**fields) -> Connection:
    return Connection(conn_id="youshu_default", conn_type="youshu", **fields)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_field_is_named_as_the_form_calls_it_and_as_airflow_does(empty):
    with pytest.raises(ConfigError, match=r"connection 'youshu_default': app_id \(login\) is empty"):
        required(connection(login=empty), "login", "app_id")


def test_a_field_that_is_there_is_returned():
    assert required(connection(login="bi001"), "login", "app_id") == "bi001"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (None, None),
        ('{"merchant_id": null}', None),
        ('{"merchant_id": ""}', None),
        ('{"other": "1"}', None),
        ('{"merchant_id": "0012"}', "0012"),
        ('{"merchant_id": 12}', "12"),
        ('{"merchant_id": 0}', "0"),
    ],
)
def test_a_form_field_is_text_or_nothing(content, value):
    assert extra(connection(extra=content), "merchant_id") == value


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({}, None),
        ({"host": ""}, None),
        ({"host": "https://zhls.qq.com"}, "https://zhls.qq.com"),
        ({"host": "https://zhls.qq.com/"}, "https://zhls.qq.com"),
        ({"host": "zhls.qq.com"}, "https://zhls.qq.com"),
        ({"host": "localhost", "schema": "http", "port": 8080}, "http://localhost:8080"),
        ({"host": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"host": "http://127.0.0.1", "port": 8080}, "http://127.0.0.1:8080"),
    ],
)
def test_an_address_is_scheme_host_and_port(fields, url):
    assert base_url(connection(**fields)) == url


@given(st.from_regex(r"[a-z]{1,20}(\.[a-z]{2,5})?/{0,2}", fullmatch=True))
def test_without_a_scheme_secrets_travel_encrypted(host):
    url = base_url(connection(host=host))

    assert url.startswith("https://")
    assert not url.endswith("/")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://zhls.qq.com", ("https://zhls.qq.com", "")),
        ("http://127.0.0.1:8080/router/qm", ("http://127.0.0.1:8080", "/router/qm")),
    ],
)
def test_an_address_with_a_path_is_called_there(url, parts):
    assert host_and_path(url) == parts
