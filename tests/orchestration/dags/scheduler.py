"""Airflow's own scheduler, whose tasks run in this process one after the other, on a clock that is moved.

It makes runs, decides which tasks may begin, and holds pools and limits; only the executor is ours. The DAG files are
parsed anew when the settings were edited, as the DAG processor does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from airflow._shared.timezones import timezone
from airflow.callbacks.database_callback_sink import DatabaseCallbackSink
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.executors.base_executor import BaseExecutor
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.dag import DagModel
from airflow.models.dagbag import DBDagBag
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.models.taskinstance import TaskInstance, clear_task_instances
from airflow.sdk.api.datamodels._generated import TaskInstance as TaskToRun
from airflow.sdk.execution_time.supervisor import run_task_in_process
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, State
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import delete, func, select, update

from devstack.airflow_settings import pools
from retail_pipeline import clock

BUNDLE = "simulated"
DAGS = Path(__file__).parents[3] / "dags"


class Executor(BaseExecutor):
    """Runs what the scheduler hands to it, one after the other, in its order."""

    def __init__(self, run: Callable[[Any], bool], slots: int) -> None:
        super().__init__(parallelism=slots)
        self.callback_sink = DatabaseCallbackSink()
        self._run = run

    def _process_workloads(self, workloads: Sequence[Any]) -> None:
        for workload in workloads:
            self.queued_tasks.pop(workload.ti.key)
            self.running.add(workload.ti.key)
            if self._run(workload.ti):
                self.success(workload.ti.key)


class SimulatedScheduler:
    """The scheduler, and the hands of who uses it.

    :param dag_ids: the DAGs that are not paused
    :param slots: of the pools, where other than what is made
    :ivar resident: a task for which it says so stays until it is told to end
    :ivar holds: for so long a task waits for somebody who is silent, before it runs to its end
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        dag_ids: Collection[str],
        moment: datetime,
        slots: Mapping[str, int] | None = None,
    ) -> None:
        self.moment = moment
        self.resident: Callable[[Any], bool] = lambda _ti: False
        self._residents: list[Any] = []
        self.holds: Callable[[Any], timedelta] = lambda _ti: timedelta()
        self._held: list[tuple[datetime, Any]] = []
        patch.setattr(clock, "now", lambda: self.moment)
        patch.setattr(timezone, "utcnow", lambda: self.moment.astimezone(timezone.utc))
        self._dag_ids = dag_ids
        with create_session() as session:
            session.execute(delete(DagRun))
            session.execute(update(DagModel).values(is_paused=True))
            made = {name: pool["slots"] for name, pool in pools().items()} | dict(slots or {})
            for name, count in made.items():
                Pool.create_or_update_pool(name, count, "", False, session=session)
            job = Job()
            session.add(job)
        self.executor = Executor(self._run_task, sum(made.values()))
        self._runner = SchedulerJobRunner(job, executors=[self.executor])
        self._runner._scheduler_use_job_schedule = False  # it asks the database for the time
        self._runner._parallelism = sum(made.values())
        self.parse()

    def parse(self) -> None:
        """Read the DAG files, as the DAG processor does when a file or the settings were edited."""
        with create_session() as session:
            DagBundlesManager().sync_bundles_to_db(session=session)
        files = [DAGS / f"{dag_id}.py" for dag_id in self._dag_ids]
        bag = BundleDagBag(dag_folder=DAGS, bundle_path=DAGS, bundle_name="dags-folder", collect_dags=False)
        for file in files:
            bag.process_file(str(file), only_if_updated=False)
        assert bag.import_errors == {}
        self.dags = bag.dags
        sync_bag_to_db(bag, "dags-folder", None)
        with create_session() as session:
            session.execute(
                update(DagModel)
                .where(DagModel.dag_id.in_(self._dag_ids))
                .values(is_paused=False, is_stale=False)
            )

    def begin(self, dag_id: str, run_type: DagRunType = DagRunType.SCHEDULED) -> str | None:
        """Make a run of this moment, as the schedule or a person does; None where too many are active."""
        with create_session() as session:
            active = select(func.count()).where(
                DagRun.dag_id == dag_id, DagRun.state.in_(State.unfinished_dr_states)
            )
            dag = DBDagBag().get_latest_version_of_dag(dag_id, session=session)
            assert dag
            if session.scalar(active) >= dag.max_active_runs:
                return None
            run = dag.create_dagrun(
                run_id=f"{run_type}__{self.moment.isoformat()}",
                logical_date=self.moment,
                data_interval=(self.moment, self.moment),
                run_after=self.moment,
                run_type=run_type,
                triggered_by=DagRunTriggeredByType.TIMETABLE,
                state=DagRunState.QUEUED,
                session=session,
            )
            return str(run.run_id)

    def go_on(self) -> None:
        """Let the scheduler work until there is nothing to do at that moment."""
        self._release()
        while self._loop():
            pass

    def _loop(self) -> bool:
        """Do what one round of the scheduler does; return whether it did anything."""
        before = self._states()
        with create_session() as session:
            self._runner._do_scheduling(session)
            session.expunge_all()
        self.executor.heartbeat()
        with create_session() as session:
            self._runner._process_executor_events(executor=self.executor, session=session)
        return self._states() != before

    def standing(self, task_id: str) -> int:
        """Return how many stay of a task."""
        return sum(ti.task_id == task_id for ti in self._residents)

    def end_residents(self, ends: Callable[[Any], bool]) -> bool:
        """Let those end that stay; return whether there were any."""
        ending = [each for each in self._residents if ends(each)]
        for ti in ending:
            self._residents.remove(ti)
            self._set(ti, state="success", end_date=self.moment)
            self.executor.success(ti.key)
        return bool(ending)

    def _set(self, ti: Any, **values: Any) -> None:
        key = {name: getattr(ti, name) for name in ("dag_id", "run_id", "task_id", "map_index")}
        with create_session() as session:
            session.execute(update(TaskInstance).filter_by(**key).values(**values))

    def _run_task(self, ti: Any) -> bool:
        """Return whether the task has ended."""
        if self.resident(ti):
            self._residents.append(ti)
            self._set(ti, state="running", start_date=self.moment)
            return False
        if held := self.holds(ti):
            self._held.append((self.moment + held, ti))
            self._set(ti, state="running", start_date=self.moment)
            return False
        self._run_to_its_end(ti)
        return True

    def _release(self) -> None:
        """Run what has waited for long enough, unless its run has ended meanwhile."""
        waited = [each for each in self._held if each[0] <= self.moment]
        for each in waited:
            self._held.remove(each)
            ti = each[1]
            if str(ti.id) in {str(task.id) for task in self.tasks(ti.dag_id) if task.state == "running"}:
                self._set(ti, state="queued")
                self._run_to_its_end(ti)
            self.executor.success(ti.key)

    def _run_to_its_end(self, ti: Any) -> None:
        names = ("task_id", "dag_id", "run_id", "try_number", "map_index", "dag_version_id")
        task = self.dags[ti.dag_id].task_dict[ti.task_id]
        run_task_in_process(
            ti=TaskToRun(id=UUID(str(ti.id)), **{name: getattr(ti, name) for name in names}), task=task
        )
        self._set(ti, end_date=self.moment)  # the task's own clock is the machine's

    def _states(self) -> list[tuple[Any, ...]]:
        with create_session() as session:
            found = select(TaskInstance.id, TaskInstance.state, TaskInstance.try_number)
            runs = select(DagRun.id, DagRun.state)
            return sorted(map(tuple, [*session.execute(found), *session.execute(runs)]), key=str)

    def tasks(self, dag_id: str) -> list[TaskInstance]:
        with create_session() as session:
            order = (TaskInstance.run_id, TaskInstance.task_id, TaskInstance.map_index)
            found = select(TaskInstance).where(TaskInstance.dag_id == dag_id).order_by(*order)
            tasks = list(session.scalars(found))
            session.expunge_all()
            return tasks

    def runs(self, dag_id: str) -> list[DagRun]:
        with create_session() as session:
            found = list(
                session.scalars(select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.run_after))
            )
            session.expunge_all()
            return found

    def clear(self, dag_id: str, run_id: str, *, only_failed: bool = True) -> None:
        """As the button «Clear» does."""
        chosen = select(TaskInstance).where(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
        if only_failed:
            chosen = chosen.where(TaskInstance.state.in_(State.failed_states))
        with create_session() as session:
            clear_task_instances(list(session.scalars(chosen)), session)
