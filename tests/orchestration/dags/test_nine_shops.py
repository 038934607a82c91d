"""Nine shops push orders: whatever stays, scans or loads, guards, 05:00 and 10:00 have slots all the same."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.slots import made, needed
from retail_pipeline.settings.file import load_settings
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.orchestration.dags.noted_tasks import NotedTasks
from tests.orchestration.dags.scheduler import SimulatedScheduler
from tests.orchestration.dags.two_of_each import EditedSettings

SHOPS = [f"shop{number}" for number in range(9)]
PUSH, GUARD = "youshu_order_push", "youshu_push_monitor"
LOADS = ("wangdiantong_aftersales_load", "jushita_sys_info_load")
SCANS = ("jushita_sys_info_reconcile", "youshu_order_reconcile")
REPORTS = {"youshu_order_summary": "compute_order_summary", "wechat_youshu_report": "pull_visit_page"}
TEN_MINUTES = timedelta(minutes=10)


class Resident:
    """What begins and stays: senders, comparisons, and a history that somebody loads by hand.

    :ivar began: the runs of the senders
    """

    def __init__(self, scheduler: SimulatedScheduler) -> None:
        self.tasks: Counter[str] = Counter()
        self.began: list[str] = []
        self._scheduler = scheduler
        scheduler.resident = self.stays

    def stays(self, ti: Any) -> bool:
        kind = next(
            (kind for kind in ("push_orders", "load_", "reconcile_") if ti.task_id.startswith(kind)), ""
        )
        self.tasks[kind] += 1
        if kind == "push_orders":
            self.began.append(ti.run_id)
        return bool(kind)

    def shops_of(self, run_id: str) -> list[str]:
        """Return whom a sender serves: its run's first task has planned that."""
        with create_session() as session:
            planned = XComModel.get_many(
                key="return_value", dag_ids=PUSH, task_ids="plan_senders", run_id=run_id
            )
            [found] = session.scalars(planned.with_only_columns(XComModel.value))
        return [shop["name"] for shop in found]

    def hand_over(self) -> bool:
        """A sender leaves for good when two newer ones are there; return whether one did."""
        return self._scheduler.end_residents(
            lambda ti: ti.task_id == "push_orders" and ti.run_id in self.began[:-2]
        )


@pytest.fixture
def nine_shops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alerts: AlertReceiver, warehouse: psycopg.Connection
) -> EditedSettings:
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    settings = EditedSettings(tmp_path / "retail.yaml", monkeypatch)
    [shop, *_] = settings.content["shops"]
    settings.content["shops"] = [{**shop, "name": name} for name in SHOPS]
    settings.write()
    return settings


@pytest.mark.long
@pytest.mark.parametrize("report", REPORTS)
def test_a_report_and_the_guards_begin_in_time_beside_all_that_stays_scans_and_loads(
    nine_shops: EditedSettings, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    hour = 5 if report == "youshu_order_summary" else 10
    moment = datetime(2026, 11, 23, hour, 0, tzinfo=SHANGHAI)
    tasks = NotedTasks(monkeypatch)
    scheduler = SimulatedScheduler(
        monkeypatch, [PUSH, GUARD, *LOADS, *SCANS, report], moment - 3 * TEN_MINUTES
    )
    residents = Resident(scheduler)
    for dag_id in (*LOADS, *SCANS):
        scheduler.begin(dag_id)
    for _ in range(4):  # the last one at the report's own moment
        scheduler.begin(PUSH)
        scheduler.go_on()
        while residents.hand_over():  # as one comes the oldest goes
            scheduler.go_on()
        scheduler.moment += TEN_MINUTES
    scheduler.moment = moment
    pools = made()
    assert scheduler.standing("push_orders") == 2
    assert residents.tasks["push_orders"] == 4
    assert residents.tasks["load_"] == pools["jushita_sys_info"] + pools["wangdiantong"]
    assert residents.tasks["reconcile_"] == pools["nightly_scans"] == 1

    scheduler.begin(report)
    scheduler.begin(GUARD)
    scheduler.go_on()
    for task_id in (REPORTS[report], "watch_outbox"):
        assert {name: tasks.served_at[task_id, name] for name in SHOPS} == {name: [moment] for name in SHOPS}


@pytest.mark.long
def test_a_shops_comparison_waits_for_one_table_of_the_feed_and_not_for_all(
    nine_shops: EditedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    NotedTasks(monkeypatch)
    moment = datetime(2026, 11, 23, 2, 30, tzinfo=SHANGHAI)
    scheduler = SimulatedScheduler(monkeypatch, SCANS, moment)
    begun: list[str] = []

    def stays(ti: Any) -> bool:
        if scans := ti.task_id.startswith("reconcile_"):
            begun.append(ti.task_id)
        return scans

    scheduler.resident = stays
    scheduler.begin("jushita_sys_info_reconcile")
    scheduler.go_on()
    scheduler.moment += timedelta(hours=1)
    scheduler.begin("youshu_order_reconcile")
    scheduler.go_on()
    for _ in SHOPS:
        assert scheduler.end_residents(lambda _ti: True)
        scheduler.go_on()
    assert [task_id == "reconcile_orders" for task_id in begun] == [False, *(True for _ in SHOPS)]


@pytest.mark.long
def test_an_edit_leaves_senders_alone_and_the_next_run_takes_over_by_name(
    nine_shops: EditedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    NotedTasks(monkeypatch)
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
    scheduler = SimulatedScheduler(monkeypatch, [PUSH], moment)
    residents = Resident(scheduler)
    for _ in range(2):
        scheduler.begin(PUSH)
        scheduler.go_on()
        scheduler.moment += TEN_MINUTES
    for edit in (nine_shops.add_first, nine_shops.remove_last, nine_shops.rename_first):
        edit()
        scheduler.parse()
        scheduler.go_on()
        senders = [task for task in scheduler.tasks(PUSH) if task.task_id == "push_orders"]
        assert [str(task.state) for task in senders] == ["running"] * 2

    run_id = scheduler.begin(PUSH)
    scheduler.go_on()
    while residents.hand_over():
        scheduler.go_on()
    assert run_id
    assert set(residents.shops_of(run_id)) == {"renamed", *SHOPS[:-1]}
    left = Counter(
        shop
        for task in scheduler.tasks(PUSH)
        if task.state == "running" and task.task_id == "push_orders"
        for shop in residents.shops_of(task.run_id)
    )
    # Whom the settings name no more the next run does not serve: the run before does, until one more has come.
    assert left == Counter({"renamed": 1, SHOPS[-1]: 1, **dict.fromkeys(SHOPS[:-1], 2)})
    assert "removed" not in {str(task.state) for task in scheduler.tasks(PUSH)}


def test_resident_tasks_are_counted_by_their_pool() -> None:
    assert made()["residents"] >= needed(load_settings())["residents"] == 2 * 1 + 1
