from __future__ import annotations

import pytest

from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    CheckFailed,
    ConfigError,
    NoAnswer,
    NotReady,
    PermanentApiError,
    PipelineError,
    RateLimited,
    RecordRejected,
    TransientApiError,
)


@pytest.mark.parametrize("kind", [NoAnswer, NotReady, RateLimited])
def test_what_waiting_may_cure_is_transient(kind):
    assert issubclass(kind, TransientApiError)
    assert not issubclass(kind, PermanentApiError)


@pytest.mark.parametrize("kind", [AuthRejected, BadRequest])
def test_what_a_person_must_mend_is_permanent(kind):
    assert issubclass(kind, PermanentApiError)
    assert not issubclass(kind, TransientApiError)


@pytest.mark.parametrize("kind", [ApiError, CheckFailed, ConfigError, RecordRejected])
def test_everything_raised_on_purpose_has_one_root(kind):
    assert issubclass(kind, PipelineError)


def test_an_error_says_who_what_code_message_request_and_what_to_mend():
    error = AuthRejected(
        "invalid appid",
        vendor="wechat",
        method="/cgi-bin/stable_token",
        code="40013",
        request_id="63c1-0",
        mend="AppID",
        reply='{"errcode":40013}',
    )

    assert (
        str(error) == "wechat /cgi-bin/stable_token [40013]: invalid appid (request id 63c1-0); mend: AppID"
    )


def test_an_error_without_code_request_or_cure_is_short():
    assert str(NoAnswer("cut", vendor="youshu", method="/order")) == "youshu /order: cut"


def test_code_zero_is_a_code():
    assert "[0]" in str(ApiError("odd", vendor="youshu", method="/order", code="0"))
