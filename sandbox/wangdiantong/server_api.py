"""The Wangdiantong vendor: its two gateways, its state, and the faults only it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.fault_kinds import Options
from sandbox.vendor import Call, Control, FaultEffect, Handler, Reply, Vendor
from sandbox.wangdiantong import direct_gate, page_faults, qimen_gate
from sandbox.wangdiantong.accounts import accounts_of
from sandbox.wangdiantong.asked import Asked
from sandbox.wangdiantong.control_calls import RefundControls
from sandbox.wangdiantong.envelope import (
    QIMEN_PATHS,
    GatewayRefused,
    Refused,
    gateway_failure,
    good,
    refusal,
    through_qimen,
)
from sandbox.wangdiantong.paging import Page, check_shops, find, neighbour
from sandbox.wangdiantong.refunds import Refunds
from sandbox.wangdiantong.search_parameters import Search, read_search

DIRECT_PATH = "/openapi"
Finder = Callable[[Asked, Search], Page]


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
            **page_faults.plain_effects(path in QIMEN_PATHS),
            **{kind: self._changing(change) for kind, change in page_faults.PAGE_CHANGES.items()},
            "duplicate_page": lambda call, *_: self._answer(call, self._neighbour),
            "orders_move": self._orders_move,
            "orders_arrive": self._orders_arrive,
        }

    def fault_options(self) -> Mapping[str, Options]:
        return page_faults.OPTIONS

    def app_of(self, call: Call) -> str | None:
        gate = qimen_gate if through_qimen(call) else direct_gate
        account = self._by_sid.get(gate.sid_of(call) or "")
        return account.name if account else None

    def busy(self, call: Call) -> Reply:
        return page_faults.busy(call)

    def credentials(self) -> list[dict[str, Any]]:
        return [account.credentials() for account in self._accounts.values()]

    def secrets(self) -> list[str]:
        return [
            secret
            for account in self._accounts.values()
            for secret in (account.appsecret, account.secret, account.qimen_app_secret)
        ]

    def read_outs(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        return {}

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
        gate = qimen_gate if through_qimen(call) else direct_gate
        asked = gate.admit(call, self._by_sid)
        search = read_search(asked.parameters)
        check_shops(asked, search)
        return asked, search

    def _find(self, call: Call, asked: Asked, search: Search) -> Page:
        book = self._refunds[asked.account.name].book(call.at)
        return find(book, asked, search, not through_qimen(call))

    def _neighbour(self, call: Call, asked: Asked, search: Search) -> Page:
        return self._find(call, neighbour(asked), search)

    def _changing(self, change: page_faults.PageChange) -> FaultEffect:
        def effect(call: Call, _handler: Handler, given: Mapping[str, Any]) -> Reply:
            return self._answer(call, lambda *found: change(self._find(*found), given))

        return effect

    def _orders_move(self, call: Call, _handler: Handler, given: Mapping[str, Any]) -> Reply:
        def find_page(call: Call, asked: Asked, search: Search) -> Page:
            refunds = self._refunds[asked.account.name]
            refunds.move(given["count"], call.at, not through_qimen(call), search.window)
            return self._find(call, asked, search)

        return self._answer(call, find_page)

    def _orders_arrive(self, call: Call, _handler: Handler, given: Mapping[str, Any]) -> Reply:
        def find_page(call: Call, asked: Asked, search: Search) -> Page:
            refunds = self._refunds[asked.account.name]
            refunds.arrive(given["count"], call.at, not through_qimen(call), search.window)
            return self._find(call, asked, search)

        return self._answer(call, find_page)
