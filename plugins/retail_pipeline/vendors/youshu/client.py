"""Youshu's reporting calls. Pages named here are below mp.zhls.qq.com/youshu-docs/develop/interface.

Answers are ``{"retcode": 0, "errmsg": "", "data": {…}}``; errors come with HTTP 200 and another retcode.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from retail_pipeline import clock
from retail_pipeline.errors import (
    ApiError,
    AuthRejected,
    BadRequest,
    NoAnswer,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.vendors.transport import Transport, excerpt
from retail_pipeline.vendors.vendor_words import without_values
from retail_pipeline.vendors.youshu.signing import signed_params

PREFIX = "/data-api/v1"
HOSTS = {"production": "https://zhls.qq.com", "test": "https://test.zhls.qq.com"}


class DataSourceExists(BadRequest):
    """A data source exists already, so none can be added (the FAQ's solution: get it)."""


# All codes of error_code.html. It does not state which code a bad signature gets; 15 is the nearest by its wording.
_SOURCE = "data_source_id"
_ERRORS: dict[str, tuple[type[ApiError], str | None]] = {
    **dict.fromkeys(("1", "3", "5", "6", "7", "8", "9", "100"), (TransientApiError, None)),  # its own storage
    **dict.fromkeys(("2", "4", "10", "11", "14"), (BadRequest, _SOURCE)),
    "12": (AuthRejected, "merchant_id"),
    "13": (BadRequest, None),  # the data that is sent: the sender finds the order by halving
    "15": (AuthRejected, "app_id, app_secret, merchant_id, environment, or this machine's clock"),
    "16": (DataSourceExists, _SOURCE),
}


@dataclass
class YoushuClient:
    """Calls Youshu as one app of one merchant. Safe to share between threads.

    :param unix_time: in seconds
    :param nonce: a random text of at most 32 characters
    """

    transport: Transport
    app_id: str
    app_secret: str = field(repr=False)
    merchant_id: str
    unix_time: Callable[[], float] = lambda: clock.now().timestamp()
    nonce: Callable[[], str] = lambda: secrets.token_hex(16)

    def data_source_ids(self) -> list[str]:
        """Return the merchant's data sources (``data_source/get``, which users report as unstable)."""
        path = "/data_source/get"
        sources = _data(self._call("GET", path, {"merchantId": self.merchant_id}), path).get("dataSources")
        return [_source_id(source, path) for source in sources or []]

    def add_data_source(self) -> str:
        """Create the merchant's data source and return its id (datawarehouse/data_source_add.html).

        :raises DataSourceExists: there is one already
        """
        path = "/data_source/add"
        answer = self._call("POST", path, body=json.dumps({"merchantId": self.merchant_id}))
        return _source_id(_data(answer, path).get("dataSource"), path)

    def add_wxapp_visit_page(self, body: str) -> str:
        """Report a day's page visits (wxapp/add_wxapp_page_visit.html); return the answer's text."""
        return self._call("POST", "/analysis/add_wxapp_visit_page", body=body)

    def add_wxapp_visit_distribution(self, body: str) -> str:
        """Report a day's visit distribution; return the answer's text."""
        return self._call("POST", "/analysis/add_wxapp_visit_distribution", body=body)

    def add_order_sum(self, body: str) -> str:
        """Report up to 50 days' order sums (order/add_order_sum.html); return the answer's text."""
        return self._call("POST", "/order/add_order_sum", body=body)

    def add_order(self, body: str) -> str:
        """Report up to 50 orders (order/add_order.html), new or as they are now; return the answer's text."""
        return self._call("POST", "/order/add_order", body=body)

    def update_orders(self, body: str) -> str:
        """Report the states of up to 50 orders that Youshu knows (order/update); return the answer's text."""
        return self._call("POST", "/order/update", body=body)

    def add_return_orders(self, body: str) -> str:
        """Report up to 50 returns (return_order/add); return the answer's text."""
        return self._call("POST", "/return_order/add", body=body)

    def _call(
        self, verb: str, path: str, query: Mapping[str, str] | None = None, body: str | None = None
    ) -> str:
        """Sign, send, and raise where the retcode is not 0."""
        signed = signed_params(
            app_id=self.app_id,
            app_secret=self.app_secret,
            nonce=self.nonce(),
            timestamp=int(self.unix_time()),
        )
        params = {**(query or {}), **signed}
        text = self.transport.call(verb, PREFIX + path, params=params, body=body, method=path)
        answer = _object(text)
        if answer is None or "retcode" not in answer:
            raise NoAnswer(f"no answer of Youshu: {excerpt(text)}", vendor="youshu", method=path, reply=text)
        # One SDK reads the retcode as text, the others as a number.
        code = str(answer["retcode"])
        if code != "0":
            kind, mend = _ERRORS.get(code, (UnknownApiError, None))
            message = without_values(str(answer.get("errmsg") or "no message"))
            raise kind(message, vendor="youshu", method=path, code=code, mend=mend, reply=text)
        return text


def _object(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _data(text: str, path: str) -> dict[str, Any]:
    data = (_object(text) or {}).get("data")
    if not isinstance(data, dict):
        raise NoAnswer(f"answer without data: {excerpt(text)}", vendor="youshu", method=path, reply=text)
    return data


def _source_id(source: Any, path: str) -> str:
    if not isinstance(source, dict) or not source.get("id"):
        raise NoAnswer(f"data source without id: {source!r}", vendor="youshu", method=path)
    return str(source["id"])
