"""The faults that only this vendor knows: throttling, orders that change between two pages, pages that lie."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox import shape
from sandbox.fault_kinds import Options
from sandbox.vendor import Call, FaultEffect, Handler, Reply
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.envelope import gateway_failure, refusal, through_qimen, top_error
from sandbox.wangdiantong.paging import Page

Given = Mapping[str, Any]
PageChange = Callable[[Page, Given], Page]

# The documents write the comma both ways.
THROTTLED = (
    "超过每分钟最大调用频率限制，请稍后重试",
    "超过每分钟最大调用频率限制,请稍后重试",
    "超过每分钟最大并发次数限制，请稍后重试",
    "超过每分钟最大并发次数限制,请稍后重试",
)


def _throttle_text(value: Any, where: str) -> None:
    if value not in THROTTLED:
        raise shape.BadShape(f"{where} must be one of {' | '.join(THROTTLED)}")


def _any_whole(value: Any, where: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise shape.BadShape(f"{where} must be an integer")


_COUNT: Options = ({"count": shape.integer}, {})
OPTIONS: dict[str, Options] = {
    "throttle": ({}, {"text": _throttle_text}),
    "orders_move": _COUNT,
    "orders_arrive": _COUNT,
    "short_page": _COUNT,
    "wrong_total": ({"by": _any_whole}, {}),
    "top_error": (
        {"code": shape.integer, "msg": shape.text},
        {"sub_code": shape.text, "sub_msg": shape.text},
    ),
    "status": ({"code": shape.integer, "message": shape.text}, {}),
}


def _wrong_total(page: Page, given: Given) -> Page:
    return page if page.total is None else replace(page, total=page.total + given["by"])


def _short_page(page: Page, given: Given) -> Page:
    return replace(page, records=page.records[: max(0, len(page.records) - given["count"])])


PAGE_CHANGES: dict[str, PageChange] = {
    "wrong_total": _wrong_total,
    "short_page": _short_page,
    "empty_page": lambda page, _: replace(page, records=[]),
    "duplicate_record": lambda page, _: replace(page, records=[*page.records[:1], *page.records]),
}


def plain_effects(path_is_qimens: bool) -> dict[str, FaultEffect]:
    """Those that need no order."""
    texts = itertools.cycle(THROTTLED)

    def throttle(call: Call, _handler: Handler, given: Given) -> Reply:
        return refusal(call, 100, given.get("text") or next(texts))

    def status(call: Call, _handler: Handler, given: Given) -> Reply:
        return refusal(call, given["code"], given["message"])

    effects: dict[str, FaultEffect] = {
        "throttle": throttle,
        "status": status,
        "gateway_failure": lambda call, *_: busy(call),
    }
    if path_is_qimens:
        effects["top_error"] = lambda call, _handler, given: top_error(call, dict(given))
    return effects


def busy(call: Call) -> Reply:
    if through_qimen(call):
        return gateway_failure(call, *open_choices.BUSY_GATEWAY)
    return refusal(call, *open_choices.BUSY_STATUS)
