"""One of each kind of subject is down for an hour: the others keep their pace, and those that watch go on looking.

All DAGs at once, with Airflow's own scheduler, the pools that come with the project, and senders that stay.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import DatabaseUnavailable
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.orchestration.dags.noted_tasks import NotedTasks, Served
from tests.orchestration.dags.scheduler import DAGS, SimulatedScheduler
from tests.orchestration.dags.two_of_each import EditedSettings

START = datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
# Of each five minutes those in which something happens: runs begin, and what failed is tried after one and two more.
STEPS = [minute for minute in range(60) if minute % 5 in (0, 1, 3)]
# Every so many minutes, or once in the hour.
PACE = {
    "youshu_push_monitor": 5,  # every minute, really
    "etl_alert_send": 5,  # every minute, too
    "jushita_sys_info_load": 5,
    "youshu_order_push": 10,
    "jushita_push_monitor": 10,
    "etl_load_monitor": 10,
    "wangdiantong_aftersales_load": 15,
    "wechat_youshu_report": 60,
    "youshu_order_summary": 60,
    "youshu_order_reconcile": 60,
    "jushita_sys_info_reconcile": 60,
    "youshu_deadline_watch": 60,
}
# A task of each, and who is well.
WELL = {
    "watch_outbox": ("flagship", "youshu_push_monitor"),
    "load_jdp_tb_trade": ("flagship", "jushita_sys_info_load"),
    "watch_backlog": ("flagship", "jushita_push_monitor"),
    "watch_load": ("wangdiantong_aftersales bi_mysql", "etl_load_monitor"),
    "load_chunk": ("flagship", "wangdiantong_aftersales_load"),
    "check_sums": ("bi_mysql", "wangdiantong_aftersales_load"),
    "report_visit_page": ("flagship", "wechat_youshu_report"),
    "report_order_summary": ("flagship", "youshu_order_summary"),
    "reconcile_orders": ("flagship", "youshu_order_reconcile"),
    "reconcile_jdp_tb_trade": ("flagship", "jushita_sys_info_reconcile"),
    "plan_helpers": ("flagship", "youshu_push_monitor"),
    "watch_wechat_youshu_report": ("flagship", "youshu_deadline_watch"),
    "watch_youshu_order_summary": ("flagship", "youshu_deadline_watch"),
}
DOWN = ("outlet", "outlet_mysql", "wangdiantong_aftersales outlet_mysql")


class Senders:
    """The sender of all shops stays until two newer runs have one."""

    def __init__(self, scheduler: SimulatedScheduler) -> None:
        self.scheduler = scheduler
        self.began: list[tuple[str, datetime]] = []
        scheduler.resident = self.stays

    def stays(self, ti: Any) -> bool:
        stays = ti.task_id == "push_orders"
        if stays:
            self.began.append((ti.run_id, self.scheduler.moment))
        return bool(stays)

    def hand_over(self) -> None:
        self.scheduler.end_residents(lambda ti: ti.run_id in [run_id for run_id, _ in self.began[:-2]])


def served_soon(served_at: list[datetime], moment: datetime) -> bool:
    """What waits for the tries of all, as the checks do, comes a few minutes later."""
    return any(moment <= at < moment + 5 * MINUTE for at in served_at)


def one_shop_is_nowhere(settings: EditedSettings) -> None:
    for rds in settings.content["jushita"]["instances"]:
        rds["tables"] = ["jdp_tb_trade"]
    settings.content["shops"][1]["store_conn_id"] = "outlet_mysql"  # nobody is there
    settings.write()


@pytest.mark.long
def test_the_others_keep_their_pace(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    alerts: AlertReceiver,
    warehouse: psycopg.Connection,
    store: psycopg.Connection,
) -> None:
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    one_shop_is_nowhere(EditedSettings(tmp_path / "retail.yaml", monkeypatch))
    tasks = NotedTasks(monkeypatch, looking=True)
    scheduler = SimulatedScheduler(monkeypatch, PACE.keys(), START)
    senders = Senders(scheduler)

    def down(served: Served) -> None:
        if served[1] in DOWN:
            raise DatabaseUnavailable("connection refused")

    tasks.ends = down
    due: dict[str, list[datetime]] = defaultdict(list)
    for minute in STEPS:
        scheduler.moment = START + minute * MINUTE
        for dag_id, pace in PACE.items():
            if minute % pace == 0:
                due[dag_id].append(scheduler.moment)
                scheduler.begin(dag_id)
        scheduler.go_on()
        senders.hand_over()

    late = {
        task: [moment for moment in due[dag_id] if not served_soon(tasks.served_at[task, name], moment)]
        for task, (name, dag_id) in WELL.items()
    }
    assert {task: moments for task, moments in late.items() if moments} == {}
    assert any("花间集旗舰店" in title for title in alerts.titles), "nobody has reported its day"
    assert [moment for _, moment in senders.began] == due["youshu_order_push"]
    assert PACE.keys() == {path.stem for path in DAGS.glob("*.py")}
