"""Which day a datacube call asks for, and whether it may have it. Source: the pages of both calls.

One day only, yesterday at the latest, and only when that day has been computed.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl

from sandbox import shape
from sandbox.business_clock import SHANGHAI, shanghai_day
from sandbox.vendor import Call
from sandbox.wechat import open_choices
from sandbox.wechat.envelope import Refused
from sandbox.wechat.post_body import read_post
from sandbox.wechat.tokens import Tokens


def access_token(call: Call) -> str | None:
    return dict(parse_qsl(call.query, keep_blank_values=True)).get("access_token")


def asked(call: Call, tokens: Tokens) -> tuple[str, date]:
    """The appid and the day of a call that may be answered."""
    if call.method != "POST":
        raise Refused(43002)
    value = access_token(call)
    if not value:
        raise Refused(41001)
    tokens.check(value, call.at)
    day = _day(call)
    _check_range(day, call.at)
    return str(tokens.owner(value)), day


def _day(call: Call) -> date:
    fields = read_post(call)
    try:
        shape.record(fields, "body", {}, {"begin_date": shape.anything, "end_date": shape.anything})
    except shape.BadShape:
        raise Refused(open_choices.BAD_MEMBER) from None
    begin, end = fields.get("begin_date", ""), fields.get("end_date", "")
    try:
        shape.compact_day(begin, "begin_date")
        shape.compact_day(end, "end_date")
    except shape.BadShape:
        raise Refused(open_choices.BAD_DATE) from None
    if begin != end:
        raise Refused(61501)
    return date(int(begin[:4]), int(begin[4:6]), int(begin[6:]))


def _check_range(day: date, at: float) -> None:
    if day >= shanghai_day(at):
        raise Refused(61501)
    ready = datetime.combine(day + timedelta(days=1), time(open_choices.READY_HOUR), SHANGHAI)
    if at < ready.timestamp():
        raise Refused(61503)
