"""A certificate holds values against values: whatever changes one on the way, no window is complete over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.databases.target_session import dialect
from retail_pipeline.errors import WindowIncomplete
from retail_pipeline.tables import column_values
from retail_pipeline.tables import mysql_stage as mysql_sink
from retail_pipeline.tables import postgres_stage as postgres_sink
from retail_pipeline.tables import target_tables as tables
from retail_pipeline.tables.description import Kind
from retail_pipeline.vendors.taobao import typed_rows
from retail_pipeline.windows import value_comparison
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file
from tests.windows.spoilt_tables import GARBLED, spoiling

HOUR = timedelta(hours=1)
BEFORE = MONDAY_NOON - 3 * HOUR
# Table, column, what is written instead, of which rows, and what the certificate then names.
SPOILT = {
    "a time eight hours late": ("taobao_trade", "created", "NEW.created + INTERVAL '8' HOUR", "1 = 1"),
    "the version eight hours late": ("taobao_trade", "jdp_modified", "NEW.jdp_modified + INTERVAL '8' HOUR", "1 = 1"),
    "a millisecond of one row": (
        "taobao_trade", "modified", "NEW.modified + INTERVAL '0.001' SECOND", "MOD(NEW.tid, 7) = 1",
    ),
    "a text in another encoding": ("taobao_order", "title", "garbled", "1 = 1"),
    "an empty text for NULL": ("taobao_trade", "buyer_message", "COALESCE(NEW.buyer_message, '')", "1 = 1"),
    "an amount": ("taobao_order", "payment", "NEW.payment + 0.0001", "MOD(NEW.oid, 7) = 1"),
    "NULL for an amount of nothing": ("taobao_trade", "post_fee", "NULLIF(NEW.post_fee, 0)", "1 = 1"),
    "a lost sub-order": ("taobao_order", "tid", "-NEW.tid", "MOD(NEW.oid, 7) = 1"),
    "a number": ("taobao_order", "num", "NEW.num + 1", "MOD(NEW.oid, 7) = 1"),
    "a flag": ("taobao_trade", "has_post_fee", "NULL", "1 = 1"),
    "a document": ("taobao_trade", "trade_ext", "'[]'", "NEW.trade_ext IS NOT NULL"),
    "a value in a column without a field": ("taobao_trade", "ua", "'x'", "1 = 1"),
}  # fmt: skip


def loaded(runs: SysInfoRuns) -> dict[str, Any]:
    """Load and return the certificate of the window that had the trades."""
    runs.run()
    return last(runs)


def last(runs: SysInfoRuns) -> dict[str, Any]:
    return runs.certificates()[-1]


def told(row: dict[str, Any]) -> dict[str, Any]:
    return row["compared"] if isinstance(row["compared"], dict) else json.loads(row["compared"])


def refused(runs: SysInfoRuns) -> dict[str, Any]:
    """Load what differs; return its certificate, once it is seen that nothing else was done."""
    runs_before, mark = len(runs.certificates()), runs.watermark()
    *_, part = parts = runs.plan(TRADE, context := runs.context())
    for each in parts[:-1]:
        runs.load(each, context)
    mark = runs.watermark() or mark
    with pytest.raises((WindowIncomplete, AirflowFailException)):
        runs.load(part, context)
    row = last(runs)
    assert len(runs.certificates()) > runs_before
    assert row["verdict"] == "incomplete"
    assert runs.watermark() == mark
    return row


def spoil(runs: SysInfoRuns, name: str) -> Any:
    table, column, value, when = SPOILT[name]
    return spoiling(runs.target, table, column, GARBLED[dialect(runs.target)].format(column=column)
                    if value == "garbled" else value, when)  # fmt: skip


@pytest.fixture
def runs(each_target, tmp_path) -> SysInfoRuns:
    """Trades that are one chunk; many of them are of two sub-orders."""
    settings_file(tmp_path, _target(each_target), page_rows=20, chunk_rows=1000)
    each_target.fill(50, BEFORE, MONDAY_NOON - HOUR)
    return each_target


def _target(runs: SysInfoRuns) -> str:
    return {"mysql": "bi_mysql", "postgres": "warehouse_postgres"}[dialect(runs.target)]


def test_a_window_whose_values_arrive_says_so_on_both_sides(runs):
    row = loaded(runs)

    assert row["verdict"] == "complete"
    assert row["error"] is None
    compared = told(row)
    assert (compared["sampled"], compared["unequal"], compared["known"]) == (50, 0, 0)
    for table in ("taobao_trade", "taobao_order", "taobao_promotion"):
        for source, target in compared["tables"][table].values():
            assert source == target
    [sums] = runs.rows(
        "SELECT COUNT(*) AS count, SUM(payment) AS payment, SUM(price) AS price FROM taobao_order"
    )
    assert compared["tables"]["taobao_order"]["rows"] == [sums["count"]] * 2
    assert {*compared["tables"]["taobao_trade"]} == {
        "rows",
        "amounts",
        "times",
        "texts",
        "numbers",
        "documents",
    }


@pytest.mark.long
def test_what_a_trigger_changes_in_new_rows_is_no_complete_window(runs):
    for name, (table, column, *_) in SPOILT.items():
        with spoil(runs, name):
            error = refused(runs)["error"]
        assert table in error, name
        assert ("rows in the source" if column == "tid" else f"{table}.{column}") in error or column == "ua"
        assert runs.rows("SELECT tid FROM taobao_trade") == [], name
    runs.run()
    assert differences(runs, [TRADE]) == []
    assert last(runs)["verdict"] == "complete"


@pytest.mark.long
def test_what_a_trigger_changes_in_rows_that_were_there_is_no_complete_window(runs):
    runs.run()
    there = runs.rows("SELECT tid, payment, created FROM taobao_trade ORDER BY tid")
    runs.clock.advance(timedelta(minutes=30))
    runs.write("UPDATE jdp_tb_trade SET jdp_modified = '2026-11-23 12:20:00'")
    for name in ("a time eight hours late", "an amount", "a lost sub-order"):
        with spoil(runs, name):
            assert SPOILT[name][0] in refused(runs)["error"]
        assert runs.rows("SELECT tid, payment, created FROM taobao_trade ORDER BY tid") == there
    runs.run()
    assert differences(runs, [TRADE]) == []


@pytest.mark.long
def test_a_shifted_version_is_not_taken_for_a_newer_one(runs):
    """It would refuse the right rows for eight hours, and every window would be complete over the wrong ones."""
    for _ in range(2):
        with spoil(runs, "the version eight hours late"):
            row = refused(runs)
        assert row["refused"] == 0
    runs.run()
    assert last(runs)["refused"] == 0
    assert differences(runs, [TRADE]) == []


@pytest.fixture
def no_canary(monkeypatch):
    """It goes the way of the rows before they do, and would die of most of these."""
    monkeypatch.setattr(tables, "prove", lambda _session: None)


def shift(values: list[Any]) -> list[Any]:
    return [value and value.replace(" 1", " 0", 1) for value in values]


FAULTS: dict[str, tuple[Kind, Callable[[list[Any]], list[Any]]]] = {
    "shifted times": (Kind.MOMENT, shift),
    "rounded amounts": (Kind.MONEY, lambda values: [value and value.partition(".")[0] for value in values]),
    "garbled texts": (Kind.LONG_TEXT, lambda values: [v and v.encode().decode("latin1") for v in values]),
    "cut texts": (Kind.LONG_TEXT, lambda values: [v and v[:10] for v in values]),
    "numbers one too many": (Kind.BIGINT, lambda values: [v and v + 1 for v in values]),
    "columns without values": (Kind.MONEY, lambda values: [None] * len(values)),
}


@pytest.mark.long
def test_a_fault_in_the_code_that_makes_columns_is_no_complete_window(runs, monkeypatch):
    columns = typed_rows._Fields.columns
    for kind, spoilt in FAULTS.values():

        def faulty(self: Any, records: Any, *, of: Kind = kind, by: Any = spoilt) -> Any:
            found, lists = columns(self, records)
            kinds = {column.name: column.kind for column in self.table.columns}
            found.values = [
                by(values) if kinds[name] is of and name not in self.table.key else values
                for name, values in zip(found.names, found.values, strict=True)
            ]
            return found, lists

        with monkeypatch.context() as patch:
            patch.setattr(typed_rows._Fields, "columns", faulty)
            refused(runs)


@pytest.mark.long
def test_a_fault_in_the_converters_is_no_complete_window_where_rows_go_the_slow_way(
    runs, no_canary, monkeypatch
):
    for kind, spoilt in FAULTS.values():
        right = column_values._CONVERTERS[kind]

        def faulty(column: Any, values: list[Any], *, how: Any = right, by: Any = spoilt) -> list[Any]:
            found = how(column, values)
            return found if column.required or column.name.startswith("jdp_") else by(found)

        with monkeypatch.context() as patch:
            patch.setattr(typed_rows.TypedRows, "columns", odd)
            patch.setitem(column_values._CONVERTERS, kind, faulty)
            refused(runs)


def odd(*_: Any) -> Any:
    raise typed_rows.NeedsSlowPath


@pytest.mark.long
def test_a_fault_in_what_is_sent_is_no_complete_window(runs, no_canary, monkeypatch):
    sink = postgres_sink if dialect(runs.target) == "postgres" else mysql_sink
    stage = sink.PostgresStage if dialect(runs.target) == "postgres" else sink.MySqlStage
    lines = sink.json_lines
    faults: list[Callable[[Any], bytes]] = [
        lambda columns: b"".join(lines(columns).splitlines(keepends=True)[1:]),
        lambda columns: lines(columns).replace("雾霾蓝".encode(), "雾霾藍".encode()).replace(b"\\\\", b"/"),
    ]
    for fault in faults:
        with monkeypatch.context() as patch:
            patch.setattr(stage, "lines", staticmethod(fault))
            refused(runs)


@pytest.mark.long
def test_of_many_rows_some_are_drawn_and_compared_field_by_field(runs, tmp_path, monkeypatch):
    settings_file(tmp_path, _target(runs), page_rows=50, chunk_rows=1000)
    monkeypatch.setattr(value_comparison, "MIN_SAMPLED", 20)
    runs.fill(250, BEFORE, MONDAY_NOON - HOUR)
    drawn, sample = [], value_comparison.Random.sample

    def drawing(self: Any, population: Any, k: int) -> Any:
        drawn.append(sample(self, population, k))
        return drawn[-1]

    monkeypatch.setattr(value_comparison.Random, "sample", drawing)
    row = loaded(runs)

    assert told(row)["sampled"] == len({*drawn[-1]}) == 20
    assert {*drawn[-1]} <= {each["tid"] for each in runs.rows("SELECT tid FROM taobao_trade")}
