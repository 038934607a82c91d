"""Each guard says that it has looked, by the name under which it is missed; none stands in the queue it guards."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline.monitors.guards.findings import guards_of
from retail_pipeline.orchestration.slots import GUARDS, SENDERS, made
from retail_pipeline.settings.file import load_settings
from tests.alarm_receiver import AlarmReceiver
from tests.dags.test_push_monitor_runs import loaded
from tests.sandbox_control import SandboxControl

__all__ = ["loaded"]  # a fixture
GUARDING = ("etl_load_monitor", "jushita_push_monitor", "youshu_push_monitor", "youshu_deadline_watch")


@pytest.mark.parametrize("dag_id", GUARDING)
def test_every_look_is_noted_and_none_but_those_that_are_missed(
    bag: DagBag,
    dag_id: str,
    store: psycopg.Connection,
    bi: Any,
    loaded: None,
    warehouse: psycopg.Connection,
    alarms: AlarmReceiver,
    sandbox: SandboxControl,
) -> None:
    bag.dags[dag_id].test()
    noted = warehouse.execute("SELECT dag_id, subject FROM etl_guard WHERE looked_at IS NOT NULL").fetchall()
    assert set(noted) == {tuple(guard) for guard in guards_of(load_settings()) if guard.dag_id == dag_id} | {
        ("etl_load_monitor", "watch of the guards")
        for task in bag.dags[dag_id].tasks
        if task.task_id == "watch_guards"
    }


def test_every_dag_that_watches_is_guarded_itself() -> None:
    assert {guard.dag_id for guard in guards_of(load_settings())} == set(GUARDING)


@pytest.mark.parametrize("dag_id", GUARDING)
def test_a_guard_has_slots_of_its_own_and_is_over_before_the_next_ones_have_no_room(
    bag: DagBag, dag_id: str
) -> None:
    dag = bag.dags[dag_id]
    watches = [task for task in dag.tasks if not task.task_id.startswith("help_")]
    assert {task.pool for task in watches} == {GUARDS}
    assert {(task.weight_rule, task.priority_weight) for task in watches} == {("absolute", 1000)}
    assert dag.dagrun_timeout is not None
    every = {"youshu_push_monitor": 1, "youshu_deadline_watch": 30}.get(dag_id, 10)
    assert dag.dagrun_timeout.total_seconds() / 60 / every < dag.max_active_runs


def test_every_pool_is_made_and_only_senders_and_their_helpers_are_in_theirs(bag: DagBag) -> None:
    pools = {(dag_id, task.task_id): task.pool for dag_id, dag in bag.dags.items() for task in dag.tasks}
    assert set(pools.values()) == made().keys()
    assert {each for each, pool in pools.items() if pool == SENDERS} == {
        ("youshu_order_push", "plan_senders"),
        ("youshu_order_push", "push_orders"),
        ("youshu_push_monitor", "help_push"),
    }
