"""The connection's test before a real server: it proves app and rights, names what to mend, changes nothing."""

from __future__ import annotations

import pytest

from retail_pipeline.vendors.taobao.hook import TaobaoHook


@pytest.fixture
def connect(monday, define_connection):
    """A connection to the platform with some fields changed."""

    def to(**changes) -> TaobaoHook:
        app = {**monday.credentials("taobao"), "sign_method": "md5", **changes}
        define_connection(
            "taobao_default",
            conn_type="taobao",
            host=app.get("host", monday.url),
            login=app["app_key"],
            password=app["app_secret"],
            extra={field: app[field] for field in ("sign_method", "session")},
        )
        return TaobaoHook()

    return to


def test_a_right_connection_is_told_with_the_platforms_clock(monday, connect):
    fine, message, server_time = connect().examine()

    assert fine
    expected = (f"{monday.url}/router/rest", monday.credentials("taobao")["app_key"], "md5", "3 push users")
    assert all(part in message for part in expected)
    assert server_time is not None


def test_it_is_one_call_that_asks_for_one_user(monday, connect):
    assert connect().test_connection()[0]

    (entry,) = monday.journal()
    assert entry["verdict"] == "ok"
    assert "method=taobao.jushita.jdp.users.get&" in entry["body"]
    assert "page_size=1&" in entry["body"]


@pytest.mark.parametrize(("session", "said"), [("", "no session"), ("a-session", "session not tried")])
def test_that_the_session_is_not_tried_is_said(connect, session, said):
    fine, message = connect(session=session).test_connection()

    assert fine
    assert message.endswith(said)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"app_secret": "a-wrong-secret"}, "mend: app_secret"),
        ({"app_key": "1"}, "mend: app_key"),
        ({"app_key": ""}, "app_key (login) is empty"),
        ({"sign_method": "sha1"}, "allowed: hmac-sha256, hmac, md5"),
        ({"host": "http://127.0.0.1:1"}, "not reachable"),
    ],
)
def test_a_wrong_field_is_named(connect, changes, named):
    fine, message = connect(**changes).test_connection()

    assert not fine
    assert named in message
    assert "a-wrong-secret" not in message
