from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jushita_monitor.monitored import MONITORED, Monitor
from tests.jushita_sys_info.runs import SysInfoRuns, running, settings_file
from tests.monitors.watched_settings import WatchedSettings
from tests.order_push.orders import NOON
from tests.wangdiantong_aftersales.runs import MYSQL, AftersalesRuns, runs_on_monday_noon


@pytest.fixture
def runs(request, simulated_clock, sandbox, bi, tmp_path, monkeypatch) -> AftersalesRuns:
    """Runs of the aftersales load on Monday noon, into MySQL, or into PostgreSQL where a test asks for it."""
    into_mysql = getattr(request, "param", MYSQL) == MYSQL
    target = bi if into_mysql else request.getfixturevalue("warehouse")
    return runs_on_monday_noon(simulated_clock, sandbox, target, tmp_path, monkeypatch)


@pytest.fixture
def sys_info(simulated_clock, warehouse, bi, tmp_path, monkeypatch) -> Iterator[SysInfoRuns]:
    """Runs of the sys_info load on Monday noon, with small pages and chunks."""
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path)))
    with running(simulated_clock, "warehouse_postgres", monkeypatch) as runs:
        yield runs


@pytest.fixture(params=["warehouse_postgres", "bi_mysql"])
def monitor(
    request, simulated_clock, sandbox, warehouse, bi, alerts, tmp_path, monkeypatch
) -> Iterator[Monitor]:
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, request.param, MONITORED)))
    with running(simulated_clock, request.param, monkeypatch) as runs:
        yield Monitor(runs, alerts, sandbox)


@pytest.fixture(params=["warehouse_postgres", "bi_mysql"])
def each_target(request, simulated_clock, warehouse, bi, tmp_path, monkeypatch) -> Iterator[SysInfoRuns]:
    """The same into each of the two databases that a warehouse may be."""
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, request.param)))
    with running(simulated_clock, request.param, monkeypatch) as runs:
        yield runs


@pytest.fixture(params=["warehouse_postgres", pytest.param("bi_mysql", marks=pytest.mark.long)])
def either_target(request, simulated_clock, warehouse, bi, tmp_path, monkeypatch) -> Iterator[SysInfoRuns]:
    """The same, for steps that both take alike, as quicker tests show: into MySQL with --all only."""
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, request.param)))
    with running(simulated_clock, request.param, monkeypatch) as runs:
        yield runs


@pytest.fixture
def world(tmp_path, simulated_clock, alerts, store, warehouse, bi, monkeypatch) -> WatchedSettings:
    path = tmp_path / "retail.yaml"
    monkeypatch.setenv("RETAIL_CONFIG", str(path))
    simulated_clock.set(NOON)
    return WatchedSettings(path, simulated_clock, alerts, store)
