"""The body of WeChat's POST-only calls."""

from __future__ import annotations

from typing import Any

from sandbox.strict_json import parse_object
from sandbox.vendor import Call
from sandbox.wechat.envelope import Refused


def read_post(call: Call) -> dict[str, Any]:
    if call.method != "POST":
        raise Refused(43002)
    if not call.body.strip():
        raise Refused(44002)
    try:
        return parse_object(call.body)
    except ValueError:
        raise Refused(47001) from None
