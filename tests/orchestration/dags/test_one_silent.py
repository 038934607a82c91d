"""One of each kind takes the connection and never answers, for an hour: it is heard of, and the others are watched.

Who asks it holds a slot until his patience ends. Airflow's own scheduler on a clock that is moved, the pools that
come with the project; what a look asks a database is left out.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.databases.session_settings import BRIEF_SECONDS
from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.monitors.loads import operators as loads
from retail_pipeline.monitors.settings.operators import WatchSettingsOperator
from retail_pipeline.pipelines.jushita_monitor.operators import (
    WatchBacklogOperator,
    WatchPushedRowsOperator,
    WatchPushUsersOperator,
)
from retail_pipeline.pipelines.order_push import watch_operators as outboxes
from retail_pipeline.pipelines.order_push.operators import PlanPushHelpersOperator
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.orchestration.dags.scheduler import SimulatedScheduler
from tests.orchestration.dags.two_of_each import EditedSettings

START = datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)
MINUTE, STEP = timedelta(minutes=1), timedelta(seconds=30)
# Every so many minutes, and how soon a look that is due must have come.
PACE = {"youshu_push_monitor": 1, "etl_alert_send": 1, "etl_load_monitor": 10, "jushita_push_monitor": 10}
LASTS, SOON = 60 * MINUTE, 2 * MINUTE
PATIENCE = timedelta(seconds=BRIEF_SECONDS)
SILENT = ("outlet", "outlet_mysql")
# Tasks that ask the silent one: alone, or among all.
HELD = {
    "watch_outbox": 1,
    "watch_backlog": 1,
    "watch_load": 1,
    "plan_helpers": -1,
    "watch_settings": -1,
}


class Looks:
    """Looks that ask nobody: who is well is noted, who is silent is not reached.

    :ivar at: when, by the one that is looked at
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at: dict[str, list[datetime]] = defaultdict(list)
        patch.setattr(outboxes, "review_shop", lambda shop, _settings: self._look(f"outbox {shop.name}"))
        patch.setattr(loads, "review_load", lambda load, _settings: self._look(f"load {load.conn_id}"))
        patch.setattr(
            WatchBacklogOperator, "look", lambda watch, _jushita: self._look(f"RDS {watch.instance['name']}")
        )
        for other in (PlanPushHelpersOperator, WatchSettingsOperator):
            patch.setattr(other, "execute", lambda *_, **__: [])
        for other in (WatchPushUsersOperator, WatchPushedRowsOperator):
            patch.setattr(other, "look", lambda *_: [])

    def _look(self, about: str) -> list[Any]:
        if about.endswith(SILENT):
            raise DatabaseUnavailable("no answer")
        self.at[about].append(clock.now())
        return []


@pytest.mark.long
def test_the_other_shops_are_watched_and_the_silent_one_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alerts: AlertReceiver, warehouse: psycopg.Connection
) -> None:
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    EditedSettings(tmp_path / "retail.yaml", monkeypatch)
    looks = Looks(monkeypatch)
    scheduler = SimulatedScheduler(monkeypatch, PACE.keys(), START)
    scheduler.holds = lambda ti: PATIENCE if HELD.get(ti.task_id) == ti.map_index else timedelta()
    while scheduler.moment < START + LASTS:
        minute, second = divmod((scheduler.moment - START).seconds, 60)
        for dag_id, pace in PACE.items():
            if not second and minute % pace == 0:
                assert scheduler.begin(dag_id), f"{dag_id} has room for its run of minute {minute}"
        scheduler.go_on()
        scheduler.moment += STEP

    for about, pace in (("outbox flagship", 1), ("load bi_mysql", 10), ("RDS flagship", 10)):
        due = [START + minute * MINUTE for minute in range(0, LASTS // MINUTE - 2, pace)]
        late = [moment for moment in due if not any(moment <= at < moment + SOON for at in looks.at[about])]
        assert (about, late) == (about, [])
    for dag_id in PACE:
        lasted = [run.end_date - run.queued_at for run in scheduler.runs(dag_id) if run.end_date]
        assert max(lasted) <= scheduler.dags[dag_id].dagrun_timeout
        assert len(lasted) > (LASTS // MINUTE - 10) / PACE[dag_id]
    guards = [task for task in scheduler.tasks("etl_load_monitor") if task.task_id == "watch_guards"]
    assert all(task.state == "success" and task.end_date - task.queued_dttm < SOON for task in guards)
    assert sorted(title for title in alerts.titles if "guard" not in title) == [
        "cannot be asked: watch of RDS outlet",
        "cannot be asked: watch of the outbox of outlet",
        "the load's ledger cannot be asked (无法读取装载台账): watch of wangdiantong_aftersales in outlet_mysql",
    ]
    missed = {title.rpartition(": ")[2] for title in alerts.titles if "guard" in title}
    assert "watch of the outbox of outlet" in missed
    assert "watch of the outbox of flagship" not in missed
