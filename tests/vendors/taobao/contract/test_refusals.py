"""What the Taobao platform says when it does not do what was asked, and that the next call is fine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)
from tests.clients import MONDAY_TEN, taobao_client

REST = "/router/rest"
LIMITS = ["api-access-count", "app-access-count", "app-api-access-count", "dynamic-access-count"]
SESSION = "session: the seller must authorise the app again"
CLOCK = "this machine's clock (NTP): more than 10 minutes off"
ALTERED = "host: what arrives there is not what is sent; is a proxy in between? If not, report it"
ARGUMENT = "the argument that the message names"
CONSOLE = "the method is not granted to app_key: see its console"


@pytest.fixture
def error_of(monday, taobao):
    """Let one call meet a fault, and check that the next is answered."""

    def fail(kind: str, **options) -> ApiError:
        monday.fault(REST, kind, times=1, **options)
        with pytest.raises(ApiError) as caught:
            taobao.push_users()
        assert (caught.value.vendor, caught.value.method) == ("taobao", "taobao.jushita.jdp.users.get")
        assert taobao.push_users()
        return caught.value

    return fail


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("seconds", [1, 37, 86_399])
def test_throttled_for_as_long_as_the_platform_says(error_of, limit, seconds):
    error = error_of("throttle", seconds=seconds, sub_code=f"accesscontrol.limited-by-{limit}")

    assert type(error) is RateLimited
    assert (error.code, error.retry_after) == ("7", timedelta(seconds=seconds))
    assert f"limited-by-{limit}" in str(error)


@pytest.mark.parametrize(
    ("code", "sub_code", "kind", "mend"),
    [
        *((code, None, RateLimited, None) for code in (4, 5, 6, 7, 8)),
        (15, "isp.call-limited", RateLimited, None),
        (50, "accesscontrol.limited-by-app-access-count", RateLimited, None),
        *((code, None, BadRequest, ALTERED) for code in (3, 9, 21, 23, 24, 32, 33, 34)),
        (22, None, BadRequest, "host: the method is not known there"),
        *((code, None, BadRequest, ARGUMENT) for code in (40, 41, 43)),
        (10, None, TransientApiError, None),
        *((code, None, AuthRejected, CONSOLE) for code in (11, 12, 13, 42)),
        (11, "isv.permission-api-package-limit", AuthRejected, CONSOLE),
        (15, None, TransientApiError, None),
        (15, "isp.remote-service-error", TransientApiError, None),
        (15, "isp.top-remote-connection-timeout", TransientApiError, None),
        (530, "isp.system-busy", TransientApiError, None),
        (41, "isp.top-remote-unknown-error", TransientApiError, None),
        (15, "isv.user-not-exist", BadRequest, ARGUMENT),
        (50, "isv.invalid-parameter", BadRequest, ARGUMENT),
        (25, None, AuthRejected, "app_secret"),
        (26, None, AuthRejected, "session"),
        (27, "invalid-sessionkey", AuthRejected, SESSION),
        (28, None, AuthRejected, "app_key"),
        (29, "isv.appkey-not-exists", AuthRejected, "app_key"),
        (30, None, AuthRejected, CLOCK),
        (31, None, AuthRejected, CLOCK),
        (4711, None, UnknownApiError, None),
    ],
)
def test_every_code_is_classed_with_what_to_mend(error_of, code, sub_code, kind, mend):
    error = error_of("top_error", code=code, msg="a message", **({"sub_code": sub_code} if sub_code else {}))

    assert type(error) is kind
    assert (error.code, error.mend) == (str(code), mend)
    assert error.message == " ".join(filter(None, (sub_code, "a message")))
    assert error.request_id
    assert error.reply is None


@pytest.mark.parametrize(
    ("changes", "code", "mend"),
    [
        ({"app_secret": "a-wrong-secret"}, "25", "app_secret"),
        ({"app_key": "1"}, "29", "app_key"),
        ({"session": "a-wrong-session"}, "27", SESSION),
    ],
)
def test_wrong_credentials_are_refused_with_what_to_mend(monday, changes, code, mend):
    with pytest.raises(AuthRejected) as caught:
        taobao_client(monday, **changes).add_user("rm-bp1sandbox0001")

    assert (caught.value.code, caught.value.mend) == (code, mend)


def test_an_expired_session_says_who_must_act(monday, taobao):
    monday.tell("push_users_set", user_nick="山与海旗舰店", expired_at="2026-11-23T09:00:00+08:00")

    with pytest.raises(AuthRejected, match=r"session-expired.*authorise the app again"):
        taobao.add_user("rm-bp1sandbox0001")


@pytest.mark.parametrize("seconds", [-601, 601])
def test_a_clock_that_is_off_is_named(taobao, our_clock, seconds):
    our_clock(MONDAY_TEN + timedelta(seconds=seconds))

    with pytest.raises(AuthRejected) as caught:
        taobao.push_users()

    assert (caught.value.code, caught.value.mend) == ("31", CLOCK)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda client: client.add_user("rm-unknown"), "isv.rds-not-exist"),
        (lambda client: client.add_user("rm-bp1sandbox0001", history_days=91), "history_days"),
        (lambda client: client.delete_user("nobody"), "isv.user-not-exist"),
        (lambda client: client.delete_user(""), "nick"),
    ],
)
def test_what_the_platform_cannot_do_is_a_bad_request(taobao, act, said):
    with pytest.raises(BadRequest, match=said):
        act(taobao)
