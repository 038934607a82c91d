from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import (
    AuthRejected,
    BadRequest,
    CheckFailed,
    ConfigError,
    NoAnswer,
    NotReady,
    RateLimited,
)
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry

FACTS = {"vendor": "wechat", "method": "/datacube"}


@pytest.mark.parametrize(
    "error",
    [
        BadRequest("date range", **FACTS),
        ConfigError("connection 'x': AppID is empty"),
        CheckFailed("nothing is stored"),
    ],
)
def test_what_a_person_must_mend_is_not_tried_again(error):
    with pytest.raises(AirflowFailException) as caught, fail_without_retry(conn_id="wechat_default"):
        raise error

    assert str(caught.value) == str(error)


def test_who_is_to_blame_is_named_with_the_field():
    with pytest.raises(AirflowFailException) as caught, fail_without_retry(conn_id="wechat_default"):
        raise AuthRejected("invalid credential", mend="AppSecret", **FACTS)

    assert str(caught.value).endswith("mend: AppSecret of connection 'wechat_default'")


@pytest.mark.parametrize("kind", [NoAnswer, NotReady, RateLimited])
def test_what_waiting_may_cure_stays_what_it_is(kind):
    with pytest.raises(kind), fail_without_retry(conn_id="wechat_default"):
        raise kind("later", **FACTS)


def test_a_bug_stays_a_bug():
    with pytest.raises(ZeroDivisionError), fail_without_retry():
        _ = 1 / 0


def test_no_chained_exception_shows_up_in_the_log():
    with pytest.raises(AirflowFailException) as caught, fail_without_retry():
        raise BadRequest("date range", **FACTS)

    assert caught.value.__suppress_context__
