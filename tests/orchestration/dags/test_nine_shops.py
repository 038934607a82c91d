"""Nine shops push orders: each has its sender, and guards, 05:00 and 10:00 have slots all the same."""

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
PUSH, GUARD, LOAD = "youshu_order_push", "youshu_push_monitor", "wangdiantong_aftersales_load"
REPORTS = {"youshu_order_summary": "compute_order_summary", "wechat_youshu_report": "pull_visit_page"}
TEN_MINUTES = timedelta(minutes=10)


class Resident:
    """What begins and stays: senders, and a history that somebody loads by hand.

    :ivar began: the run and the shop of each sender
    """

    def __init__(self, scheduler: SimulatedScheduler) -> None:
        self.tasks: Counter[str] = Counter()
        self.began: list[tuple[str, str]] = []
        self._scheduler = scheduler
        scheduler.resident = self.stays

    def stays(self, ti: Any) -> bool:
        stays = ti.task_id in ("push_orders", "load_chunk")
        if stays:
            self.tasks[ti.task_id] += 1
        if ti.task_id == "push_orders":
            self.began.append((ti.run_id, self.shop_of(ti)))
        return stays

    def shop_of(self, ti: Any) -> str:
        """Return whom a sender serves: its run's first task has planned that."""
        with create_session() as session:
            planned = XComModel.get_many(
                key="return_value", dag_ids=PUSH, task_ids="plan_senders", run_id=ti.run_id
            )
            [found] = session.scalars(planned.with_only_columns(XComModel.value))
        return str(found[ti.map_index]["name"])

    def hand_over(self) -> bool:
        """A sender leaves for good when two newer ones of its shop are there; return whether one did."""

        def leaves(ti: Any) -> bool:
            runs = [run_id for run_id, shop in self.began if shop == self.shop_of(ti)]
            return ti.task_id == "push_orders" and ti.run_id in runs[:-2]

        return self._scheduler.end_residents(leaves)


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
def test_a_report_and_the_guards_begin_in_time_beside_resident_tasks(
    nine_shops: EditedSettings, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    hour = 5 if report == "youshu_order_summary" else 10
    moment = datetime(2026, 11, 23, hour, 0, tzinfo=SHANGHAI)
    tasks = NotedTasks(monkeypatch)
    scheduler = SimulatedScheduler(
        monkeypatch, [PUSH, GUARD, LOAD, report], moment - 3 * TEN_MINUTES, needed(load_settings())
    )
    residents = Resident(scheduler)
    scheduler.begin(LOAD)
    for _ in range(4):  # the last one at the report's own moment
        scheduler.begin(PUSH)
        scheduler.go_on()
        while residents.hand_over():  # as one comes the oldest of its shop goes, and another shop's may come
            scheduler.go_on()
        scheduler.moment += TEN_MINUTES
    scheduler.moment = moment
    assert residents.tasks == {"push_orders": 4 * len(SHOPS), "load_chunk": 2}
    assert scheduler.standing("push_orders") == 2 * len(SHOPS)

    scheduler.begin(report)
    scheduler.begin(GUARD)
    scheduler.go_on()
    for task_id in (REPORTS[report], "watch_outbox"):
        assert {name: tasks.served_at[task_id, name] for name in SHOPS} == {name: [moment] for name in SHOPS}


@pytest.mark.long
def test_an_edit_leaves_senders_alone_and_the_next_run_takes_over_by_name(
    nine_shops: EditedSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    NotedTasks(monkeypatch)
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
    scheduler = SimulatedScheduler(monkeypatch, [PUSH], moment, needed(load_settings()))
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
        assert [str(task.state) for task in senders] == ["running"] * 2 * len(SHOPS)

    run_id = scheduler.begin(PUSH)
    scheduler.go_on()
    while residents.hand_over():
        scheduler.go_on()
    assert {shop for run, shop in residents.began if run == run_id} == {"renamed", *SHOPS[:-1]}
    left = Counter(
        residents.shop_of(task)
        for task in scheduler.tasks(PUSH)
        if task.state == "running" and task.map_index >= 0
    )
    # Whom the settings name no more nobody relieves: his senders go on until they leave by themselves.
    assert left == Counter({"renamed": 1, **dict.fromkeys(SHOPS, 2)})
    assert "removed" not in {str(task.state) for task in scheduler.tasks(PUSH)}


def test_resident_tasks_are_counted_by_their_pool() -> None:
    assert made()["order_push"] >= needed(load_settings())["order_push"] == 2 * 2 + 3
