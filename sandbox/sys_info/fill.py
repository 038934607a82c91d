"""Fills sys_info with so many trades and, in proportion, with everything else that is pushed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from sandbox.sys_info import nasty
from sandbox.sys_info.table_rows import Row, insert_rows, row_of
from sandbox.sys_info.tables import Naming, create, empty
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE
from sandbox.taobao.press import EXCHANGED, FILL_SERIALS, LONGEST, REFUNDED, Press, Record, number_of

# So many trades for one of these.
_FOR_EACH = {ITEM: 20, FX: 25, JX: 50}
# Runs of rows that share one second: of every so many rows the first ones do.
_RUN, _TIED = 2000, 300
# Of every so many trades retention has removed the last one; its refund and its exchange are still there.
_KEPT = 50
_STATEMENT_BYTES = 1_000_000
MAX_A_SECOND = 500  # what the numbers have room for


@dataclass(frozen=True, slots=True)
class Wish:
    trades: int
    first: int  # jdp_modified lies in [first, last), in seconds since 1970
    last: int
    seed: int = 1
    nasty: bool = False


def fill(connection: Connection[Cursor], wish: Wish, naming: Naming) -> dict[str, int]:
    """Empties the tables first; how many rows each has now. Flat in memory, however many are asked for."""
    if wish.trades > (wish.last - wish.first) * MAX_A_SECOND:
        raise ValueError(f"the time asked for has no room for more than {MAX_A_SECOND} trades a second")
    create(connection, naming)
    empty(connection, naming)
    written: Counter[str] = Counter()
    waiting: dict[str, list[Row]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    for record in records(wish):
        row = row_of(record)
        waiting[record.kind].append(row)
        sizes[record.kind] += len(row["jdp_response"])
        written[record.kind] += 1
        if sizes[record.kind] > _STATEMENT_BYTES:
            _flush(connection, naming, record.kind, waiting, sizes)
    for kind in list(waiting):
        _flush(connection, naming, kind, waiting, sizes)
    if wish.nasty:
        written.update(row.table for row in nasty.insert(connection, naming, wish.seed, wish.last - 1))
    return dict(written)


def records(wish: Wish) -> Iterator[Record]:
    press = Press(wish.seed)
    removed = wish.trades // _KEPT
    for place, number in enumerate(_numbers(TRADE, wish.trades + removed, wish)):
        if place % (_KEPT + 1) != _KEPT:
            yield _found(press.record(TRADE, number))
        for kind, role in ((REFUND, REFUNDED), (EXCHANGE, EXCHANGED)):
            if aftersale := press.record(kind, number + role):
                yield aftersale
    for kind, ratio in _FOR_EACH.items():
        for number in _numbers(kind, wish.trades // ratio, wish):
            yield _found(press.record(kind, number))


def _numbers(kind: str, count: int, wish: Wish) -> Iterator[int]:
    """In the order of jdp_modified, in which the numbers themselves are not: what is pushed now may be days old."""
    dice = Random(f"{wish.seed}/{kind}")
    span = wish.last - wish.first
    oldest = min(LONGEST, span // 100)  # a tenth of the span, in tens of seconds
    run = min(_RUN, max(1, count // 2))
    for place in range(count):
        tied = place % run < run * _TIED // _RUN
        slot = place - place % run if tied else place
        pushed = wish.first + slot * span // count
        yield number_of(pushed, int(oldest * dice.random() ** 3), place % len(FILL_SERIALS))


def _found(record: Record | None) -> Record:
    assert record is not None
    return record


def _flush(
    connection: Connection[Cursor],
    naming: Naming,
    kind: str,
    waiting: dict[str, list[Row]],
    sizes: Counter[str],
) -> None:
    insert_rows(connection, naming.of(kind), waiting.pop(kind))
    sizes[kind] = 0
    connection.commit()
