"""The Wangdiantong vendor: its two gateways, its state, and the faults only it knows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox import shape
from sandbox.faults import Options
from sandbox.vendor import Call, Control, FaultEffect, Handler, Reply, Vendor
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.apps import accounts_of
from sandbox.wangdiantong.calls import Page, Search, check_shops, find, neighbour, read_search
from sandbox.wangdiantong.control_calls import RefundControls
from sandbox.wangdiantong.envelope import (
    QIMEN_PATHS,
    GatewayRefused,
    Refused,
    gateway_failure,
    good,
    refusal,
    through_qimen,
    top_error,
)
from sandbox.wangdiantong.gate import Asked, admit, sid_of
from sandbox.wangdiantong.memory import Refunds
from sandbox.wangdiantong.order_book import Window

Given = Mapping[str, Any]
PageChange = Callable[[Page, Given], Page]

# The documents write the comma both ways.
THROTTLED = (
    "超过每分钟最大调用频率限制，请稍后重试",
    "超过每分钟最大调用频率限制,请稍后重试",
    "超过每分钟最大并发次数限制，请稍后重试",
    "超过每分钟最大并发次数限制,请稍后重试",
)


def _any_whole(value: Any, where: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise shape.BadShape(f"{where} must be an integer")


_COUNT: Options = ({"count": shape.integer}, {})
OPTIONS: dict[str, Options] = {
    "throttle": ({}, {"text": shape.one_of(*THROTTLED)}),
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


def _plain_effects(path_is_qimens: bool) -> dict[str, FaultEffect]:
    """Those that need no order."""
    texts = itertools.cycle(THROTTLED)

    def throttle(call: Call, _handler: Handler, given: Given) -> Reply:
        return refusal(call, 100, given.get("text") or next(texts))

    def status(call: Call, _handler: Handler, given: Given) -> Reply:
        return refusal(call, given["code"], given["message"])

    effects: dict[str, FaultEffect] = {
        "throttle": throttle,
        "status": status,
        "gateway_failure": lambda call, *_: _busy(call),
    }
    if path_is_qimens:
        effects["top_error"] = lambda call, _handler, given: top_error(call, dict(given))
    return effects


def _busy(call: Call) -> Reply:
    if through_qimen(call):
        return gateway_failure(call, *open_choices.BUSY_GATEWAY)
    return refusal(call, *open_choices.BUSY_STATUS)


DIRECT_PATH = "/openapi"


class Wangdiantong(Vendor):
    name = "wangdiantong"
    code_key = "status"

    def __init__(self, seed: int) -> None:
        self._accounts = accounts_of(seed)
        self._by_sid = {account.sid: account for account in self._accounts.values()}
        self._refunds = {name: Refunds(seed, name) for name in self._accounts}
        self._controls = RefundControls(self._refunds)

    def routes(self) -> Mapping[str, Handler]:
        return dict.fromkeys((DIRECT_PATH, *QIMEN_PATHS), self._search)

    def faults(self, path: str) -> Mapping[str, FaultEffect]:
        return {
            **_plain_effects(path in QIMEN_PATHS),
            **{kind: self._changing(change) for kind, change in PAGE_CHANGES.items()},
            "duplicate_page": lambda call, *_: self._answer(call, self._neighbour),
            "orders_move": self._happening(Refunds.move),
            "orders_arrive": self._happening(Refunds.arrive),
        }

    def fault_options(self) -> Mapping[str, Options]:
        return OPTIONS

    def app_of(self, call: Call) -> str | None:
        account = self._by_sid.get(sid_of(call) or "")
        return account.name if account else None

    def busy(self, call: Call) -> Reply:
        return _busy(call)

    def credentials(self) -> list[dict[str, Any]]:
        return [account.credentials() for account in self._accounts.values()]

    def secrets(self) -> list[str]:
        return [
            secret
            for account in self._accounts.values()
            for secret in (account.appsecret, account.secret, account.qimen_app_secret)
        ]

    def controls(self) -> Mapping[str, Mapping[str, Control]]:
        return self._controls.controls()

    def _search(self, call: Call) -> Reply:
        return self._answer(call, self._find)

    def _answer(self, call: Call, find_page: Callable[[Call, Asked, Search], Page]) -> Reply:
        try:
            asked, search = self._admitted(call)
            page = find_page(call, asked, search)
        except GatewayRefused as refused:
            return gateway_failure(call, refused.code, refused.message)
        except Refused as refused:
            return refusal(call, refused.status, refused.message)
        return good(call, page.total, page.records)

    def _admitted(self, call: Call) -> tuple[Asked, Search]:
        asked = admit(call, self._by_sid)
        search = read_search(asked.parameters)
        check_shops(asked, search)
        return asked, search

    def _find(self, call: Call, asked: Asked, search: Search) -> Page:
        book = self._refunds[asked.account.name].book(call.at)
        return find(book, asked, search, not through_qimen(call))

    def _neighbour(self, call: Call, asked: Asked, search: Search) -> Page:
        return self._find(call, neighbour(asked), search)

    def _changing(self, change: PageChange) -> FaultEffect:
        def effect(call: Call, _handler: Handler, given: Mapping[str, Any]) -> Reply:
            return self._answer(call, lambda *found: change(self._find(*found), given))

        return effect

    def _happening(
        self, change: Callable[[Refunds, int, float, bool, Window | None], list[int]]
    ) -> FaultEffect:
        """So many orders change before the call is served."""

        def effect(call: Call, _handler: Handler, given: Mapping[str, Any]) -> Reply:
            def find_page(call: Call, asked: Asked, search: Search) -> Page:
                change(
                    self._refunds[asked.account.name],
                    given["count"],
                    call.at,
                    not through_qimen(call),
                    search.window,
                )
                return self._find(call, asked, search)

            return self._answer(call, find_page)

        return effect
