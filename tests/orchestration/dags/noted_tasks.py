"""Tasks that do nothing but note whom they serve, and end as they are told: what remains is when they are run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline import clock
from retail_pipeline.deadlines.due_times import Progress
from retail_pipeline.deadlines.watch import DeadlineWatch
from retail_pipeline.errors import TransientApiError
from retail_pipeline.monitors.guards.operators import WatchGuardsOperator
from retail_pipeline.monitors.loads.operators import WatchLoadOperator
from retail_pipeline.orchestration.alert_operators import DeadlineWatchOperator
from retail_pipeline.orchestration.table_checks import TableCheckOperator
from retail_pipeline.pipelines.daily_reports.pull_operators import WeChatToStoreOperator
from retail_pipeline.pipelines.daily_reports.report_operators import (
    OrderSummaryToYoushuOperator,
    VisitsToYoushuOperator,
)
from retail_pipeline.pipelines.daily_reports.summary_operators import OrderSummaryOperator
from retail_pipeline.pipelines.jushita_monitor.operators import (
    WatchBacklogOperator,
    WatchPushedRowsOperator,
    WatchPushUsersOperator,
)
from retail_pipeline.pipelines.jushita_sys_info.operators import SysInfoToWarehouseOperator
from retail_pipeline.pipelines.jushita_sys_info.reconcile_operators import ReconcileSysInfoOperator
from retail_pipeline.pipelines.order_push.operators import (
    Help,
    PlanPushHelpersOperator,
    PushOrdersOnceOperator,
    PushOrdersOperator,
)
from retail_pipeline.pipelines.order_push.watch_operators import ReconcileOrdersOperator, WatchOutboxOperator
from retail_pipeline.pipelines.wangdiantong_aftersales.operators import AftersalesToTargetOperator
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop
from tests.orchestration.dags.scheduler import SimulatedScheduler

SERVING = (
    WeChatToStoreOperator,
    VisitsToYoushuOperator,
    OrderSummaryOperator,
    OrderSummaryToYoushuOperator,
    PushOrdersOperator,
    PushOrdersOnceOperator,
    ReconcileOrdersOperator,
    WatchOutboxOperator,
    WatchLoadOperator,
    WatchBacklogOperator,
    SysInfoToWarehouseOperator,
    ReconcileSysInfoOperator,
    AftersalesToTargetOperator,
    TableCheckOperator,
)
UNMAPPED = (
    DeadlineWatchOperator,
    PlanPushHelpersOperator,
    WatchGuardsOperator,
    WatchPushUsersOperator,
    WatchPushedRowsOperator,
)
# Of these: those that look at all shops in one task.
LOOKING = (DeadlineWatchOperator, PlanPushHelpersOperator)
Served = tuple[str, str, str]  # the task, its subject, the connections of that


class NotedTasks:
    """What tasks do here: they note whom they serve, and end as they are told.

    :param looking: those that look at all shops in one task do look, once
    :ivar served_at: when, by task and subject
    """

    def __init__(self, patch: pytest.MonkeyPatch, *, looking: bool = False) -> None:
        self.served: list[Served] = []
        self.served_at: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self.ends: Callable[[Served], object] = lambda _served: None
        for operator in SERVING:
            patch.setattr(operator, "execute", self._execute)
        for unmapped in UNMAPPED:
            if not looking or unmapped not in LOOKING:
                patch.setattr(unmapped, "execute", lambda *_, **__: [])
        if looking:
            self._note_looks(patch)

    def _note_looks(self, patch: pytest.MonkeyPatch) -> None:
        """Each shop that is looked at is noted; whoever looks at its sender's lock does so once in a run."""
        progress, helps = DeadlineWatch.progress, PlanPushHelpersOperator._help

        def look_at_day(watch: DeadlineWatch, report: str, shop: Shop, day: date) -> Progress:
            self.served_at[f"watch_{report}", shop.name].append(clock.now())
            return progress(watch, report, shop, day)

        def look_at_lock(plan: PlanPushHelpersOperator, shop: Shop, limits: OrderPush) -> Help:
            self.served_at["plan_helpers", shop.name].append(clock.now())
            return helps(plan, shop, limits)

        patch.setattr(DeadlineWatch, "progress", look_at_day)
        patch.setattr(PlanPushHelpersOperator, "_help", look_at_lock)
        patch.setattr(PlanPushHelpersOperator, "execute", lambda plan, context: plan.poke(context).xcom_value)

    @property
    def _execute(self) -> Callable[..., None]:
        def execute(operator: Any, context: Any) -> None:
            all_served = self._served_by(operator)
            self.served += all_served
            for served in all_served:
                self.served_at[served[:2]].append(clock.now())
            for served in all_served:
                self.ends(served)

        return execute

    def _served_by(self, operator: Any) -> list[Served]:
        about = getattr(operator, "chunk", None) or vars(operator)
        kinds = ("shop", "account", "instance", "target", "load")
        subjects = about.get("subjects") or [next(about[kind] for kind in kinds if kind in about)]
        return [(operator.task_id, subject["name"], _connections(subject)) for subject in subjects]

    def take(self) -> set[Served]:
        served = set(self.served)
        self.served.clear()
        return served

    def failing_for_good(self, name: str) -> Callable[[Served], None]:
        def end(served: Served) -> None:
            if served[1] == name:
                raise AirflowFailException("a person must mend it")

        return end

    def edit_and_wait(
        self, scheduler: SimulatedScheduler, edits: Iterator[Callable[[], None]]
    ) -> Callable[[Served], None]:
        """What fails passes by itself; the first that runs finds the settings edited meanwhile."""

        def end(_served: Served) -> None:
            for edit in edits:
                edit()
                scheduler.parse()
            raise TransientApiError("busy", vendor="test", method="test")

        return end

    def well(self, _served: Served) -> None:
        """Nothing fails."""


def _connections(subject: dict[str, Any]) -> str:
    return str({name: value for name, value in subject.items() if name.endswith("conn_id")})
