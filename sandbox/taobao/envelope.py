"""How the platform answers: one root named after the method, or error_response; always HTTP 200."""

from __future__ import annotations

import json
from typing import Any

from sandbox.vendor import Call, Reply


class Refused(Exception):
    """The platform ends the call with this error."""

    def __init__(self, code: int, msg: str, sub_code: str | None = None, sub_msg: str | None = None) -> None:
        super().__init__(code, msg, sub_code)
        self.code = code
        self.msg = msg
        self.sub_code = sub_code
        self.sub_msg = sub_msg


def missing(name: str) -> Refused:
    return Refused(40, f"Missing required arguments:{name}")


def invalid(name: str) -> Refused:
    return Refused(41, f"Invalid arguments:{name}")


def failed(sub_code: str, sub_msg: str) -> Refused:
    """What the service behind the platform says."""
    return Refused(15, "Remote service error", sub_code, sub_msg)


def root_of(method: str) -> str:
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def good(call: Call, method: str, content: dict[str, Any]) -> Reply:
    answer = {root_of(method): {**content, "request_id": request_id(call)}}
    return Reply(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def refusal(call: Call, refused: Refused) -> Reply:
    error = {
        "code": refused.code,
        "msg": refused.msg,
        "sub_code": refused.sub_code,
        "sub_msg": refused.sub_msg,
        "request_id": request_id(call),
    }
    told = {"error_response": {name: value for name, value in error.items() if value is not None}}
    said = f"{refused.msg} {refused.sub_code or ''}".strip()
    return Reply(json.dumps(told, ensure_ascii=False, separators=(",", ":")), refused.code, said)


def request_id(call: Call) -> str:
    return f"15q{int(call.at * 1000):x}"
