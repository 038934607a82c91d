"""Tasks that stay are counted, scans at night share one slot, and neither shares a pool with a report or a guard."""

from __future__ import annotations

from collections import defaultdict

import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline.orchestration.resident_operator import ResidentOperator
from retail_pipeline.orchestration.slots import RESIDENT_DAGS, RESIDENTS, made, needed
from retail_pipeline.settings.file import load_settings

SCANS = "nightly_scans"
IN_TIME = ("youshu_order_summary", "wechat_youshu_report", "youshu_deadline_watch", "etl_alert_send")


@pytest.fixture
def tasks(bag: DagBag) -> dict[str, dict[str, str]]:
    """Return the tasks of each pool with their DAGs."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for dag_id, dag in bag.dags.items():
        for task in dag.tasks:
            found[task.pool][task.task_id] = dag_id
    return found


def test_each_dag_that_says_so_has_one_task_that_stays_and_the_pool_has_room_for_them(
    bag: DagBag, tasks: dict[str, dict[str, str]]
) -> None:
    said = {dag_id for dag_id, dag in bag.dags.items() if "resident" in dag.tags}
    staying = [
        task.dag_id
        for dag in bag.dags.values()
        for task in dag.tasks
        if task.pool == RESIDENTS and isinstance(task, ResidentOperator)  # a mapped one is none
    ]
    assert sorted(staying) == sorted(said) == sorted(RESIDENT_DAGS)
    assert set(tasks[RESIDENTS].values()) == said
    assert made()[RESIDENTS] == needed(load_settings())[RESIDENTS] == 2 * len(said) + 1


def test_scans_at_night_share_one_slot(bag: DagBag, tasks: dict[str, dict[str, str]]) -> None:
    comparing = {dag_id: dag for dag_id, dag in bag.dags.items() if dag_id.endswith("_reconcile")}
    scans = {
        task.task_id
        for dag in comparing.values()
        for task in dag.tasks
        if not task.task_id.startswith("plan_")
    }
    assert tasks[SCANS].keys() == scans
    assert len(comparing) == 2
    assert made()[SCANS] == 1


@pytest.mark.parametrize("dag_id", IN_TIME)
def test_what_must_begin_in_time_shares_no_pool_with_what_stays_scans_or_loads(
    bag: DagBag, tasks: dict[str, dict[str, str]], dag_id: str
) -> None:
    """With as many slots in the executor as in all pools, tests/devstack/test_compose.py, that is what it needs."""
    for pool in {task.pool for task in bag.dags[dag_id].tasks}:
        long = [name for name in tasks[pool] if name.startswith(("load_", "reconcile_", "push_", "help_"))]
        assert long == []
