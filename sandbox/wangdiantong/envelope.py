"""How either gateway answers: {status, data} or {status, message}, through Qimen wrapped in {response: …}.

Source: the error code guide and the search's page; the form of a Qimen gateway failure is a capture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sandbox.vendor import Call, Reply

QIMEN_PATHS = ("/router/qm", "/router/qmtest")
BAD_CREDENTIALS = (1, "验证失败")
BAD_ARGUMENTS = (1, "参数错误")
STALE_TIMESTAMP = (7, "timestamp error")
NOT_GRANTED = (100, "权限不足")
UNPAGED = (100, "此方法仅支持分页查询：接口method")
NO_TIMES = (100, "参数中必须包含起止时间")
TOO_WIDE = (100, "您的查询时间过宽,查询时间不能大于30天")
UNKNOWN_SHOPS = (100, "传入店铺编号全部错误")


class Refused(Exception):
    """Wangdiantong ends the call with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class GatewayRefused(Exception):
    """The Qimen gateway ends the call before Wangdiantong sees it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def through_qimen(call: Call) -> bool:
    return call.path in QIMEN_PATHS


def good(call: Call, total: int | None, records: Sequence[bytes]) -> Reply:
    """The records go out as the texts they are."""
    counted = "" if total is None else f'"total_count":{total},'
    head, tail = f'{{"status":0,"data":{{{counted}"order":[', "]}}"
    if through_qimen(call):
        head, tail = f'{{"response":{head}', f"{tail}}}"
    return Reply(b"".join([head.encode(), b",".join(records), tail.encode()]))


def refusal(call: Call, status: int, message: str) -> Reply:
    return Reply(_wrapped(call, _text({"status": status, "message": message})), status, message)


def gateway_failure(call: Call, code: int, message: str) -> Reply:
    answer = {"flag": "failure", "code": code, "message": message, "request_id": _request_id(call)}
    return Reply(_wrapped(call, _text(answer)), code, message)


def top_error(call: Call, options: dict[str, Any]) -> Reply:
    """What the Taobao platform itself says, instead of a `response`."""
    answer = {**options, "request_id": _request_id(call)}
    return Reply(_text({"error_response": answer}), answer["code"], answer["msg"])


def _wrapped(call: Call, text: str) -> str:
    return f'{{"response":{text}}}' if through_qimen(call) else text


def _request_id(call: Call) -> str:
    return f"15q{int(call.at * 1000):x}"


def _text(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)
