"""The connection's test before a real server: it proves each field, names the one to mend, changes nothing."""

from __future__ import annotations

import pytest

from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook

FORM = ("sid", "qimen_app_key", "qimen_app_secret", "target_app_key")


@pytest.fixture
def connect(monday, gateway, define_connection):
    """A connection to the vendor with some fields changed."""

    def to(**changes) -> WangdiantongHook:
        app = {**monday.credentials("wangdiantong"), **changes}
        define_connection(
            "wangdiantong_default",
            conn_type="wangdiantong",
            host=app.get("host", monday.url),
            login=app["appkey"],
            password=app["appsecret"],
            extra={"gateway": gateway, **{field: app[field] for field in FORM}},
        )
        return WangdiantongHook()

    return to


def test_a_right_connection_is_told_with_the_gateways_clock(monday, gateway, connect):
    fine, message, server_time = connect().examine()

    app = monday.credentials("wangdiantong")
    assert fine
    assert all(part in message for part in (monday.url, app["sid"], app["appkey"], f"gateway {gateway}"))
    assert server_time is not None


def test_it_is_one_search_of_one_order(monday, connect):
    assert connect().test_connection()[0]

    (entry,) = monday.journal()
    assert entry["verdict"] == "ok"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"appsecret": "a-wrong-secret:salt"}, "appkey, appsecret"),
        ({"appkey": "nobody"}, "appkey, appsecret"),
        ({"sid": "nobody"}, "mend: sid"),
        ({"sid": ""}, "sid is empty"),
        ({"host": "http://127.0.0.1:1"}, "not reachable"),
    ],
)
def test_a_wrong_field_is_named(connect, changes, named):
    fine, message = connect(**changes).test_connection()

    assert not fine
    assert named in message
    assert "a-wrong-secret" not in message


@pytest.mark.parametrize("path", ["/router/qmtest", "/router/qm"])
@pytest.mark.parametrize("gateway", ["qimen"], indirect=True)
def test_a_host_with_a_path_is_called_there(monday, connect, path):
    assert connect(host=monday.url + path).test_connection()[0]
    assert [entry["path"] for entry in monday.journal()] == [path]
