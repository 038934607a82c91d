"""The three calls for push users, and those that fetch one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.record_json import load
from sandbox.taobao import open_choices
from sandbox.taobao.apps import RDS_NAMES
from sandbox.taobao.envelope import failed, invalid, missing
from sandbox.taobao.gate import Asked, Form, boolean, checked, field_names, numbers, text, time, whole
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE, WRAPPINGS, dump, records_in
from sandbox.taobao.memory import PushUsers
from sandbox.taobao.press import Press

MAX_HISTORY_DAYS = 90
_PAGE = {"page_size": 200, "page_no": 1}


def users_get(users: PushUsers, asked: Asked, at: float) -> dict[str, Any]:
    """All of them, or those that changed in [start_modified, end_modified], or the one asked for."""
    forms = {"start_modified": time, "end_modified": time, "user_id": whole, **dict.fromkeys(_PAGE, whole)}
    wanted = {**_PAGE, **checked(asked.parameters, {}, forms)}
    for name in _PAGE:
        if wanted[name] < 1 or (name == "page_size" and wanted[name] > open_choices.PAGE_LIMIT):
            raise invalid(name)
    found = [
        user.told()
        for user in users.users(at)
        if wanted.get("user_id", user.user_id) == user.user_id
        and wanted.get("start_modified", 0) <= user.modified
        and int(user.modified) <= wanted.get("end_modified", user.modified)
    ]
    begin = (wanted["page_no"] - 1) * wanted["page_size"]
    page = found[begin : begin + wanted["page_size"]]
    return {"total_results": len(found), **({"users": {"jdp_user": page}} if page else {})}


def user_add(users: PushUsers, asked: Asked, at: float, nick: str) -> dict[str, Any]:
    wanted = checked(asked.parameters, {"rds_name": text}, {"history_days": whole})
    if wanted.get("history_days", 0) > MAX_HISTORY_DAYS:
        raise invalid("history_days")
    if wanted["rds_name"] not in RDS_NAMES:
        raise failed(*open_choices.NO_SUCH_RDS)
    users.add(nick, wanted["rds_name"], wanted.get("history_days"), at)
    return {"is_success": True}


def user_delete(users: PushUsers, asked: Asked, at: float) -> dict[str, Any]:
    wanted = checked(asked.parameters, {}, {"nick": text, "user_id": whole})
    if not wanted:
        raise missing("nick")
    users.delete(at, wanted.get("nick"), wanted.get("user_id"))
    return {"is_success": True}


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
