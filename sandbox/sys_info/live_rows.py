"""What a push can do to the rows of one table, each on the connection it is told; nothing here commits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from sandbox.business_clock import read_time, time_text
from sandbox.record_json import load
from sandbox.sys_info.table_rows import hashcode, insert_rows, row_of, update_row
from sandbox.sys_info.tables import TABLES, Naming
from sandbox.taobao.kinds import Content, dump, records_in
from sandbox.taobao.press import LIVE_SERIALS, Press, number_of, role_in

_HOUR = 360  # in tens of seconds
_NEIGHBOURS = 8
_KEEPS = 5  # so many rows of a table are never removed

Alter = Callable[[Content, str], bool]  # false where this record cannot be changed so


class LiveRows:
    def __init__(self, naming: Naming, seed: int, dice: Random) -> None:
        self._naming = naming
        self._press = Press(seed)
        self._dice = dice
        self._serials = itertools.cycle(LIVE_SERIALS)
        self.held: set[tuple[str, int]] = (
            set()
        )  # what an open transaction has changed, and nobody else may touch

    def insert(self, connection: Connection[Cursor], table: str, at: int) -> list[int]:
        """A record that is pushed for the first time; its own times lie up to an hour back."""
        while True:
            age, serial = self._dice.randrange(_HOUR), next(self._serials)
            record = self._press.record(table, number_of(at, age, serial, role_in(table)))
            if record and not self._is_taken(connection, table, record.number):
                insert_rows(connection, self._naming.of(table), [row_of(record)])
                return [record.number]

    def alter(self, connection: Connection[Cursor], table: str, at: int, change: Alter) -> list[int]:
        """Some record is other than it was, and its row is written again with a new jdp_modified."""
        for number in self._some(connection, table):
            if self.alter_one(connection, table, number, at, change):
                return [number]
        return []

    def alter_one(
        self, connection: Connection[Cursor], table: str, number: int, at: int, change: Alter
    ) -> bool:
        described = TABLES[table]
        asked = f"SELECT `jdp_response`, `jdp_modified` FROM {{}} WHERE `{described.key}` = %s"
        ((response, pushed),) = self._ask(connection, asked, table, number)
        answer = _loaded(response)
        records = records_in(table, answer)
        stamp = _later(at, pushed)
        modified = time_text((read_time(stamp) or at) - 2)
        if not records or not change(records[0], modified):
            return False
        record = records[0]
        record[described.modified] = modified
        text = dump(answer).encode("utf-8", "backslashreplace")
        row = {
            described.status: record[described.status],
            described.modified: modified,
            "jdp_modified": stamp,
            "jdp_hashcode": hashcode(text),
            "jdp_response": text,
        }
        update_row(connection, self._naming.of(table), described.key, number, row)
        return True

    def mark_deleted(self, connection: Connection[Cursor], table: str, at: int) -> list[int]:
        """The row stays and its answer, too; only the mark is new."""
        key = TABLES[table].key
        for number in self._some(connection, table):
            ((pushed,),) = self._ask(
                connection, f"SELECT `jdp_modified` FROM {{}} WHERE `{key}` = %s", table, number
            )
            row = {"jdp_delete": 1, "jdp_modified": _later(at, pushed)}
            update_row(connection, self._naming.of(table), key, number, row)
            return [number]
        return []

    def retire(self, connection: Connection[Cursor], table: str) -> list[int]:
        """Retention removes the rows that were pushed longest ago."""
        key = TABLES[table].key
        oldest = self._ask(
            connection, f"SELECT `{key}` FROM {{}} ORDER BY `jdp_modified`, `{key}` LIMIT 20", table
        )
        free = [number for (number,) in oldest if (table, number) not in self.held]
        gone = free[: self._dice.randint(1, 3)] if len(free) > _KEEPS else []
        for number in gone:
            self._ask(connection, f"DELETE FROM {{}} WHERE `{key}` = %s", table, number)
        return gone

    def _some(self, connection: Connection[Cursor], table: str) -> list[int]:
        """Neighbours, beginning anywhere."""
        key = TABLES[table].key
        ((low, high),) = self._ask(connection, f"SELECT MIN(`{key}`), MAX(`{key}`) FROM {{}}", table)
        if low is None:
            return []
        found = self._ask(
            connection,
            f"SELECT `{key}` FROM {{}} WHERE `{key}` >= %s ORDER BY `{key}` LIMIT {_NEIGHBOURS}",
            table,
            self._dice.randint(low, high),
        )
        return [number for (number,) in found if (table, number) not in self.held]

    def _is_taken(self, connection: Connection[Cursor], table: str, number: int) -> bool:
        key = TABLES[table].key
        asked = f"SELECT 1 FROM {{}} WHERE `{key}` = %s"
        return (table, number) in self.held or bool(self._ask(connection, asked, table, number))

    def _ask(self, connection: Connection[Cursor], query: str, table: str, *values: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query.format(f"`{self._naming.of(table)}`"), values)
            return list(cursor.fetchall())


def _loaded(response: str | None) -> Any:
    try:
        return load(response or "")
    except (ValueError, RecursionError):
        return None


def _later(at: int, pushed: Any) -> str:
    """jdp_modified never goes back, even where the clock was set back."""
    text = time_text(at)
    return text if pushed is None else max(text, f"{pushed:%Y-%m-%d %H:%M:%S}")
