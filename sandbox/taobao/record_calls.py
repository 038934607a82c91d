"""The calls that fetch one record: what a test has put there, else the record that its number stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.taobao import open_choices
from sandbox.taobao.envelope import failed
from sandbox.taobao.gate import Asked
from sandbox.taobao.parameters import Form, boolean, checked, field_names, numbers, text, whole
from sandbox.taobao_records.answers import records_in
from sandbox.taobao_records.json_text import dump, load
from sandbox.taobao_records.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE, WRAPPINGS
from sandbox.taobao_records.press import Press


class RecordCall(NamedTuple):
    table: str
    key: str
    required: Mapping[str, Form]
    optional: Mapping[str, Form]


_FIELDS: Mapping[str, Form] = {"fields": field_names}
CALLS = {
    "taobao.trade.fullinfo.get": RecordCall(
        TRADE, "tid", {"tid": whole, **_FIELDS}, {"include_oaid": text, "is_sensitive": boolean}
    ),
    "taobao.refund.get": RecordCall(REFUND, "refund_id", {"refund_id": whole, **_FIELDS}, {}),
    "taobao.item.seller.get": RecordCall(ITEM, "num_iid", {"num_iid": whole, **_FIELDS}, {}),
    "taobao.fenxiao.orders.get": RecordCall(FX, "purchase_order_id", {"purchase_order_id": whole}, _FIELDS),
    "taobao.fenxiao.dealer.requisitionorder.query": RecordCall(
        JX, "dealer_order_ids", {"dealer_order_ids": numbers}, _FIELDS
    ),
    "tmall.exchange.get": RecordCall(EXCHANGE, "dispute_id", {"dispute_id": whole, **_FIELDS}, {}),
}


class Records:
    def __init__(self, seed: int) -> None:
        self._press = Press(seed)
        self._put: dict[tuple[str, int], str | None] = {}

    def put(self, table: str, number: int, response: str | None) -> None:
        """This whole answer, as it is; None takes the record away."""
        self._put[table, number] = response

    def answer(self, asked: Asked, nick: str) -> str | bytes:
        call = CALLS[asked.method]
        wanted = checked(asked.parameters, call.required, call.optional)
        ids = wanted[call.key] if isinstance(wanted[call.key], list) else [wanted[call.key]]
        found = [text for number in ids if (text := self._find(call.table, number, nick)) is not None]
        if not found:
            return _nothing(call.table)
        whole_answer = found[0] if len(found) == 1 else _merged(found)
        return _only(call.table, whole_answer, wanted.get("fields"))

    def _find(self, table: str, number: int, nick: str) -> str | bytes | None:
        """A seller sees his own records alone; what was put is shown to everybody."""
        if (table, number) in self._put:
            return self._put[table, number]
        record = self._press.record(table, number)
        return record.answer(WRAPPINGS[table]) if record and record.seller == nick else None


def _nothing(table: str) -> str:
    if table in open_choices.NOT_FOUND:
        raise failed(*open_choices.NOT_FOUND[table])
    return open_choices.EMPTY_ANSWERS[table]


def _merged(found: list[str | bytes]) -> str:
    """Several dealer orders in one list."""
    orders = [order for text in found for order in records_in(JX, load(text))]
    head, tail = WRAPPINGS[JX]
    return f"{head}{','.join(map(dump, orders))}{tail}"


def _only(table: str, text: str | bytes, fields: frozenset[str] | None) -> str | bytes:
    """The fields that were asked for; a put text that is no proper answer goes out whole."""
    try:
        answer = load(text)
    except (ValueError, RecursionError):
        return text
    records = records_in(table, answer)
    if fields is None or not records:
        return text
    for record in records:
        for name in record.keys() - fields:
            del record[name]
    return dump(answer)
