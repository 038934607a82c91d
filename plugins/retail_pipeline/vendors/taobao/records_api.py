"""Fetches one record that Jushita has pushed from the Taobao Open Platform again, also if its row is gone.

``jdp_response`` of sys_info holds the whole answer of one method, so that method's answer has the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from retail_pipeline import clock
from retail_pipeline.errors import NoAnswer, PermanentApiError, RateLimited
from retail_pipeline.vendors.taobao.answers import VENDOR, NoSuchRecord, holds_broken_record, no_answer
from retail_pipeline.vendors.taobao.client import TaobaoClient

# A platform that says "slow down" for so long is not busy but unavailable.
PATIENCE = timedelta(minutes=30)
PAUSE = timedelta(seconds=5)  # if it does not say for how long


class _Method(NamedTuple):
    """The call that returns one record of a table.

    :ivar number: the parameter with the record's number
    :ivar path: from the method's root to the record; a search has a list there
    :ivar key: the record's own field with its number
    :ivar search: a search, which returns an empty list where others refuse, and sends all fields unasked
    :ivar also: further parameters
    """

    name: str
    number: str
    path: tuple[str, ...]
    key: str
    search: bool = False
    also: Mapping[str, str] = {}


_METHODS = {
    "jdp_tb_trade": _Method(
        # Pushed trades have an oaid, which the method only sends on request (docs/api.htm?apiId=54).
        "taobao.trade.fullinfo.get",
        "tid",
        ("trade",),
        "tid",
        also={"include_oaid": "include_oaid"},
    ),
    "jdp_tb_refund": _Method("taobao.refund.get", "refund_id", ("refund",), "refund_id"),
    "jdp_tb_item": _Method("taobao.item.seller.get", "num_iid", ("item",), "num_iid"),
    # Its number may be a fenxiao_id or an order's own id, so it may find another order, and more than one.
    "jdp_fx_trade": _Method(
        "taobao.fenxiao.orders.get",
        "purchase_order_id",
        ("purchase_orders", "purchase_order"),
        "fenxiao_id",
        search=True,
    ),
    "jdp_jx_trade": _Method(
        "taobao.fenxiao.dealer.requisitionorder.query",
        "dealer_order_ids",
        ("dealer_orders", "dealer_order"),
        "dealer_order_id",
        search=True,
    ),
    "jdp_exchange_refund": _Method("tmall.exchange.get", "dispute_id", ("result", "exchange"), "dispute_id"),
}


@dataclass(frozen=True)
class RecordsApi:
    """Fetches records of the one seller whose session the client has.

    :param fields: by table, the fields of the record to ask for, its number among them. The methods of
        ``jdp_fx_trade`` and ``jdp_jx_trade`` need none and send all fields
    """

    client: TaobaoClient
    fields: Mapping[str, tuple[str, ...]]

    def fetch(self, table: str, key: int) -> bytes | None:
        """Return the answer with the record, byte for byte; None where the platform has none for this seller.

        An answer that its record makes invalid JSON is returned as it is.

        Another seller's record counts as none. If the platform asks to slow down, it waits and asks again, for half
        an hour in total.

        :param table: of sys_info, in small letters: ``jdp_tb_trade``, ``jdp_tb_refund``, ``jdp_tb_item``,
            ``jdp_fx_trade``, ``jdp_jx_trade`` or ``jdp_exchange_refund``
        :param key: the row's number
        :raises AuthRejected: the session is missing or expired, or another field of the connection is wrong
        :raises RateLimited: the platform asks to slow down for longer than that
        :raises NoAnswer: nothing came back that can be read as an answer with a record
        :raises PermanentApiError: another record came than the one asked for, or several
        :raises ApiError: refused for another reason, classed by what the caller must do
        """
        method = _METHODS[table]
        wanted = {} if method.search else {"fields": ",".join(self.fields[table])}
        params = {method.number: str(key), **wanted, **method.also}
        try:
            return _patiently(lambda: self._ask(method, params, key))
        except NoSuchRecord:
            return None

    def _ask(self, method: _Method, params: Mapping[str, str], key: int) -> bytes | None:
        reply = self.client.ask(method.name, params, as_seller=True)
        try:
            content = self.client.read(reply, method.name, dict[str, Any])
        except NoAnswer:
            if holds_broken_record(reply, method.name, key):
                return reply  # asking again gives the same: it goes to the quarantine as it came
            raise
        records = _records(content, method)
        if not records:
            if method.search:
                return None
            raise no_answer("without a record", method.name)
        if [str(record.get(method.key)) for record in records] != [str(key)]:
            raise PermanentApiError(
                f"reply does not hold {method.key} {key} alone; records: {len(records)}",
                vendor=VENDOR,
                method=method.name,
            )
        return reply


def _records(content: dict[str, Any], method: _Method) -> list[dict[str, Any]]:
    """Return the records at the end of the method's path; an empty list may be absent."""
    found: Any = content
    try:
        for step in method.path:
            found = msgspec.convert(found, dict[str, Any]).get(step) or {}
        several = found if method.search or not found else [found]
        return msgspec.convert(several or [], list[dict[str, Any]])
    except msgspec.ValidationError:
        raise no_answer("without a record", method.name) from None  # the value there may be personal data


def _patiently(ask: Callable[[], bytes | None]) -> bytes | None:
    """Ask again whenever the platform's ban is over, unless that would take too long in total."""
    waited = timedelta()
    while True:
        try:
            return ask()
        except RateLimited as limit:
            ban = limit.retry_after or PAUSE
            waited += ban
            if waited > PATIENCE:
                raise
            clock.pause(ban.total_seconds())
