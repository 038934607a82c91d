"""A comparison of many rows is many short statements: each looks at few rows, and all together at all."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.business_time import Window
from retail_pipeline.orchestration.sessions import open_mysql
from retail_pipeline.pipelines.jushita_sys_info import reconcile as sys_info_reconcile
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.tables.fingerprint import MODULUS, sum_of
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable, Tally
from tests.jushita_sys_info.faults.test_reconcile import reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON, SysInfoRuns, differences, running, settings_file
from tests.vendors.taobao.integration.test_sys_info import (
    NOON,
    SECOND,
    TRADE,
    WINDOW,
    owner,
    put,
    rds,
    reader,
)

HOUR = timedelta(hours=1)
ROWS = 50
__all__ = ["owner", "rds"]  # fixtures


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.lists(st.integers(0, 40) | st.integers(0, 86_399), max_size=60), rows=st.integers(1, 20))
def test_chunks_leave_no_gap_and_have_few_rows(owner, rds, seconds, rows):
    put(owner, sorted(seconds))
    table = reader(rds)

    chunks = list(table.chunks(WINDOW, rows))

    assert [chunk.start for chunk in chunks] == [WINDOW.start, *(chunk.end for chunk in chunks[:-1])]
    assert chunks[-1].end == WINDOW.end
    digests = [table.version_tally(chunk) for chunk in chunks]
    whole = table.version_tally(WINDOW)
    assert sum(digest.total for digest in digests) == whole.total == len(seconds)
    assert sum_of(digest.checksum for digest in digests) == whole.checksum
    for chunk, digest in zip(chunks, digests, strict=True):
        assert digest.total <= rows or chunk.end - chunk.start == SECOND
    # Few seconds with more rows than that aside, none is smaller than need be.
    assert len(chunks) <= 2 * (len(seconds) // rows + 1) + len(Counter(seconds))


def test_an_empty_window_and_an_empty_table_have_chunks_too(owner, rds):
    put(owner, [])
    assert list(reader(rds).chunks(WINDOW, 10)) == [WINDOW]
    assert list(reader(rds).chunks(Window(NOON, NOON), 10)) == []


def test_an_edge_is_found_in_the_index_alone(owner, rds):
    put(owner, list(range(2000)))
    table = reader(rds)
    values = {"start": "2026-11-23 12:00:00", "end": "2026-11-24 12:00:00", "rows": 100}

    with rds.cursor() as cursor:
        cursor.execute(f"EXPLAIN {table.text('edge')}", values)
        [plan] = cursor.fetchall()

    assert "Using index" in str(plan[-1])
    assert "filesort" not in str(plan[-1])


@pytest.fixture(params=["warehouse_postgres", "bi_mysql"])
def loaded(request, simulated_clock, warehouse, bi, tmp_path, monkeypatch) -> Any:
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, request.param, chunk_rows=5000)))
    monkeypatch.setattr(sys_info_reconcile, "CHUNK_ROWS", ROWS)
    with running(simulated_clock, request.param, monkeypatch) as runs:
        runs.fill(600, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
        runs.run()
        yield runs


@pytest.fixture
def looked_at(monkeypatch) -> list[tuple[str, int]]:
    """Return, of every statement over a range, how many rows it went through: on either side."""
    found: list[tuple[str, int]] = []

    def counting(side: type, name: str) -> None:
        step = getattr(side, name)

        def counted(table: Any, window: Window) -> Any:
            digest = digests[side]
            found.append((f"{side.__name__}.{name}", digest(table, window).total))
            return step(table, window)

        monkeypatch.setattr(side, name, counted)

    digests = {side: side.version_tally for side in (SysInfoTable, WarehouseTable)}
    for side in digests:
        counting(side, "version_tally")
    counting(WarehouseTable, "altered_keys")
    return found


def test_no_statement_looks_at_more_rows_than_a_chunk(loaded: SysInfoRuns, looked_at, caplog):
    at_one_second = loaded.rows(
        "SELECT MAX(n) AS n FROM (SELECT COUNT(*) AS n FROM taobao_trade GROUP BY jdp_modified) AS s"
    )

    told = reconcile(loaded)

    assert told["same"] == told["source_keys"] == 600
    assert max(rows for _, rows in looked_at) <= max(ROWS, at_one_second[0]["n"])
    statements = Counter(name for name, _ in looked_at)
    assert (
        statements["SysInfoTable.version_tally"] == statements["WarehouseTable.altered_keys"] >= 600 // ROWS
    )
    assert sum(rows for name, rows in looked_at if name == "WarehouseTable.altered_keys") == 600
    assert [line for line in caplog.messages if "compared up to" in line and ": 600 rows" in line]


@pytest.mark.long
def test_differences_in_many_chunks_are_all_mended(loaded: SysInfoRuns):
    tids = [row["tid"] for row in loaded.rows("SELECT tid FROM taobao_trade ORDER BY tid")]
    for tid in tids[::7]:
        loaded.target.cursor().execute(f"DELETE FROM taobao_order WHERE tid = {tid}")
    for tid in tids[3::11]:
        loaded.target.cursor().execute(f"DELETE FROM taobao_trade WHERE tid = {tid}")

    told = reconcile(loaded)

    assert told["same"] == told["source_keys"] == 600
    assert told["pulled_again"] == len({*tids[::7], *tids[3::11]})
    assert differences(loaded, ["jdp_tb_trade"]) == []


def test_a_digest_is_the_same_on_both_sides_and_in_python(loaded: SysInfoRuns):
    here = WarehouseTable(loaded.target, TRADE, "rds")
    window = Window(MONDAY_NOON - 24 * HOUR, MONDAY_NOON)
    with open_mysql("jushita_mysql") as session:
        source = reader(session)
        found = source.version_tally(window)
        rows = [row for listed in source.listing(window) for row in listed]

    texts = [f"{row.key}|{row.modified}.000|{row.hashcode or ''}".encode() for row in rows]
    row_hashes = [int.from_bytes(sha256(text).digest()[:8], "big") % MODULUS for text in texts]
    assert found == here.version_tally(window) == Tally(600, sum(row_hashes) % MODULUS)
