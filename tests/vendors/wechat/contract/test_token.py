"""One token for many calls, renewed only when it is dead, and never by force."""

from __future__ import annotations

import json

import pytest

from retail_pipeline.errors import AuthRejected, NoAnswer, PermanentApiError, TransientApiError
from retail_pipeline.vendors.wechat.client import STABLE_TOKEN, VISIT_PAGE, DeadToken
from tests.clients import SUNDAY, wechat_client


def calls(sandbox) -> list[tuple[str, int]]:
    """Return what was called and the code of each answer."""
    short = {STABLE_TOKEN: "token", VISIT_PAGE: "page"}
    return [(short[entry["path"]], entry["code"]) for entry in sandbox.journal()]


def test_a_token_is_fetched_once_and_used_again(monday, wechat):
    for _ in range(3):
        wechat.visit_page(SUNDAY)

    assert calls(monday) == [("token", 0), ("page", 0), ("page", 0), ("page", 0)]


@pytest.mark.parametrize(("fault", "code"), [("kill_token", 40001), ("expire_token", 42001)])
def test_a_token_that_dies_between_calls_is_renewed_once_and_the_call_repeated(monday, wechat, fault, code):
    wechat.visit_page(SUNDAY)
    monday.fault(VISIT_PAGE, fault)

    reply = wechat.visit_page(SUNDAY)

    assert reply.rows > 0
    assert calls(monday)[2:] == [("page", code), ("token", 0), ("page", 0)]


def test_a_token_that_wechat_does_not_know_is_renewed_too(monday, wechat):
    monday.fault(VISIT_PAGE, "error", body={"errcode": 40014, "errmsg": "invalid access_token"}, times=1)

    wechat.visit_page(SUNDAY)

    assert calls(monday) == [("token", 0), ("page", 40014), ("token", 0), ("page", 0)]


def test_a_token_that_is_renewed_is_used_again(monday, wechat):
    monday.fault(VISIT_PAGE, "kill_token")
    wechat.visit_page(SUNDAY)
    wechat.visit_page(SUNDAY)

    assert calls(monday) == [("token", 0), ("page", 40001), ("token", 0), ("page", 0), ("page", 0)]


def test_a_token_that_dies_again_at_once_is_left_to_the_next_try(monday, wechat):
    monday.fault(VISIT_PAGE, "kill_token", times=2)

    with pytest.raises(DeadToken) as caught:
        wechat.visit_page(SUNDAY)

    assert isinstance(caught.value, TransientApiError)
    assert calls(monday) == [("token", 0), ("page", 40001), ("token", 0), ("page", 40001)]
    assert wechat.visit_page(SUNDAY).rows > 0


def test_force_refresh_is_never_asked_for(monday, wechat):
    for fault in ("kill_token", "expire_token"):
        monday.fault(VISIT_PAGE, fault)
        wechat.visit_page(SUNDAY)

    asked = [json.loads(entry["body"]) for entry in monday.journal(STABLE_TOKEN)]
    assert len(asked) == 3
    assert all(request.get("force_refresh") is False for request in asked)
    assert {entry["method"] for entry in monday.journal(STABLE_TOKEN)} == {"POST"}


def test_another_system_of_the_same_mini_program_is_not_disturbed(monday, wechat):
    wechat.visit_page(SUNDAY)
    wechat_client(monday).visit_page(SUNDAY)

    wechat.visit_page(SUNDAY)

    assert calls(monday) == [("token", 0), ("page", 0), ("token", 0), ("page", 0), ("page", 0)]


@pytest.mark.parametrize(
    ("changes", "code", "mend"),
    [
        ({"secret": "wrong"}, "40125", "AppSecret"),
        ({"appid": "wx0000000000000000"}, "40013", "AppID"),
        ({"appid": ""}, "41002", "AppID"),
    ],
)
def test_wrong_credentials_name_the_field_and_are_not_asked_about_again(monday, changes, code, mend):
    with pytest.raises(AuthRejected) as caught:
        wechat_client(monday, **changes).visit_page(SUNDAY)

    assert (caught.value.code, caught.value.mend) == (code, mend)
    assert calls(monday) == [("token", int(code))]


def test_an_address_that_is_not_in_the_whitelist_is_told_as_such(monday, wechat):
    monday.fault(STABLE_TOKEN, "ip_not_allowed")

    with pytest.raises(AuthRejected) as caught:
        wechat.fetch_token()

    assert caught.value.code == "40164"
    assert "whitelist" in caught.value.mend


@pytest.mark.parametrize(
    ("code", "kind", "mend"),
    [
        (40125, AuthRejected, "AppSecret"),
        (40243, AuthRejected, "frozen"),
        (48001, AuthRejected, "may not use this interface"),
        (61007, AuthRejected, "granted"),
        (45009, PermanentApiError, "quota"),
    ],
)
@pytest.mark.parametrize("path", [STABLE_TOKEN, VISIT_PAGE])
def test_other_refusals_say_what_to_look_at(monday, wechat, path, code, kind, mend):
    monday.fault(path, "error", body={"errcode": code, "errmsg": "no"})

    with pytest.raises(kind) as caught:
        wechat.visit_page(SUNDAY)

    assert caught.value.code == str(code)
    assert mend in caught.value.mend
    assert len(monday.journal(path)) == 1


def test_the_request_id_is_told_apart_from_the_message(monday):
    with pytest.raises(AuthRejected) as caught:
        wechat_client(monday, appid="wx0000000000000000").fetch_token()

    assert caught.value.message == "invalid appid"
    assert caught.value.request_id
    assert caught.value.request_id in caught.value.reply


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": None}, {"access_token": 7}])
def test_a_reply_without_a_token_is_no_answer(monday, wechat, body):
    monday.fault(STABLE_TOKEN, "error", body=body)

    with pytest.raises(NoAnswer, match="without access_token"):
        wechat.fetch_token()


def test_a_token_reply_that_was_cut_is_no_answer_and_not_quoted(monday, wechat):
    monday.fault(STABLE_TOKEN, "truncate", after_accept=True)

    with pytest.raises(NoAnswer) as caught:
        wechat.fetch_token()

    assert "access_token" not in str(caught.value)
    assert caught.value.reply is None
