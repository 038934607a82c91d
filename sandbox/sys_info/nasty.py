"""Rows that a loader must survive: each is a good record spoilt in one way, which its name says."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from sandbox.record_json import load
from sandbox.sys_info.table_rows import Row, hashcode, insert_rows, row_of
from sandbox.sys_info.tables import TABLES, Naming
from sandbox.taobao.kinds import TRADE, WRAPPINGS, dump
from sandbox.taobao.press import NASTY_SERIAL, Press, Record, number_of, role_in

HUGE = 10 * 1024 * 1024
_ERROR = {"code": 15, "msg": "Remote service error", "sub_code": "isp.remote-service-error"}
_AGES = range(1, 2000)  # among so many numbers there is a trade of every kind


class NastyRow(NamedTuple):
    name: str
    table: str
    number: int


Spoil = Callable[[dict[str, Any]], object]
Respond = Callable[[Record], bytes | None]


class _Plan(NamedTuple):
    """Made only when it is wanted, because one of them has ten megabytes."""

    name: str
    record: Record
    respond: Respond
    columns: Row


def _put(**fields: Any) -> Spoil:
    return lambda record: record.__ior__(fields)


def _drop(name: str) -> Spoil:
    return lambda record: record.pop(name)


# Of trades: what is changed in the record itself.
_SPOILT: dict[str, Spoil] = {
    "no_orders": _drop("orders"),
    "no_order_in_orders": _put(orders={"order": []}),
    "null_orders": _put(orders=None),
    "number_for_text": _put(payment=Decimal("88.10"), title=12345),
    "text_for_number": _put(num="two"),
    "nul_in_text": _put(buyer_message="a\0b"),
    "lone_surrogate": _put(buyer_message="\ud83d"),
    "zero_date": _put(pay_time="0000-00-00 00:00:00"),
    "no_such_date": _put(pay_time="2026-02-30 10:00:00"),
    "null_for_absent": _put(seller_memo=None, buyer_message=""),
    "huge": _put(seller_memo="长" * (HUGE // 3)),
}
# Of every table: what lies in jdp_response instead.
_RESPONSES: dict[str, Respond] = {
    "broken_json": lambda record: record.answer()[:-20].decode("utf-8", "ignore").encode(),
    "null_response": lambda _record: None,
    "empty_response": lambda _record: b"",
    "error_response": lambda _record: json.dumps({"error_response": _ERROR}).encode(),
    "wrong_root": lambda record: record.answer().replace(b"_response", b"_answer", 1),
    "not_an_object": lambda record: b"[" + record.inner + b"]",
}


def insert(
    connection: Connection[Cursor],
    naming: Naming,
    seed: int,
    pushed: int,
    only: Collection[str] | None = None,
) -> list[NastyRow]:
    """One of each, or those of these names, all with this second as jdp_modified."""
    written = []
    for name, record, respond, columns in _plans(Press(seed), pushed):
        if only is not None and name not in only:
            continue
        response = respond(record)
        spoilt = {"jdp_response": response, "jdp_hashcode": hashcode(response or b""), **columns}
        insert_rows(connection, naming.of(record.kind), [row_of(record) | spoilt])
        written.append(NastyRow(name, record.kind, record.number))
    connection.commit()
    return written


def _plans(press: Press, pushed: int) -> Iterator[_Plan]:
    good = {kind: _good(press, kind, pushed) for kind in TABLES}
    for name, spoil in _SPOILT.items():
        yield _Plan(name, next(good[TRADE]), _spoilt(spoil), {})
    first, second = next(good[TRADE]), next(good[TRADE])
    yield _Plan("id_clash", first, Record.answer, {})
    yield _Plan("id_clash", second, _spoilt(_put(orders=load(first.inner)["orders"])), {})
    for kind in TABLES:
        for name, respond in _RESPONSES.items():
            yield _Plan(name, next(good[kind]), respond, {})
        zero = {TABLES[kind].modified: "0000-00-00 00:00:00"}
        yield _Plan("zero_date_in_column", next(good[kind]), Record.answer, zero)


def _spoilt(spoil: Spoil) -> Respond:
    def respond(record: Record) -> bytes:
        head, tail = WRAPPINGS[record.kind]
        content = load(record.inner)
        spoil(content)
        return f"{head}{dump(content)}{tail}".encode("utf-8", "backslashreplace")

    return respond


def _good(press: Press, kind: str, pushed: int) -> Iterator[Record]:
    for age in _AGES:
        if record := press.record(kind, number_of(pushed, age, NASTY_SERIAL, role_in(kind))):
            yield record
