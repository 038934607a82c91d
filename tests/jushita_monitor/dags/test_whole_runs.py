"""Whole runs of the push monitor by ``dag.test()``, on real databases and the sandbox, in real time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.retry_policies import WhileTransient
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.ledger import WindowLedger
from sandbox.sys_info import tables as source_tables
from sandbox.sys_info.tables import Naming, connect
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.sandbox_control import SandboxControl

DAG_ID = "jushita_push_monitor"
PLAN, USERS, ROWS, BACKLOG = "plan_instances", "watch_push_users", "watch_pushed_rows", "watch_backlog"
Run = Callable[[], dict[str, str]]


@pytest.fixture
def loaded(warehouse: psycopg.Connection) -> None:
    """Every table is there on both sides, empty, and loaded up to two hours ago."""
    with closing(connect(server_url("JUSHITA_OWNER_MYSQL_URL"))) as owner:
        source_tables.drop(owner, Naming())
        source_tables.create(owner, Naming())
    two_hours_ago = clock.now().astimezone(SHANGHAI) - timedelta(hours=2)
    with open_target("warehouse_postgres") as session:
        for name, table in FEED_TABLES.items():
            ensure_tables(session, table.family)
            WindowLedger(session).start_watermark("jushita_sys_info", f"rds/{name}", two_hours_ago)


@pytest.fixture
def run(bag: DagBag, sandbox: SandboxControl, loaded: None, alerts: AlertReceiver) -> Run:
    """Run the DAG; returns the state of each task."""

    def test() -> dict[str, str]:
        result = bag.dags[DAG_ID].test()
        return {ti.task_id: str(ti.state) for ti in result.get_task_instances()}

    return test


def break_connection(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    connection = json.loads(os.environ[name])
    monkeypatch.setenv(name, json.dumps({**connection, "password": "wrong-secret"}))


def test_each_watch_checks_records_and_alerts(
    run: Run, warehouse: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sandbox.tell("push_users_set", user_nick="素白_家居", status=0)
    assert run() == dict.fromkeys((PLAN, USERS, ROWS, BACKLOG), "success")
    assert sorted(title.split(":")[0] for title in alerts.titles) == [
        *["our load lags"] * 6,
        "push is paused, at most 30 days left until the platform removes the seller",
    ]
    kept = warehouse.execute(
        "SELECT check_name, count(*), bool_or(verdict = 'trouble') FROM jushita_push_health GROUP BY 1 ORDER BY 1"
    )
    assert kept.fetchall() == [
        ("own_lag", 6, True), ("push_lag", 6, False), ("source_clock", 6, False),
        ("users", 1, True), ("volume", 6, False),
    ]  # fmt: skip
    told = len(alerts.titles)
    run()
    assert len(alerts.titles) == told


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "task"), [("AIRFLOW_CONN_TAOBAO_DEFAULT", USERS), ("AIRFLOW_CONN_JUSHITA_MYSQL", BACKLOG)]
)
def test_a_watch_that_cannot_look_fails_alone_and_alerts_once(
    run: Run, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch, name: str, task: str
) -> None:
    break_connection(monkeypatch, name)
    for _ in range(2):
        states = run()
        assert {each for each, state in states.items() if state != "success"} == {task}
    blind = [message for message in alerts.messages if message["title"].startswith("cannot be asked")]
    assert len(blind) == 1
    assert "wrong-secret" not in json.dumps(blind)


def test_what_passes_is_tried_again_as_the_loads_tasks_are(bag: DagBag) -> None:
    tasks = {task.task_id: task for task in bag.dags[DAG_ID].tasks}
    assert {tasks[name].retries for name in (USERS, ROWS, BACKLOG)} == {6}
    assert all(isinstance(task.retry_policy, WhileTransient) for task in tasks.values())
    assert {task.pool for task in tasks.values()} == {"guards"}, "not in the queue that is watched"
