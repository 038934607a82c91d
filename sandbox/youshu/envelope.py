"""Youshu's answer form: {retcode, errmsg, data}; 0 is good. Source: the error code page, complete there."""

from __future__ import annotations

import json
from typing import Any

from sandbox.vendor import Reply
from sandbox.youshu import open_choices

ERRMSG = {
    10: "data source not found",
    12: "merchant not found",
    13: "data format wrong",
    15: "merchant verify fail",
    16: "data_source_already_exist",
    100: "unkown error",  # spelled so by the vendor
}


class Refused(Exception):
    """The call ends with this retcode; the detail is the sandbox's help, the real errmsg may not have it."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def good(data: dict[str, Any]) -> Reply:
    return Reply(json.dumps({"retcode": 0, "errmsg": "", "data": data}, ensure_ascii=False))


def refusal(code: int, detail: str = "") -> Reply:
    errmsg = f"{ERRMSG[code]}: {detail}" if detail else ERRMSG[code]
    text = json.dumps({"retcode": code, "errmsg": errmsg, "data": {}}, ensure_ascii=False)
    return Reply(text, code, errmsg, open_choices.HTTP_STATUS)
