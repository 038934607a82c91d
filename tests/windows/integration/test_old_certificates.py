"""A certificate whose sums are of another digest goes on to count: nothing compares it with those that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

import pytest
from click.testing import CliRunner

from retail_pipeline.business_time import SHANGHAI, local_time
from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import change, query_text
from tests.architecture.tree import ROOT, text_of
from tests.jushita_sys_info import runs as sys_info
from tests.jushita_sys_info.faults.test_reconcile import reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON
from tests.wangdiantong_aftersales import runs as aftersales

HOUR = timedelta(hours=1)
READ_UNTIL = MONDAY_NOON - 2 * HOUR
_CERTIFICATE = """
INSERT INTO etl_window (pipeline, account, window_from, window_to, filters, purpose, run_id, verdict, source_total,
    source_keys, source_checksum, target_keys, target_checksum, refused, refused_checksum, quarantined, started_at)
VALUES (%(pipeline)s, %(account)s, %(start)s, %(end)s, '', 'scheduled', 'of before', 'complete', 9,
    9, %(sum)s, 8, %(sum)s - 7, 1, 7, 0, %(end)s)"""
_WATERMARK = """
INSERT INTO etl_watermark (pipeline, account, watermark, moved_at)
VALUES (%(pipeline)s, %(account)s, %(end)s, %(end)s)"""


def put_old_certificate(session: Any, pipeline: str, account: str, start: datetime) -> None:
    """Write what a load of an earlier version has left: sums over the first 32 bits of MD5."""
    row_hashes = (int(md5(f"{account}|{key}".encode()).hexdigest()[:8], 16) for key in range(9))
    values = {
        "pipeline": pipeline,
        "account": account,
        "start": local_time(start),
        "end": local_time(READ_UNTIL),
    }
    change(session, _CERTIFICATE, {**values, "sum": sum(row_hashes)})
    change(session, _WATERMARK, values)


def documented(pipeline: str) -> str:
    """Return the query by which a reader proves a window."""
    text = text_of(ROOT / "docs/delivery-promise.md")
    [query] = re.findall(r"## Prove it for a window\n\n```sql\n(.+?);\n```", text, re.DOTALL)
    assert "wangdiantong_aftersales" in query
    of_the_day = query.replace("'2026-11-23'", "'2026-11-24'").replace("'2026-11-22'", "'2026-11-23'")
    return of_the_day.replace("wangdiantong_aftersales", pipeline)


def listed(pipeline: str) -> str:
    result = CliRunner().invoke(retail, ["windows", pipeline])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def orders(simulated_clock, sandbox, bi, tmp_path, monkeypatch) -> aftersales.AftersalesRuns:
    return aftersales.runs_on_monday_noon(simulated_clock, sandbox, bi, tmp_path, monkeypatch)


@pytest.fixture
def pushed(simulated_clock, warehouse, bi, tmp_path, monkeypatch) -> Iterator[sys_info.SysInfoRuns]:
    monkeypatch.setenv("RETAIL_CONFIG", str(sys_info.settings_file(tmp_path)))
    with sys_info.running(simulated_clock, "warehouse_postgres", monkeypatch) as runs:
        yield runs


def test_the_after_sales_load_goes_on_from_it(orders):
    put_old_certificate(orders.target, aftersales.PIPELINE, "flagship", READ_UNTIL - 10 * HOUR)
    orders.fill(9, READ_UNTIL, MONDAY_NOON - HOUR)
    orders.run()

    assert len(orders.heads()) == 9
    assert goes_on(orders.target, aftersales.PIPELINE)
    assert listed(aftersales.PIPELINE).count(" complete ") == len(orders.certificates())


def test_the_load_of_sys_info_goes_on_from_it_and_so_does_the_night(pushed):
    account = f"rds/{sys_info.TRADE}"
    put_old_certificate(pushed.target, sys_info.PIPELINE, account, READ_UNTIL - 10 * HOUR)
    pushed.fill(30, READ_UNTIL, MONDAY_NOON - HOUR)
    pushed.run()

    assert sys_info.differences(pushed, [sys_info.TRADE]) == []
    assert goes_on(pushed.target, sys_info.PIPELINE)
    assert listed(sys_info.PIPELINE).count(" complete ") == len(pushed.certificates())
    assert reconcile(pushed)["same"] == 30


def goes_on(session: Any, pipeline: str) -> bool:
    """Look whether the next windows begin shortly before the watermark, and all prove themselves."""
    old, *new = query_text(session, documented(pipeline))
    begun = min(row["window_from"] for row in new).replace(tzinfo=SHANGHAI)
    near = READ_UNTIL - HOUR <= begun <= READ_UNTIL
    return near and all(row["same_sum"] and row["verdict"] == "complete" for row in (old, *new))
