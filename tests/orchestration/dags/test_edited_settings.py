"""Settings are edited while runs wait, run, and were cleared: each run goes on serving what it began with.

The scheduler is Airflow's own, and so are plans, XCom and clearing; what a mapped task would do is left out, and what
it serves is noted instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI
from tests.conftest import server_url
from tests.orchestration.dags.noted_tasks import NotedTasks, Served
from tests.orchestration.dags.scheduler import SimulatedScheduler
from tests.orchestration.dags.two_of_each import EditedSettings

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
FEED_TABLES = "jushita_sys_info warehouse_postgres"
# Of each DAG that plans a task, and the two that it serves.
SERVED = {
    "wechat_youshu_report": ("pull_visit_page", {"flagship", "outlet"}),
    "youshu_order_summary": ("compute_order_summary", {"flagship", "outlet"}),
    "youshu_order_push": ("push_orders", {"flagship", "outlet"}),
    "youshu_order_reconcile": ("reconcile_orders", {"flagship", "outlet"}),
    "youshu_push_monitor": ("watch_outbox", {"flagship", "outlet"}),
    "wangdiantong_aftersales_load": ("load_chunk", {"flagship", "outlet"}),
    "jushita_sys_info_load": ("load_jdp_tb_trade", {"flagship", "outlet"}),
    "jushita_sys_info_reconcile": ("reconcile_jdp_tb_trade", {"flagship", "outlet"}),
    "jushita_push_monitor": ("watch_backlog", {"flagship", "outlet"}),
    "etl_load_monitor": (
        "watch_load",
        {FEED_TABLES, "wangdiantong_aftersales bi_mysql", "wangdiantong_aftersales outlet_mysql"},
    ),
}
TRY_ONCE = (
    "youshu_push_monitor",
)  # the next run looks in a minute; it is tried again where somebody clears it
TOGETHER = ("youshu_order_push",)  # one task serves all
NEXT = {
    "etl_load_monitor": {
        FEED_TABLES,
        "wangdiantong_aftersales bi_mysql",
        "wangdiantong_aftersales renamed_mysql",
    }
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EditedSettings:
    return EditedSettings(tmp_path / "retail.yaml", monkeypatch)


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch, alerts: Any, warehouse: Any) -> NotedTasks:
    return NotedTasks(monkeypatch)


@pytest.fixture
def scheduler(
    request: pytest.FixtureRequest,
    settings: EditedSettings,
    tasks: NotedTasks,
    monkeypatch: pytest.MonkeyPatch,
):
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    return SimulatedScheduler(monkeypatch, [request.param], NOON)


each_planning_dag = pytest.mark.parametrize(
    ("scheduler", "dag_id"), [(dag_id, dag_id) for dag_id in SERVED], indirect=["scheduler"]
)


@dataclass
class Dag:
    """A DAG, and whom a task of it serves."""

    dag_id: str
    scheduler: SimulatedScheduler
    tasks: NotedTasks

    def serves(self) -> set[Served]:
        """Let the scheduler work; return whom the task has served meanwhile."""
        self.scheduler.go_on()
        return {each for each in self.tasks.take() if each[0] == SERVED[self.dag_id][0]}

    def all_went_well(self) -> bool:
        """Nothing failed, and nothing was left out."""
        states = {str(task.state) for task in self.scheduler.tasks(self.dag_id)}
        return (
            states <= {"success", "skipped"} and str(self.scheduler.runs(self.dag_id)[0].state) == "success"
        )


@pytest.mark.long
@each_planning_dag
def test_an_edit_changes_what_the_next_run_serves(
    scheduler: SimulatedScheduler, dag_id: str, settings: EditedSettings, tasks: NotedTasks
) -> None:
    dag, (_, names) = Dag(dag_id, scheduler, tasks), SERVED[dag_id]
    tasks.ends = tasks.edit_and_wait(scheduler, iter([settings.add_first]))  # while the first of them runs
    run_id = scheduler.begin(dag_id)
    first = dag.serves()
    assert {name for _, name, _ in first} == names

    settings.remove_last()  # while all wait for their next try
    scheduler.parse()
    if dag_id in TRY_ONCE:
        scheduler.clear(dag_id, run_id)
    failing = max(names)
    tasks.ends = tasks.failing_for_good(failing)
    scheduler.moment += timedelta(minutes=2)
    assert dag.serves() == first
    assert not dag.all_went_well()

    settings.rename_first()  # while the run is cleared
    scheduler.parse()
    scheduler.clear(dag_id, run_id)
    tasks.ends = tasks.well
    assert dag.serves() == {each for each in first if each[1] == failing or dag_id in TOGETHER}
    assert dag.all_went_well()

    scheduler.clear(dag_id, run_id, only_failed=False)
    assert {name for _, name, _ in dag.serves()} == names
    assert dag.all_went_well()

    scheduler.moment += timedelta(hours=1)
    scheduler.begin(dag_id)
    assert {name for _, name, _ in dag.serves()} == NEXT.get(dag_id, {"renamed", "flagship"})


@pytest.mark.long
@each_planning_dag
def test_an_edit_leaves_alone_what_is_running(
    scheduler: SimulatedScheduler, dag_id: str, settings: EditedSettings, tasks: NotedTasks
) -> None:
    """The scheduler looks at running tasks after each edit; they go on, and end well."""
    task_id, _ = SERVED[dag_id]
    scheduler.resident = lambda ti: ti.task_id == task_id

    def states() -> list[str]:
        return [str(task.state) for task in scheduler.tasks(dag_id) if task.task_id == task_id]

    scheduler.begin(dag_id)
    scheduler.go_on()
    before = states()
    assert "running" in before
    for edit in (settings.add_first, settings.remove_last, settings.rename_first):
        edit()
        scheduler.parse()
        scheduler.moment += timedelta(minutes=1)
        scheduler.go_on()
        assert states() == before
    while scheduler.end_residents(lambda _ti: True):
        scheduler.go_on()  # where the pool has one slot, it is the next one's turn
    assert Dag(dag_id, scheduler, tasks).all_went_well()
