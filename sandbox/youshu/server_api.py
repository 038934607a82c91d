"""The Youshu vendor: its paths, its state, and the faults only it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox import shape
from sandbox.faults import Options
from sandbox.strict_json import parse_object
from sandbox.vendor import Call, FaultEffect, Handler, Reply, Vendor
from sandbox.youshu import calls, open_choices
from sandbox.youshu.apps import App, apps_of
from sandbox.youshu.envelope import Refused, good, refusal
from sandbox.youshu.gate import SIGNATURE_FIELDS, Gate
from sandbox.youshu.memory import OrderMemory, Report, Reports

PREFIX = "/data-api/v1"
# From a body, parsed and as text, to what it reports.
Reader = Callable[[dict[str, Any], str], list[Report]]


class Youshu(Vendor):
    name = "youshu"
    code_key = "retcode"

    def __init__(self, seed: int) -> None:
        self._apps = apps_of(seed)
        self._gate = Gate({app.app_id: app.app_secret for app in self._apps.values()})
        self._reports = Reports()
        self._orders = OrderMemory()

    def routes(self) -> Mapping[str, Handler]:
        return {
            f"{PREFIX}/data_source/add": self._admitted(_add_source),
            f"{PREFIX}/data_source/get": self._admitted(_get_sources),
            f"{PREFIX}/analysis/add_wxapp_visit_page": self._reporting(calls.page_reports),
            f"{PREFIX}/analysis/add_wxapp_visit_distribution": self._reporting(calls.distribution_reports),
            f"{PREFIX}/order/add_order_sum": self._reporting(calls.sum_reports),
            f"{PREFIX}/order/add_order": self._ordering("add_order", calls.added),
            f"{PREFIX}/order/update": self._ordering("update", calls.updated),
            f"{PREFIX}/return_order/add": self._ordering("return", calls.returned),
        }

    def faults(self, _path: str) -> Mapping[str, FaultEffect]:
        return {
            "throttle": lambda *_: refusal(open_choices.THROTTLED, "too many calls"),
            "poison_order": _poison_order,
        }

    def fault_options(self) -> Mapping[str, Options]:
        return {"poison_order": ({"ids": shape.anything}, {"code": shape.integer})}

    def app_of(self, call: Call) -> str | None:
        app = self._apps.get(dict(parse_qsl(call.query)).get("app_id", ""))
        return app.name if app else None

    def busy(self, _call: Call) -> Reply:
        return refusal(open_choices.BUSY)

    def credentials(self) -> list[dict[str, Any]]:
        return [
            {
                "name": app.name,
                "environment": "test",
                "app_id": app.app_id,
                "app_secret": app.app_secret,
                "merchant_id": app.merchant_id,
                "data_source_id": app.data_source_id,
            }
            for app in self._apps.values()
        ]

    def secrets(self) -> list[str]:
        return [app.app_secret for app in self._apps.values()]

    def read_outs(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        return {
            "reports": self._reports.listing,
            "orders": self._orders.listing,
            "order_totals": self._orders.totals,
        }

    def _admitted(self, act: Callable[[Call, App, dict[str, str]], Reply]) -> Handler:
        def handler(call: Call) -> Reply:
            try:
                query = self._gate.admit(call.query, call.at)
                return act(call, self._apps[query["app_id"]], query)
            except shape.BadShape as wrong:
                return refusal(open_choices.BAD_FORMAT, str(wrong))
            except Refused as refused:
                return refusal(refused.code, refused.detail)

        return handler

    def _reporting(self, read: Reader) -> Handler:
        def report(call: Call, app: App, query: dict[str, str]) -> Reply:
            body = _posted(call, query)
            taken = read(body, call.body.decode())
            if body["dataSourceId"] != app.data_source_id:
                raise Refused(open_choices.FOREIGN_DATA_SOURCE)
            for element in taken:
                self._reports.take(app, element, call.at)
            return good({})

        return self._admitted(report)

    def _ordering(self, name: str, read: calls.Reader) -> Handler:
        def order(call: Call, app: App, query: dict[str, str]) -> Reply:
            body = _posted(call, query)
            try:
                taken = read(body, self._orders.knows(app))
            except shape.BadShape as wrong:
                raise Refused(
                    open_choices.BAD_FORMAT, str(wrong) if open_choices.TELLS_WHICH_ORDER else ""
                ) from None
            if body["dataSourceId"] != app.data_source_id:
                raise Refused(open_choices.FOREIGN_DATA_SOURCE)
            self._orders.take(app, name, taken, call.at)
            return good({})

        return self._admitted(order)


def _poison_order(call: Call, handler: Handler, given: Mapping[str, Any]) -> Reply:
    """Refuse every batch that holds one of these orders, whatever is right with it."""
    if any(str(number).encode() in call.body for number in given["ids"]):
        return refusal(given.get("code", open_choices.BAD_FORMAT))
    return handler(call)


def _add_source(call: Call, app: App, query: dict[str, str]) -> Reply:
    return calls.add(app, _posted(call, query))


def _get_sources(call: Call, app: App, query: dict[str, str]) -> Reply:
    _check_request(call, "GET", query, calls.GET_PARAMETERS)
    return calls.get(app, query)


def _posted(call: Call, query: dict[str, str]) -> dict[str, Any]:
    _check_request(call, "POST", query, ())
    try:
        return parse_object(call.body)
    except ValueError as wrong:
        raise Refused(open_choices.BAD_FORMAT, f"the body is not a JSON object ({wrong})") from None


def _check_request(call: Call, method: str, query: Mapping[str, str], extra: tuple[str, ...]) -> None:
    if call.method != method:
        raise Refused(open_choices.BAD_FORMAT, f"the method must be {method}")
    if unknown := query.keys() - {*SIGNATURE_FIELDS, *extra}:
        raise Refused(open_choices.BAD_FORMAT, f"unknown query parameter {min(unknown)}")
