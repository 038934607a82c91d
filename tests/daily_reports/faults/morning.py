"""One run of a daily report, minute by minute on a simulated clock: real operators, policy, notifier and servers.

What Airflow's scheduler adds to them is small and told here: a task is tried when those before it are done, a failed
try comes back after the delay that the retry policy asks for, and the notifier is called after every try.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.orchestration.dag_defaults import REPORT_PARAMS
from retail_pipeline.orchestration.notifier import ReportNotifier
from retail_pipeline.orchestration.retry_policies import UntilDeadline
from tests.conftest import SimulatedClock


@dataclass
class Task:
    operator: Any
    after: Task | None = None
    ready_at: datetime | None = None
    state: str = "waiting"
    tried_at: list[datetime] = field(default_factory=list)


@dataclass
class Morning:
    """Runs tasks until all are done or failed.

    :ivar meanwhile: what happens beside them, and when
    """

    clock: SimulatedClock
    report: str
    run_type: str = "scheduled"
    params: dict[str, Any] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    meanwhile: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def add(self, operator: Any, after: Task | None = None) -> Task:
        task = Task(operator, after)
        self.tasks.append(task)
        return task

    def run(self) -> None:
        start = self.clock.moment
        dag_run = SimpleNamespace(
            dag_id=self.report, run_type=self.run_type, logical_date=start, run_after=start, start_date=start
        )
        while task := self._next(start):
            ready_at = max(self.clock.moment, task.ready_at or start)
            while self.meanwhile and self.meanwhile[0][0] <= ready_at:
                moment, happens = self.meanwhile.pop(0)
                self.clock.set(moment)
                happens()
            self.clock.set(ready_at)
            self._try(task, dag_run)

    def _next(self, start: datetime) -> Task | None:
        able = [
            t for t in self.tasks if t.state == "waiting" and (t.after is None or t.after.state == "done")
        ]
        return min(able, key=lambda task: task.ready_at or start, default=None)

    def _try(self, task: Task, dag_run: Any) -> None:
        task.tried_at.append(self.clock.moment)
        context = {
            "dag_run": dag_run,
            "params": {**{name: param.value for name, param in REPORT_PARAMS.items()}, **self.params},
            "task": task.operator,
            "ti": SimpleNamespace(task_id=task.operator.task_id, run_id="scheduled__1"),
        }
        try:
            task.operator.execute(context)
            task.state = "done"
        except Exception as error:  # noqa: BLE001 (as Airflow does)
            context["exception"] = error
            self._failed(task, error, context)
        ReportNotifier()(context)

    def _failed(self, task: Task, error: Exception, context: Any) -> None:
        if isinstance(error, AirflowFailException):
            task.state = "failed"
            return
        decision = UntilDeadline().evaluate(error, len(task.tried_at), 200, context)
        if decision.retry_delay is None:
            task.state = "failed"
        else:
            task.ready_at = self.clock.moment + decision.retry_delay
