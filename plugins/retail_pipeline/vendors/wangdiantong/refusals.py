"""The meaning of a refusal by Wangdiantong, or by the gateway before it. Pure."""

from __future__ import annotations

import re

from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.vendors.open_platform import meaning

_CREDENTIALS = "qimen_app_key, qimen_app_secret, target_app_key"
# What a person must check where every shop of a search is unknown, or not in use.
SHOPS = "shop_nos of the account in the settings file, or of the params"
_ARGUMENT = "the argument that the message names: of settings or params; if it is none of yours, report it"
# What the caller must do, and what to check, by Wangdiantong's status and message (guide?path=qjbguide_cwmsm). The
# first pattern that matches counts; a comma comes in two forms, so the patterns contain none. Status 1 and 100 each
# have several meanings, which only the message distinguishes; other messages are not known.
_MEANINGS: tuple[tuple[str, type[ApiError], str | None], ...] = (
    (r"100 超过每分钟最大(调用频率|并发次数)限制", RateLimited, None),
    (r"100 权限不足", AuthRejected, "the method is not granted to this appkey: ask Wangdiantong"),
    (r"100 .*internal only", BadRequest, "gateway: the method is only at qimen"),
    (r"100 .*店铺编号", BadRequest, SHOPS),
    (r"1 验证失败", AuthRejected, "appkey, appsecret (form secret:salt)"),
    (r"1 sid is not (exists|found)", AuthRejected, "sid, or the host's environment"),
    (r"1 app auth fail", AuthRejected, "appkey is not allowed for this sid or IP: ask Wangdiantong"),
    (r"3 ", AuthRejected, "this appkey demands a dynamic password: ask Wangdiantong"),
    (r"6 ", AuthRejected, "this machine's address is not allowed for this appkey: ask Wangdiantong"),
    (r"7 ", AuthRejected, "this machine's clock (NTP): more than 120 s off"),
    (r"1 (参数|invalid argument|argument type|For input string)", BadRequest, _ARGUMENT),
    (
        r"100 .*(查询条件|查询时间|分页查询|起止时间|不能为空|must not be null|Unparseable)",
        BadRequest,
        _ARGUMENT,
    ),
    (r"[28] ", BadRequest, _ARGUMENT),
    (r"(4|5|99) ", TransientApiError, None),
)
# For a gateway's refusals before Wangdiantong is asked: Qimen's own code, and the connection's names of fields.
_NOT_THERE = "target_app_key, or host: the method is not deployed there"
_FIELDS = {
    "app": "qimen_app_key",
    "app_key": _CREDENTIALS,
    "app_secret": _CREDENTIALS,
    "session": "qimen_app_key",
    "host": "target_app_key, or host",
    "argument": f"{_CREDENTIALS}, sid, or {_ARGUMENT}",
}


def of_wangdiantong(told: str) -> tuple[type[ApiError], str | None]:
    """Return what the caller must do, and what to correct, by a status and its message."""
    found = ((kind, mend) for pattern, kind, mend in _MEANINGS if re.match(pattern, told))
    return next(found, (UnknownApiError, None))


def of_gateway(told: str) -> tuple[type[ApiError], str | None]:
    """Return the same by a gateway's code, sub code and messages."""
    return (BadRequest, _NOT_THERE) if told.startswith("client.protocol.") else meaning(told, _FIELDS)
