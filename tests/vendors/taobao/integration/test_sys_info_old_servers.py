"""Whatever we ask a source, MySQL 5.5 can parse: all that a load, the night, the watches and people send is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from pymysql.connections import Connection

from retail_pipeline.cli.main import retail
from tests.architecture.server_rules import gone_digests, later_than_5_5
from tests.jushita_monitor.monitored import MONITOR, Monitor
from tests.jushita_sys_info.faults.test_reconcile import reconcile, some_trades
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, running, settings_file

HOUR = timedelta(hours=1)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Every statement that a session with the source sends, the driver's own ones too."""
    alerted: list[str] = []
    query = Connection.query

    def alerted_while(session: Connection, sql: str | bytes, *args: object, **more: object) -> object:
        if session.db in ("sys_info", b"sys_info"):
            alerted.append(sql if isinstance(sql, str) else sql.decode(errors="replace"))
        return query(session, sql, *args, **more)

    monkeypatch.setattr(Connection, "query", alerted_while)
    return alerted


@pytest.fixture
def monitor(simulated_clock, sandbox, warehouse, bi, alerts, tmp_path, monkeypatch) -> Iterator[Monitor]:
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, jushita={"monitor": MONITOR})))
    with running(simulated_clock, "warehouse_postgres", monkeypatch) as runs:
        yield Monitor(runs, alerts, sandbox)


def test_a_source_is_asked_nothing_that_mysql_5_5_cannot_parse(monitor, asked):
    runs = monitor.runs
    runs.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR, nasty=True)
    asked.clear()  # of the sandbox
    runs.run_all()
    reconcile(runs)
    [key] = some_trades(runs, 1)
    reconcile(runs, table=TRADE, keys=str(key))
    runs.run(TRADE, "manual", window_from="2026-11-23 07:00:00", window_to="2026-11-23 12:00:00")
    monitor.rows()
    monitor.backlog()
    for command in (["check"], ["schema", "roles", "jushita_mysql"], ["jushita", "pull", TRADE, "7"]):
        CliRunner().invoke(retail, command)

    assert any("SHA2" in sql for sql in asked)
    assert {sql: later for sql in asked if (later := later_than_5_5(sql) + gone_digests(sql))} == {}
