"""An RDS whose clock or zone is not Beijing's is found by the monitor, and not by missing rows at night."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from tests.jushita_monitor.monitored import Monitor
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE

HOUR = timedelta(hours=1)
STAMPS = SysInfoTable.stamps


@pytest.fixture
def watched(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> Monitor:
    """Rows of the ten hours until now; the stamps are looked at as they are."""
    monkeypatch.setattr(SysInfoTable, "stamps", STAMPS)
    monitor.runs.fill(130, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR / 4)
    return monitor


def shift(monitor: Monitor, hours: int) -> None:
    monitor.runs.write(f"UPDATE {TRADE} SET jdp_modified = jdp_modified + INTERVAL %s HOUR", hours)


@pytest.mark.long
@pytest.mark.parametrize("hours", [8, -8])
def test_the_monitor_tells_it_once_and_when_it_is_over(watched: Monitor, hours: int) -> None:
    assert watched.backlog() == []
    shift(watched, hours)
    assert watched.backlog(timedelta(minutes=10)) == [
        "source does not tell Beijing's time: clock of rds/jdp_tb_trade"
    ]
    assert watched.backlog(timedelta(minutes=10)) == []
    shift(watched, -hours)
    [over] = watched.backlog(timedelta(minutes=31))
    assert over.endswith("clock of rds/jdp_tb_trade")
    assert over.startswith("recovered")


def test_so_it_is_where_nothing_was_loaded_yet_and_the_figures_are_kept(watched: Monitor) -> None:
    watched.backlog()
    assert watched.figures("source_clock")["verdict"] == "fine"
    assert watched.runs.watermark() is None


def test_a_clock_that_is_off_is_told(watched: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = watched.runs.clock
    monkeypatch.setattr(SysInfoTable, "now", lambda _table: theirs.moment + 8 * HOUR)
    assert watched.backlog() == ["source does not tell Beijing's time: clock of rds/jdp_tb_trade"]


@pytest.mark.parametrize("no_time", ["0000-00-00 00:00:00", None])
def test_rows_without_a_time_are_no_stamps(watched: Monitor, no_time: str | None) -> None:
    watched.runs.write("SET SESSION sql_mode = ''")
    watched.runs.write(f"ALTER TABLE {TRADE} MODIFY jdp_modified datetime NULL")
    watched.runs.write(f"UPDATE {TRADE} SET jdp_modified = %s", no_time)
    assert watched.backlog() == []
    assert watched.figures("source_clock")["verdict"] == "fine"
