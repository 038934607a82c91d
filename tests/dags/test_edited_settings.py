"""Settings are edited while runs wait, run, and were cleared: each run goes on serving what it began with.

The scheduler is Airflow's own, and so are plans, XCom and clearing; what a mapped task would do is left out, and what
it serves is noted instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import TransientApiError
from retail_pipeline.load_health.operators import WatchLoadOperator
from retail_pipeline.order_delivery.operators import (
    PlanPushHelpersOperator,
    PushOrdersOperator,
    ReconcileOrdersOperator,
    WatchOutboxOperator,
)
from retail_pipeline.push_health.operators import (
    WatchBacklogOperator,
    WatchPushedRowsOperator,
    WatchPushUsersOperator,
)
from retail_pipeline.quality.operators import TableCheckOperator
from retail_pipeline.settings_file import DEFAULT_PATH
from retail_pipeline.transfers.store_to_youshu import OrderSummaryToYoushuOperator, VisitsToYoushuOperator
from retail_pipeline.transfers.sys_info_reconcile_operator import ReconcileSysInfoOperator
from retail_pipeline.transfers.sys_info_to_warehouse import SysInfoToWarehouseOperator
from retail_pipeline.transfers.wangdiantong_to_mysql import AftersalesToMySqlOperator
from retail_pipeline.transfers.wechat_to_store import WeChatToStoreOperator
from retail_pipeline.youshu.operators import OrderSummaryOperator
from tests.conftest import server_url
from tests.dags.scheduler import SimulatedScheduler

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
SERVING = (
    WeChatToStoreOperator,
    VisitsToYoushuOperator,
    OrderSummaryOperator,
    OrderSummaryToYoushuOperator,
    PushOrdersOperator,
    ReconcileOrdersOperator,
    WatchOutboxOperator,
    WatchLoadOperator,
    WatchBacklogOperator,
    SysInfoToWarehouseOperator,
    ReconcileSysInfoOperator,
    AftersalesToMySqlOperator,
    TableCheckOperator,
)
PUSHED = "jushita_sys_info warehouse_postgres"
# Of each mapped DAG a task, and the two that it serves.
SERVED = {
    "wechat_youshu_report": ("pull_visit_page", {"flagship", "outlet"}),
    "youshu_order_summary": ("compute_order_summary", {"flagship", "outlet"}),
    "youshu_order_push": ("push_orders", {"flagship", "outlet"}),
    "youshu_order_reconcile": ("reconcile_orders", {"flagship", "outlet"}),
    "youshu_push_monitor": ("watch_outbox", {"flagship", "outlet"}),
    "wangdiantong_aftersales_load": ("load_slice", {"flagship", "outlet"}),
    "jushita_sys_info_load": ("load_jdp_tb_trade", {"flagship", "outlet"}),
    "jushita_sys_info_reconcile": ("reconcile_jdp_tb_trade", {"flagship", "outlet"}),
    "jushita_push_monitor": ("watch_backlog", {"flagship", "outlet"}),
    "etl_load_monitor": (
        "watch_load",
        {PUSHED, "wangdiantong_aftersales bi_mysql", "wangdiantong_aftersales outlet_mysql"},
    ),
}
NEXT = {
    "etl_load_monitor": {
        PUSHED,
        "wangdiantong_aftersales bi_mysql",
        "wangdiantong_aftersales renamed_mysql",
    }
}
Served = tuple[str, str, str]  # the task, its subject, the connections of that


class Settings:
    """The settings file, and how people edit it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
        self.content["jushita"]["instances"] = [{"name": "flagship"}, {"name": "outlet", "conn_id": "outlet_rds"}]
        self.content["wangdiantong_accounts"][1]["target_conn_id"] = "outlet_mysql"
        self.write()

    @property
    def lists(self) -> list[list[dict[str, Any]]]:
        jushita = self.content["jushita"]["instances"]
        return [self.content["shops"], self.content["wangdiantong_accounts"], jushita]

    def write(self) -> None:
        self.path.write_text(yaml.safe_dump(self.content, allow_unicode=True), encoding="utf-8")

    def add_first(self) -> None:
        for entries in self.lists:
            entries.insert(0, {**entries[0], "name": "new"})
        self.content["wangdiantong_accounts"][0]["target_conn_id"] = "a_new_mysql"
        self.write()

    def remove_last(self) -> None:
        for entries in self.lists:
            entries.pop()
        self.write()

    def rename_first(self) -> None:
        for entries in self.lists:
            entries[0]["name"] = "renamed"
        self.content["wangdiantong_accounts"][0]["target_conn_id"] = "renamed_mysql"
        self.write()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    path = tmp_path / "retail.yaml"
    monkeypatch.setenv("RETAIL_CONFIG", str(path))
    return Settings(path)


class Tasks:
    """What mapped tasks do here: they note whom they serve, and end as they are told."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.served: list[Served] = []
        self.ends: Callable[[Served], object] = lambda _served: None
        for operator in SERVING:
            patch.setattr(operator, "execute", self._execute)
        for unmapped in (WatchPushedRowsOperator, WatchPushUsersOperator, PlanPushHelpersOperator):
            patch.setattr(unmapped, "execute", lambda *_, **__: [])

    @property
    def _execute(self) -> Callable[..., None]:
        def execute(operator: Any, context: Any) -> None:  # noqa: ARG001
            served = self._served_by(operator)
            self.served.append(served)
            self.ends(served)

        return execute

    def _served_by(self, operator: Any) -> Served:
        about = getattr(operator, "part", None) or vars(operator)
        subject = next(about[kind] for kind in ("shop", "account", "instance", "target", "load") if kind in about)
        connections = {name: value for name, value in subject.items() if name.endswith("conn_id")}
        return operator.task_id, subject["name"], str(connections)

    def take(self) -> set[Served]:
        served = set(self.served)
        self.served.clear()
        return served

    def failing_for_good(self, name: str) -> Callable[[Served], None]:
        def end(served: Served) -> None:
            if served[1] == name:
                raise AirflowFailException("a person must mend it")

        return end

    def edit_and_wait(self, scheduler: SimulatedScheduler, edits: Iterator[Callable[[], None]]) -> Callable[[Served], None]:
        """What fails passes by itself; the first that runs finds the settings edited meanwhile."""

        def end(_served: Served) -> None:
            for edit in edits:
                edit()
                scheduler.parse()
            raise TransientApiError("busy", vendor="test", method="test")

        return end

    def well(self, _served: Served) -> None:
        """Nothing fails."""


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch, alarms: Any, warehouse: Any) -> Tasks:
    return Tasks(monkeypatch)


@pytest.fixture
def scheduler(request: pytest.FixtureRequest, settings: Settings, tasks: Tasks, monkeypatch: pytest.MonkeyPatch):
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    return SimulatedScheduler(monkeypatch, [request.param], NOON)


each_mapped_dag = pytest.mark.parametrize(
    ("scheduler", "dag_id"), [(dag_id, dag_id) for dag_id in SERVED], indirect=["scheduler"]
)


@pytest.mark.long
@each_mapped_dag
def test_an_edit_changes_what_the_next_run_serves(
    scheduler: SimulatedScheduler, dag_id: str, settings: Settings, tasks: Tasks
) -> None:
    task_id, names = SERVED[dag_id]

    def served() -> set[Served]:
        return {each for each in tasks.take() if each[0] == task_id}

    edits = iter([settings.add_first])
    tasks.ends = tasks.edit_and_wait(scheduler, edits)  # while the first of them runs
    run_id = scheduler.begin(dag_id)
    scheduler.go_on()
    first = served()
    assert {name for _, name, _ in first} == names

    settings.remove_last()  # while all wait for their next try
    scheduler.parse()
    failing = max(names)
    tasks.ends = tasks.failing_for_good(failing)
    scheduler.go_on(timedelta(minutes=2))
    assert served() == first

    settings.rename_first()  # while the run is cleared
    scheduler.parse()
    scheduler.clear(dag_id, run_id)
    tasks.ends = tasks.well
    scheduler.go_on()
    assert served() == {each for each in first if each[1] == failing}
    assert {str(task.state) for task in scheduler.tasks(dag_id)} <= {"success", "skipped"}

    scheduler.clear(dag_id, run_id, only_failed=False)
    scheduler.go_on()
    assert {name for _, name, _ in served()} == names
    assert {str(task.state) for task in scheduler.tasks(dag_id)} <= {"success", "skipped"}
    [run] = scheduler.runs(dag_id)
    assert str(run.state) == "success"

    scheduler.go_on(timedelta(hours=1))
    tasks.take()
    scheduler.begin(dag_id)
    scheduler.go_on()
    assert {name for _, name, _ in served()} == NEXT.get(dag_id, {"renamed", "flagship"})
