"""``retail jushita health``: what the push monitor saw last."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from retail_pipeline.cli.main import main
from tests.jushita_monitor.monitored import MINUTE, SELLER
from tests.three_ways import told_three_ways


@pytest.fixture
def health(monkeypatch, capsys) -> Callable[[], tuple[int, str]]:
    """Call ``retail jushita health``; return exit status and what was printed."""

    def call() -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["retail", "jushita", "health"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return call


def line(out: str, *words: str) -> str:
    [found] = [line for line in out.splitlines() if all(word in line for word in words)]
    return found


@pytest.mark.long
def test_the_command_shows_the_latest_figures_and_every_seller(monitor, health):
    assert health()[0] == 1
    monitor.loaded(0)
    for watch in (monitor.users, monitor.rows, monitor.backlog):
        watch()
    status, out = health()
    assert status == 0, out
    assert "lag_seconds 15" in line(out, "own_lag", "rds/jdp_tb_trade", "11-23 12:00", "fine")
    assert "sellers 3" in line(out, "users ")
    assert "median_seconds" in line(out, "push_lag")
    assert "pushed" in line(out, "seller ", SELLER, "fine")


def test_the_command_ends_with_1_where_a_seller_is_stopped(monitor, health):
    monitor.seller(status=0)
    monitor.users()
    status, out = health()
    assert status == 1
    assert "push is paused" in line(out, SELLER, "TROUBLE")
    [row] = [row for row in told_three_ways("jushita", "health") if row["subject"] == SELLER]
    assert (row["check"], row["verdict"], row["fine"]) == ("seller", "trouble", False)


def test_the_command_ends_with_1_where_nobody_has_looked_for_long(monitor, health):
    monitor.users()
    monitor.runs.clock.advance(30 * MINUTE)
    assert health()[0] == 0
    monitor.runs.clock.advance(MINUTE)
    status, out = health()
    assert status == 1
    assert "NOT CHECKED SINCE" in line(out, "users ")
