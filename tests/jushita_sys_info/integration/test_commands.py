"""``retail windows``, ``retail quarantine`` and ``retail jushita pull`` before real tables of sys_info."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import change
from tests.jushita_sys_info.runs import (
    MONDAY_NOON,
    PIPELINE,
    TRADE,
    SysInfoRuns,
    differences,
    running,
    settings_file,
)
from tests.three_ways import told_three_ways

HOUR = timedelta(hours=1)


@pytest.fixture
def runs(simulated_clock, warehouse, bi, tmp_path, monkeypatch) -> Iterator[SysInfoRuns]:
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path)))
    with running(simulated_clock, "warehouse_postgres", monkeypatch) as runs:
        runs.fill(20, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
        yield runs


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(retail, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def first_trade(runs: SysInfoRuns) -> int:
    return runs.rows("SELECT MIN(tid) AS tid FROM taobao_trade")[0]["tid"]


def test_windows_lists_a_line_for_each_window_of_each_table(runs):
    runs.run_all()
    result = call("windows", PIPELINE)
    assert result.exit_code == 0
    assert "rds/jdp_exchange_refund  11-22 23:50:00 to 11-23 11:59:45  complete" in result.output
    assert {row["account"] for row in told_three_ways("windows", PIPELINE)} >= {"rds/jdp_exchange_refund"}
    assert "watermark of rds/jdp_tb_trade: 2026-11-23 11:59:45" in result.output


def test_pull_brings_single_rows_again(runs):
    runs.run_all()
    lost = first_trade(runs)
    change(runs.target, f"DELETE FROM taobao_trade WHERE tid = {lost}")
    result = call("jushita", "pull", TRADE, str(lost))
    assert (result.exit_code, result.output) == (0, "1 loaded, 0 of them from Taobao\n")
    assert differences(runs) == []


def test_pull_names_what_nobody_has(runs, monkeypatch):
    monkeypatch.setattr("retail_pipeline.cli.progress.EVERY", timedelta())
    result = call("jushita", "pull", TRADE, "7")
    assert result.exit_code == 1
    assert "rows asked for at Taobao: 1\n" in result.stderr
    assert "7: neither in sys_info nor at Taobao" in result.output


def test_a_row_that_was_mended_comes_back_by_replay(runs):
    tid, answer = spoil(runs)
    listed = call("quarantine", "list", "--pipeline", PIPELINE).output
    assert str(tid) in listed
    assert "not_json" in listed
    number = str(runs.quarantine()[0]["id"])

    refused = call("quarantine", "replay", number, "--pipeline", PIPELINE)
    assert refused.exit_code == 1
    assert "still cannot be used" in refused.output

    runs.write("UPDATE jdp_tb_trade SET jdp_response = %s WHERE tid = %s", answer, tid)
    assert call("quarantine", "replay", number, "--pipeline", PIPELINE).output == f"{number}: loaded\n"
    assert states(runs) == ["replayed"]
    assert differences(runs) == []


def test_a_row_that_is_pushed_again_and_can_be_used_settles_its_entry(runs):
    tid, answer = spoil(runs)
    pushed = "UPDATE jdp_tb_trade SET jdp_response = %s, jdp_modified = '2026-11-23 12:00:00' WHERE tid = %s"
    runs.write(pushed, answer, tid)
    runs.clock.advance(HOUR)
    runs.run()

    assert states(runs) == ["replayed"]


def spoil(runs: SysInfoRuns) -> tuple[int, str]:
    """Load all with one answer that is cut; return its key, and what was there."""
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT tid, jdp_response FROM jdp_tb_trade ORDER BY tid LIMIT 1")
        tid, answer = cursor.fetchone()
    runs.write("UPDATE jdp_tb_trade SET jdp_response = LEFT(jdp_response, 30) WHERE tid = %s", tid)
    runs.run_all()
    assert states(runs) == ["open"]
    return tid, answer


def states(runs: SysInfoRuns) -> list[str]:
    return [row["state"] for row in runs.quarantine()]
