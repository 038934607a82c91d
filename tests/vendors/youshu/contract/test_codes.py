"""What each of Youshu's return codes means to us."""

from __future__ import annotations

import json

import pytest

from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    NoAnswer,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.vendors.youshu.client import DataSourceExists

PATH = "/data-api/v1/order/add_order_sum"


def error_of(sandbox, client, body: dict) -> ApiError:
    sandbox.fault(PATH, "error", body=body)
    with pytest.raises(ApiError) as caught:
        client.add_order_sum("{}")
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind", "mend"),
    [
        *((code, TransientApiError, None) for code in (1, 3, 5, 6, 7, 8, 9, 100)),
        *((code, UnknownApiError, None) for code in (17, 999, -1)),
        *((code, BadRequest, "data_source_id") for code in (2, 4, 10, 11, 14)),
        (12, AuthRejected, "merchant_id"),
        (13, BadRequest, None),
        (15, AuthRejected, "app_id, app_secret, merchant_id, environment, or this machine's clock"),
        (16, DataSourceExists, "data_source_id"),
    ],
)
def test_a_code_is_classed_by_what_the_caller_must_do(monday, youshu, code, kind, mend):
    error = error_of(monday, youshu, {"retcode": code, "errmsg": "no", "data": {}})

    assert type(error) is kind
    assert (error.code, error.mend, error.message) == (str(code), mend, "no")
    assert json.loads(error.reply)["retcode"] == code
    assert error.method == "/order/add_order_sum"


@pytest.mark.parametrize(("code", "kind"), [("10", BadRequest), ("100", TransientApiError)])
def test_a_code_that_comes_as_text_means_the_same(monday, youshu, code, kind):
    assert type(error_of(monday, youshu, {"retcode": code, "errmsg": "no"})) is kind


@pytest.mark.parametrize("zero", [0, "0"])
def test_zero_is_good_as_number_and_as_text(monday, youshu, zero):
    monday.fault(PATH, "error", body={"retcode": zero, "errmsg": "", "data": {}})

    assert json.loads(youshu.add_order_sum("{}"))["retcode"] == zero


@pytest.mark.parametrize("said", [{"errmsg": ""}, {}])
def test_an_error_without_a_message_says_so(monday, youshu, said):
    assert error_of(monday, youshu, {"retcode": 100, **said}).message == "no message"


def test_an_answer_without_a_code_is_none(monday, youshu):
    error = error_of(monday, youshu, {"code": 0})

    assert type(error) is NoAnswer
    assert error.reply == '{"code": 0}'


def test_throttled_is_waited_for(monday, youshu):
    monday.fault("/data-api/v1/data_source/get", "throttle", times=1)

    with pytest.raises(TransientApiError):
        youshu.data_source_ids()
    assert youshu.data_source_ids()
