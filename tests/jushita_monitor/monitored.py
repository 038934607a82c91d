"""The push monitor's tasks as Airflow would run them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from retail_pipeline.pipelines.jushita_monitor.operators import (
    WatchBacklogOperator,
    WatchPushedRowsOperator,
    WatchPushUsersOperator,
)
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
SELLER = "素白_家居"
MONITOR = {"calm_minutes": 30, "feed_lag": {"min_rows": 10}}
MONITORED = {"instances": [{"name": "rds", "tables": [TRADE]}], "monitor": MONITOR}


class Monitor:
    """The watches' tasks, one by one, on Monday noon."""

    def __init__(self, runs: SysInfoRuns, alerts: AlertReceiver, sandbox: Any) -> None:
        self.runs = runs
        self.sandbox = sandbox
        self._alerts = alerts

    def alerted(self) -> list[str]:
        """Return the titles since the last time."""
        titles = list(self._alerts.titles)
        self._alerts.messages.clear()
        return titles

    def users(self, after: timedelta = timedelta(0)) -> list[str]:
        return self._watch(WatchPushUsersOperator(task_id="watch_push_users"), after)

    def rows(self, after: timedelta = timedelta(0)) -> list[str]:
        return self._watch(WatchPushedRowsOperator(task_id="watch_pushed_rows"), after)

    def backlog(self, after: timedelta = timedelta(0)) -> list[str]:
        return self._watch(WatchBacklogOperator(task_id="watch_backlog", instance=planned.instance()), after)

    def _watch(self, task: Any, after: timedelta) -> list[str]:
        """Let a time pass, then run a task as Airflow would; return what is heard."""
        self.runs.clock.advance(after)
        try:
            task.execute({})
        except Exception as error:
            TaskFailureNotifier().notify({"task": task, "exception": error})
            raise
        return self.alerted()

    def seller(self, **state: Any) -> None:
        self.sandbox.tell("push_users_set", user_nick=SELLER, **state)

    def figures(self, check: str) -> dict[str, Any]:
        """Return the latest row of a check."""
        return self.runs.rows(f"SELECT * FROM jushita_push_health WHERE check_name = '{check}' ORDER BY id")[
            -1
        ]

    def loaded(self, hours_after: float = 3) -> None:
        """Fill sys_info from ten hours ago into the future, and load it up to now."""
        self.runs.fill(130, MONDAY_NOON - 10 * HOUR, MONDAY_NOON + hours_after * HOUR)
        self.runs.run(TRADE)
