"""Goes on writing to sys_info as the push does: one change a step, by chance, the same chance for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from sandbox.business_clock import time_text
from sandbox.sys_info.live_rows import LiveRows
from sandbox.sys_info.record_changes import gain_line, go_on, lose_line
from sandbox.sys_info.tables import TABLES, Naming, create
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE, Content

# What happens, and how often of a hundred times.
KINDS = {"insert": 24, "move": 32, "lines": 12, "twice": 8, "late": 12, "retire": 6, "delete": 6}
_TABLES = {TRADE: 60, REFUND: 12, ITEM: 10, FX: 8, JX: 5, EXCHANGE: 5}
_MAX_LATE = 3  # transactions that are open at once
_LATEST = 5  # steps that one may stay open

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    table: str
    numbers: tuple[int, ...]
    at: str  # what jdp_modified was set to, as long as that was not later already
    commits_at: int  # the step that commits it; a late one does so long after it was stamped


@dataclass(frozen=True, slots=True)
class _Late:
    commits_at: int
    connection: Connection[Cursor]
    rows: frozenset[tuple[str, int]]


class Writer:
    """`connect` is called again for each late transaction; `now` is the server's clock unless it is given."""

    def __init__(
        self,
        connect: Callable[[], Connection[Cursor]],
        naming: Naming | None = None,
        seed: int = 1,
        now: Now | None = None,
    ) -> None:
        naming = naming or Naming()
        self._connect = connect
        self._connection = connect()
        self._now = now
        self._dice = Random(f"{seed}/live")
        self._rows = LiveRows(naming, seed, self._dice)
        self._late: list[_Late] = []
        self.steps = 0
        create(self._connection, naming)

    def step(self, kind: str | None = None, table: str | None = None) -> Change:
        """Commits what is due, and makes one change: of that kind and in that table where they are told."""
        self.steps += 1
        self.settle(self.steps)
        kind = kind or self._dice.choices(list(KINDS), list(KINDS.values()))[0]
        table = table or {"lines": TRADE, "delete": ITEM}.get(kind) or self._any_table()
        at = self._seconds()
        if kind == "late":
            if len(self._late) < _MAX_LATE:
                return self._stamp_now_commit_later(table, at)
            kind = "move"
        done, numbers = self._apply(self._connection, kind, table, at)
        self._connection.commit()
        return Change(done, table, tuple(numbers), time_text(at), self.steps)

    def settle(self, until: int | None = None) -> None:
        """Commits the late transactions that are due at that step, or all of them."""
        for late in list(self._late):
            if until is None or late.commits_at <= until:
                late.connection.commit()
                late.connection.close()
                self._late.remove(late)
                self._rows.held -= late.rows

    def close(self) -> None:
        self.settle()
        self._connection.close()

    def _apply(self, connection: Connection[Cursor], kind: str, table: str, at: int) -> tuple[str, list[int]]:
        """What was done in the end: where nothing could be changed so, a row was inserted."""
        numbers = self._changed(connection, kind, table, at)
        return (kind, numbers) if numbers else ("insert", self._rows.insert(connection, table, at))

    def _changed(self, connection: Connection[Cursor], kind: str, table: str, at: int) -> list[int]:
        def move(record: Content, modified: str) -> bool:
            go_on(table, record, TABLES[table].status, modified)
            return True

        match kind:
            case "move":
                return self._rows.alter(connection, table, at, move)
            case "lines":
                first, second = self._dice.sample((lose_line, gain_line), 2)
                return self._rows.alter(connection, table, at, lambda it, _: first(it) or second(it))
            case "twice":
                numbers = self._rows.alter(connection, table, at, move)
                connection.commit()
                for number in numbers:
                    self._rows.alter_one(connection, table, number, at, move)
                return numbers
            case "delete":
                return self._rows.mark_deleted(connection, table, at)
            case "retire":
                return self._rows.retire(connection, table)
        return []

    def _stamp_now_commit_later(self, table: str, at: int) -> Change:
        """Others see the change only steps later, when rows with greater stamps have long been there."""
        connection = self._connect()
        kind = self._dice.choice(("insert", "move"))
        done, numbers = self._apply(connection, kind, table, at)
        due = self.steps + self._dice.randint(1, _LATEST)
        rows = frozenset((table, number) for number in numbers)
        self._rows.held |= rows
        self._late.append(_Late(due, connection, rows))
        return Change(f"late_{done}", table, tuple(numbers), time_text(at), due)

    def _any_table(self) -> str:
        return self._dice.choices(list(_TABLES), list(_TABLES.values()))[0]

    def _seconds(self) -> int:
        if self._now:
            return int(self._now().timestamp())
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT UNIX_TIMESTAMP()")
            ((seconds,),) = cursor.fetchall()
        return int(seconds)
