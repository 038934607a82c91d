"""data_source/add and data_source/get. Source: the data_source_add page and the order_update page's FAQ (16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import shape
from sandbox.vendor import Reply
from sandbox.youshu.apps import App
from sandbox.youshu.envelope import Refused, good
from sandbox.youshu.open_choices import BAD_FORMAT, FOREIGN_MERCHANT

# Formerly one source per type; since 2021-04-29 a source has none, old clients still send it.
GET_PARAMETERS = ("merchantId", "dataSourceType")


def add(app: App, body: dict[str, Any]) -> Reply:
    shape.record(body, "body", {"merchantId": shape.text}, {"dataSourceType": shape.integer})
    _check_merchant(app, body["merchantId"])
    if app.data_source_id is not None:
        raise Refused(16)
    return good({"dataSource": {"id": app.add_data_source(), "merchantId": app.merchant_id}})


def get(app: App, query: Mapping[str, str]) -> Reply:
    if "merchantId" in query:
        _check_merchant(app, query["merchantId"])
    if not query.get("dataSourceType", "0").isdecimal():
        raise Refused(BAD_FORMAT, "dataSourceType must be an integer")
    sources = [{"id": app.data_source_id, "merchantId": app.merchant_id}] if app.data_source_id else []
    return good({"dataSources": sources})


def _check_merchant(app: App, merchant_id: str) -> None:
    if merchant_id != app.merchant_id:
        raise Refused(FOREIGN_MERCHANT)
