"""What Wangdiantong and the gateway before it refuse, by what the caller must do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from retail_pipeline.errors import (
    AuthRejected,
    BadRequest,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)
from tests.vendors.wangdiantong.unit.replies import both_gateways, wrapped

QIMEN_FIELDS = "qimen_app_key, qimen_app_secret, target_app_key"
ARGUMENT = "the argument that the message names: of settings or params; if it is none of yours, report it"
SHOPS = "shop_nos of the account in the settings file, or of the params"
CLOCK = "this machine's clock (NTP): more than 10 minutes off"
NOT_DEPLOYED = "target_app_key, or host: the method is not deployed there"
ALTERED = "host: what arrives there is not what is sent; is a proxy in between? If not, report it"
STATUSES = [
    *(
        (100, f"{text}{comma}请稍后重试", RateLimited, None)
        for text in ("超过每分钟最大调用频率限制", "超过每分钟最大并发次数限制")
        for comma in "，,"
    ),
    (100, "权限不足", AuthRejected, "the method is not granted to this appkey: ask Wangdiantong"),
    *(
        (100, text, BadRequest, ARGUMENT)
        for text in (
            "您的查询条件太过宽，请增加查询条件",
            "此方法仅支持分页查询：接口method",
            "参数中必须包含起止时间",
            "您的查询时间过宽,查询时间不能大于30天",
            "modified_from不能为空",
            "shop_nos must not be null",
        )
    ),
    *((100, text, BadRequest, SHOPS) for text in ("传入店铺编号全部错误", "店铺编号不存在或已停用")),
    (100, "The API used internal only: x", BadRequest, "gateway: the method is only at qimen"),
    (100, "a text that nobody has seen yet", UnknownApiError, None),
    (1, "a text that nobody has seen yet", UnknownApiError, None),
    (1, "验证失败", AuthRejected, "appkey, appsecret (form secret:salt)"),
    (1, "sid is not exists", AuthRejected, "sid, or the host's environment"),
    (1, "sid is not found", AuthRejected, "sid, or the host's environment"),
    (1, "app auth fail", AuthRejected, "appkey is not allowed for this sid or IP: ask Wangdiantong"),
    *(
        (1, text, BadRequest, ARGUMENT)
        for text in (
            "参数错误",
            "invalid argument count",
            "argument type mismatch",
            'For input string: "1665947116495"',
        )
    ),
    (2, "shop_no", BadRequest, ARGUMENT),
    (3, "动态口令", AuthRejected, "this appkey demands a dynamic password: ask Wangdiantong"),
    (4, "数据库错误", TransientApiError, None),
    (5, "数据库错误", TransientApiError, None),
    (
        6,
        "IP限制",
        AuthRejected,
        "this machine's address is not allowed for this appkey: ask Wangdiantong",
    ),
    (7, "时间戳错误", AuthRejected, "this machine's clock (NTP): more than 120 s off"),
    (8, "版本错误", BadRequest, ARGUMENT),
    (99, "其他错误", TransientApiError, None),
    (99, "this may last for 5 more seconds", TransientApiError, None),
    (12345, "权限不足", UnknownApiError, None),
    (-1, "验证失败", UnknownApiError, None),
]


@both_gateways
@pytest.mark.parametrize(("status", "message", "kind", "mend"), STATUSES, ids=str)
def test_a_status_is_classed_by_what_the_caller_must_do(error_of, gateway, status, message, kind, mend):
    answer = json.dumps({"status": status, "message": message}, ensure_ascii=False)

    error = error_of(gateway, wrapped(gateway, answer))

    assert type(error) is kind
    assert (error.code, error.message, error.mend) == (str(status), message, mend)


@both_gateways
@pytest.mark.parametrize("data", ["null", "{}", "[]", '""'])
def test_a_status_as_text_beside_any_data_means_the_same(error_of, gateway, data):
    answer = f'{{"status":"7","message":"时间戳错误","data":{data}}}'

    assert type(error_of(gateway, wrapped(gateway, answer))) is AuthRejected


@both_gateways
@pytest.mark.parametrize(
    ("status", "kind"), [(1, UnknownApiError), (3, AuthRejected), (100, UnknownApiError)]
)
def test_a_status_without_a_message_says_so(error_of, gateway, status, kind):
    error = error_of(gateway, wrapped(gateway, f'{{"status":{status}}}'))

    assert type(error) is kind
    assert error.message == "no message"


GATEWAYS_SAY = [
    ({"code": 25, "message": "Invalid signature"}, AuthRejected, QIMEN_FIELDS, None),
    ({"code": "25", "message": "Invalid signature"}, AuthRejected, QIMEN_FIELDS, None),
    ({"code": "sign-check", "message": "Invalid signature"}, AuthRejected, QIMEN_FIELDS, None),
    ({"code": 28, "msg": "Missing app key"}, AuthRejected, QIMEN_FIELDS, None),
    (
        {"code": 29, "msg": "Invalid app Key", "sub_code": "isv.appkey-not-exists"},
        AuthRejected,
        QIMEN_FIELDS,
        None,
    ),
    ({"code": 31, "msg": "Invalid timestamp"}, AuthRejected, CLOCK, None),
    ({"code": 30, "msg": "Missing timestamp"}, AuthRejected, CLOCK, None),
    *(({"code": code, "msg": "no"}, BadRequest, ALTERED, None) for code in (3, 9, 21, 23, 24, 32, 33, 34)),
    (
        {"code": 22, "msg": "Invalid method"},
        BadRequest,
        "target_app_key, or host: the method is not known there",
        None,
    ),
    *(
        ({"code": code, "msg": "no"}, BadRequest, f"{QIMEN_FIELDS}, sid, or {ARGUMENT}", None)
        for code in (40, 41, 43)
    ),
    ({"code": 26, "msg": "Missing session"}, AuthRejected, "qimen_app_key", None),
    (
        {"code": 27, "msg": "Invalid session"},
        AuthRejected,
        "qimen_app_key: the seller must authorise the app again",
        None,
    ),
    (
        {"code": 42, "msg": "Forbidden Request"},
        AuthRejected,
        "the method is not granted to qimen_app_key: see its console",
        None,
    ),
    (
        {
            "code": 11,
            "msg": "Insufficient isv permissions",
            "sub_code": "isv.permission-api-package-limit",
        },
        AuthRejected,
        "the method is not granted to qimen_app_key: see its console",
        None,
    ),
    (
        {
            "code": 7,
            "msg": "App Call Limited",
            "sub_code": "accesscontrol.limited-by-app-access-count",
            "sub_msg": "This ban will last for 17 more seconds",
        },
        RateLimited,
        None,
        timedelta(seconds=17),
    ),
    ({"code": 7, "msg": "App Call Limited"}, RateLimited, None, None),
    (
        {"code": 15, "msg": "Remote service error", "sub_code": "isp.call-limited"},
        RateLimited,
        None,
        None,
    ),
    (
        {"code": 15, "msg": "Remote service error", "sub_code": "isv.call-limited"},
        RateLimited,
        None,
        None,
    ),
    ({"code": "isp.call-limited", "message": "limited"}, RateLimited, None, None),
    (
        {"code": 15, "msg": "Remote service error", "sub_code": "isv.invalid-parameter"},
        BadRequest,
        f"{QIMEN_FIELDS}, sid, or {ARGUMENT}",
        None,
    ),
    (
        {"code": "isv.invalid-parameter", "message": "非法参数"},
        BadRequest,
        f"{QIMEN_FIELDS}, sid, or {ARGUMENT}",
        None,
    ),
    ({"code": 15, "msg": "Remote service error", "sub_code": "isp.busy"}, TransientApiError, None, None),
    ({"code": 10, "msg": "Service Currently Unavailable"}, TransientApiError, None, None),
    ({"code": "client.protocol.invalid-argument"}, BadRequest, NOT_DEPLOYED, None),
    ({"code": "client.protocol.any", "message": "该接口未部署（暂不支持）"}, BadRequest, NOT_DEPLOYED, None),
    ({"code": 70, "msg": "nobody knows: isv.x"}, UnknownApiError, None, None),
    ({"message": "without a code"}, UnknownApiError, None, None),
]


@pytest.mark.parametrize(
    ("told", "kind", "mend", "wait"),
    GATEWAYS_SAY,
    ids=str,
)
@pytest.mark.parametrize("key", ["response", "error_response"])
def test_what_a_gateway_refuses_is_classed_too(error_of, key, told, kind, mend, wait):
    answer = json.dumps({"flag": "failure", **told, "request_id": "15qzd9btbeym5"}, ensure_ascii=False)

    error = error_of("qimen", wrapped("qimen", answer, key))

    assert type(error) is kind
    assert (error.mend, error.request_id) == (mend, "15qzd9btbeym5")
    assert error.code == (str(told["code"]) if "code" in told else None)
    assert getattr(error, "retry_after", None) == wait
    assert all(str(word) in str(error) for word in told.values())
