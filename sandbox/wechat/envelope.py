"""WeChat's error form: HTTP 200, {errcode, errmsg}, the text ending in a request id."""

from __future__ import annotations

import itertools
import json
from zlib import crc32

from sandbox.vendor import Call, Reply
from sandbox.wechat import open_choices

# Source: WeChat's general error code list.
ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40013: "invalid appid",
    40014: "invalid access_token",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    42001: "access_token expired",
    43002: "require POST method",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    61501: "date range error",
    **open_choices.WORDINGS,
    **dict([open_choices.REQUIRE_GET, open_choices.SECRET_MISSING, open_choices.WRONG_SECRET]),
}

_serial = itertools.count(1)


class Refused(Exception):
    """The call ends with this errcode."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def refusal(code: int, call: Call) -> Reply:
    """Recent errmsg end with ` rid: 8hex-8hex-8hex`, the first group being the Unix time (community posts)."""
    rid = f"{int(call.at):08x}-{crc32(call.path.encode()):08x}-{next(_serial) & 0xFFFFFFFF:08x}"
    errmsg = f"{ERRMSG[code]} rid: {rid}"
    return Reply(json.dumps({"errcode": code, "errmsg": errmsg}), code, errmsg)
