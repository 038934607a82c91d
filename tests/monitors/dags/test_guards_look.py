"""Each guard says that it has looked, by the name under which it is missed; none stands in the queue it guards."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline.monitors.guards.findings import guards_of
from retail_pipeline.orchestration.slots import GUARDS, HELPERS, RESIDENTS, made
from retail_pipeline.settings.file import load_settings
from tests.alerts.alert_receiver import AlertReceiver
from tests.jushita_monitor.dags.test_whole_runs import loaded
from tests.sandbox_control import SandboxControl

__all__ = ["loaded"]  # a fixture
# Those that look all day long; beside them a comparison at night.
WATCHES = {
    "etl_load_monitor": 10,
    "etl_alert_send": 1,
    "jushita_push_monitor": 10,
    "youshu_push_monitor": 1,
    "youshu_deadline_watch": 30,
}
NIGHTLY = "youshu_order_reconcile"
FIRST = {"watch_guards", "watch_settings", "send_alerts"}


@pytest.mark.long
@pytest.mark.parametrize("dag_id", [*WATCHES, NIGHTLY])
def test_every_look_is_noted_and_none_but_those_that_are_missed(
    bag: DagBag,
    dag_id: str,
    store: psycopg.Connection,
    bi: Any,
    loaded: None,
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    sandbox: SandboxControl,
) -> None:
    bag.dags[dag_id].test()
    noted = warehouse.execute("SELECT dag_id, subject FROM etl_guard WHERE looked_at IS NOT NULL").fetchall()
    assert set(noted) == {tuple(guard) for guard in guards_of(load_settings()) if guard.dag_id == dag_id} | {
        ("etl_load_monitor", "watch of the guards")
        for task in bag.dags[dag_id].tasks
        if task.task_id == "watch_guards"
    }


def test_every_dag_that_watches_is_guarded_itself(bag: DagBag) -> None:
    watching = {dag_id for dag_id, dag in bag.dags.items() if "watchdog" in dag.tags}
    assert {guard.dag_id for guard in guards_of(load_settings())} == watching == {*WATCHES, NIGHTLY}


@pytest.mark.parametrize("dag_id", WATCHES)
def test_a_guard_has_slots_of_its_own_and_is_over_before_the_next_ones_have_no_room(
    bag: DagBag, dag_id: str
) -> None:
    dag = bag.dags[dag_id]
    watches = [task for task in dag.tasks if not task.task_id.startswith("help_")]
    assert {task.pool for task in watches} == {GUARDS}
    assert {task.weight_rule for task in watches} == {"absolute"}
    weights = {task.task_id: task.priority_weight for task in watches}
    assert weights == {task_id: 2000 if task_id in FIRST else 1000 for task_id in weights}
    assert dag.dagrun_timeout is not None
    if dag_id != "etl_alert_send":  # of which one run at a time is enough
        assert dag.dagrun_timeout.total_seconds() / 60 / WATCHES[dag_id] < dag.max_active_runs


def test_every_pool_is_made_and_only_senders_and_their_helpers_are_in_theirs(bag: DagBag) -> None:
    pools = {(dag_id, task.task_id): task.pool for dag_id, dag in bag.dags.items() for task in dag.tasks}
    assert set(pools.values()) == made().keys()
    assert {each for each, pool in pools.items() if pool == RESIDENTS} == {
        ("youshu_order_push", "plan_senders"),
        ("youshu_order_push", "push_orders"),
    }
    assert {each for each, pool in pools.items() if pool == HELPERS} == {("youshu_push_monitor", "help_push")}
