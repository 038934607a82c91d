"""Loads of sys_info as Airflow would run them, and the comparison of the warehouse with the source's truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline import clock as product_clock
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.orchestration.dag_defaults import SYS_INFO_PARAMS
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.operators import (
    PlanSysInfoOperator,
    SysInfoToWarehouseOperator,
)
from retail_pipeline.tables.description import Table
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, OWN_COLUMNS, FeedTable
from sandbox.record_json import load
from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.tables import Naming, connect
from sandbox.sys_info.truth import truth
from sandbox.taobao.kinds import records_in
from tests.conftest import SimulatedClock, server_url
from tests.jushita_sys_info.rds_tables import empty_both_sides
from tests.windows.load_runs import LOAD_FROM, MONDAY_NOON, LoadRuns, Row, write_settings

PIPELINE, DAG_ID = "jushita_sys_info", "jushita_sys_info_load"
TRADE = "jdp_tb_trade"


def settings_file(
    folder: Path, target: str = "warehouse_postgres", jushita: Row | None = None, **reading: Any
) -> Path:
    """Write settings with small pages and chunks: their edges are where rows get lost."""

    def change(content: Row) -> None:
        instance = {"name": "rds", "conn_id": "jushita_mysql", "load_from": LOAD_FROM}
        content["jushita"] = {"target_conn_id": target, "instances": [instance], **(jushita or {})}
        content["loads"][PIPELINE] = {"page_rows": 10, "chunk_rows": 100, **reading}

    return write_settings(folder, change)


@dataclass
class SysInfoRuns(LoadRuns):
    """Runs the tasks of the load; the RDS's clock is the simulated one.

    :ivar target: a session with the warehouse
    :ivar owner: a session with sys_info that may write
    """

    dag_id, params = DAG_ID, SYS_INFO_PARAMS

    target: Any
    owner: Any
    naming: Naming = field(default_factory=Naming)

    def run(self, table: str = TRADE, run_type: str = "scheduled", **params: Any) -> list[Row]:
        """Plan and load one table; return what each chunk came to."""
        context = self.context(run_type, **params)
        return [self.load(chunk, context) for chunk in self.plan(table, context)]

    def run_all(self, run_type: str = "scheduled", **params: Any) -> None:
        for table in FEED_TABLES:
            self.run(table, run_type, **params)

    def plan(self, table: str, context: Row) -> list[Row]:
        return PlanSysInfoOperator(task_id=f"plan_{table}", table=table).execute(context)

    def load(self, chunk: Row, context: Row) -> Row:
        return SysInfoToWarehouseOperator(task_id=f"load_{chunk['table']}", chunk=chunk).execute(context)

    def fill(self, trades: int, start: datetime, end: datetime, *, nasty: bool = False) -> None:
        wish = Wish(trades, int(start.timestamp()), int(end.timestamp()), nasty=nasty)
        fill(self.owner, wish, self.naming)

    def rows(self, sql: str, values: Any = None) -> list[Row]:
        return query_text(self.target, sql, values)

    def watermark(self, table: str = TRADE) -> datetime | None:
        return self.watermark_of(f"rds/{table}")

    def write(self, sql: str, *values: Any) -> None:
        """Change sys_info."""
        with self.owner.cursor() as cursor:
            cursor.execute(sql, values)
        self.owner.commit()


@contextmanager
def running(clock: SimulatedClock, target: str, patch: pytest.MonkeyPatch) -> Iterator[SysInfoRuns]:
    """Yield runs with empty tables on both sides; waiting takes no time."""
    clock.set(MONDAY_NOON)
    patch.setattr(product_clock, "pause", lambda _seconds: None)
    patch.setattr(SysInfoTable, "now", lambda _table: clock.moment)
    # The tables are filled into the future, which the clock then reaches.
    patch.setattr(SysInfoTable, "stamps", lambda _table: (None, None))
    with closing(connect(server_url("JUSHITA_OWNER_MYSQL_URL"))) as owner, open_target(target) as session:
        empty_both_sides(owner, session)
        yield SysInfoRuns(clock, session, owner)


def differences(runs: SysInfoRuns, only: Iterable[str] = FEED_TABLES) -> list[str]:
    """Compare every field of every row of the source with the warehouse; [] where it holds just that.

    What cannot be used, and is in the quarantine, is left out.
    """
    found = []
    aside = {(row["account"], row["source_key"]) for row in runs.quarantine()}
    for name, rows in truth(runs.owner, runs.naming, only=only).items():
        table = FEED_TABLES[name]
        wanted = {key: row for key, row in rows.items() if (f"rds/{name}", str(key)) not in aside}
        heads = {row[table.key]: row for row in runs.rows(f"SELECT * FROM {table.head.name}")}
        found += [f"{name} {key}: not there" for key in wanted.keys() - heads.keys()]
        found += [f"{name} {key}: too much" for key in heads.keys() - rows.keys()]
        children = _children(runs, table)
        for key in wanted.keys() & heads.keys():
            [record] = records_in(name, load(wanted[key]["jdp_response"]))
            found += [
                f"{name} {key}: {what}" for what in _unequal(table, wanted[key], record, heads[key], children)
            ]
    return found


def _children(runs: SysInfoRuns, table: FeedTable) -> dict[str, dict[int, list[Row]]]:
    found: dict[str, dict[int, list[Row]]] = {}
    for child in table.children:
        by_head = found.setdefault(child.table.name, {})
        order = ", ".join(child.table.key)
        for row in runs.rows(f"SELECT * FROM {child.table.name} ORDER BY {order}"):
            by_head.setdefault(row[table.key], []).append(row)
    return found


def _unequal(
    table: FeedTable, pushed: Row, record: Row, head: Row, children: dict[str, dict[int, list[Row]]]
) -> Iterator[str]:
    lists = {child.path[0]: child for child in table.children}
    fields = {name: value for name, value in record.items() if name not in lists}
    yield from _unequal_fields(table.head, fields, head)
    own = {"jdp_modified": pushed["jdp_modified"], "jdp_hashcode": pushed["jdp_hashcode"]}
    for name, value in own.items():
        if _comparable(head[name]) != _comparable(value):
            yield f"{name} is {head[name]!r}, not {value!r}"
    if bool(head["deleted"]) != bool(pushed.get("jdp_delete")):
        yield "deleted differs"
    for name, child in lists.items():
        elements = (record.get(name) or {}).get(child.path[1], [])
        rows = children[child.table.name].get(head[table.key], [])
        own_key = child.table.key[1]
        if own_key != "line_no":
            elements = sorted(elements, key=lambda element: int(element[own_key]))
        if len(rows) != len(elements):
            yield f"{len(elements)} of {name} wanted, {len(rows)} there"
            continue
        for element, row in zip(elements, rows, strict=True):
            yield from _unequal_fields(child.table, element, row)


def _unequal_fields(table: Table, fields: Row, row: Row) -> Iterator[str]:
    extra = _document(row["extra"]) or {}
    for name, value in fields.items():
        column = table.by_field.get(name)
        got = row[column.name] if column and name not in extra else extra.get(name, "absent")
        if _comparable(got) != _comparable(value):
            yield f"{name} is {got!r}, not {value!r}"
    for name, column in table.by_field.items():
        ours = column.name in table.key or name in OWN_COLUMNS
        if row[column.name] is not None and name not in fields and not ours:
            yield f"{name} is there, and should not be"


def _document(value: Any) -> Any:
    return load(value) if isinstance(value, str) else value


def _comparable(value: Any) -> Any:
    """Bring a column's value and the source's into one form."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (int, Decimal)):
        return str(Decimal(value).normalize())
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, default=str)
    return _of_text(value) if isinstance(value, str) else value


def _of_text(text: str) -> str:
    try:
        return str(Decimal(text).normalize())
    except ArithmeticError:
        pass
    try:
        return json.dumps(load(text), sort_keys=True, default=str) if text[:1] in ("{", "[") else text
    except ValueError:
        return text
