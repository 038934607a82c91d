"""DAG runs that the demo started, followed through the REST API until they end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from devstack.airflow_api import AirflowApi, Json, moment
from devstack.shops import shops
from devstack.steps import StackError

ENDED = ("success", "failed")
LIMIT = 600


@dataclass(frozen=True)
class TaskView:
    """A task of a shop, as the reader sees it; times in seconds since 1970, 0 if it has not begun."""

    dag_id: str
    task_id: str
    shop: str
    state: str
    began: float
    ended: float
    log: str

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @classmethod
    def of(cls, task: Json) -> TaskView:
        began, ended = moment(task["start_date"]), moment(task["end_date"])
        now = time.time() if began else 0.0
        index = "" if task["map_index"] < 0 else f"/map_index={task['map_index']}"
        folder = f"dag_id={task['dag_id']}/run_id={task['dag_run_id']}/task_id={task['task_id']}{index}"
        return cls(
            dag_id=task["dag_id"],
            task_id=task["task_id"],
            shop=_shop(task),
            state=task["state"] or "waiting",
            began=began.timestamp() if began else 0.0,
            ended=ended.timestamp() if ended else now,
            log=f"{folder}/attempt={max(task['try_number'], 1)}.log",
        )


def _shop(task: Json) -> str:
    """Return a mapped task's shop: Airflow knows the name only once it has run, and the index tells it before."""
    if task["map_index"] < 0:
        return ""
    served = shops(task["dag_id"])
    return served[task["map_index"]] if task["map_index"] < len(served) else task["rendered_map_index"]


@dataclass
class Run:
    dag_id: str
    title: str
    run_id: str
    state: str = "queued"
    tasks: list[TaskView] = field(default_factory=list)

    def refresh(self, airflow: AirflowApi) -> None:
        self.state = airflow.run_state(
            self.dag_id, self.run_id
        )  # before its tasks, or the last of them would be missed
        self.tasks = [TaskView.of(task) for task in airflow.task_instances(self.dag_id, self.run_id)]


def wait_parsed(airflow: AirflowApi, files: Iterable[Path], edited: float) -> list[Json]:
    """Wait until the DAGs are parsed as last edited; one file is one DAG, and the file's stem is its id."""
    wanted = {path.stem for path in files}
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if errors := airflow.import_errors():
            raise StackError(
                "\n".join(f"{file} cannot be imported:\n{trace}" for file, trace in errors.items())
            )
        dags = [dag for dag in airflow.dags() if dag["dag_id"] in wanted and _parsed_since(dag, edited)]
        if len(dags) == len(wanted):
            return dags
        time.sleep(0.5)
    raise StackError(
        f"Airflow has not found all of {', '.join(sorted(wanted))}; see .local/logs/dag-processor.log"
    )


def _parsed_since(dag: Json, edited: float) -> bool:
    parsed = moment(dag["last_parsed_time"])
    return bool(parsed and parsed.timestamp() > edited)


def follow(airflow: AirflowApi, runs: list[Run], show: Callable[[list[Run]], None]) -> None:
    end = time.monotonic() + LIMIT
    while any(run.state not in ENDED for run in runs):
        if time.monotonic() > end:
            raise StackError(f"the runs have not ended after {LIMIT} s; see {airflow.address}")
        time.sleep(0.5)
        for run in runs:
            run.refresh(airflow)
        show(runs)


def log_end(path: Path, lines: int = 12) -> str:
    """Return the end of a log as text; Airflow writes its task logs as JSON lines."""
    if not path.exists():
        return "    (no log was written)"
    texts = [_text(line) for line in path.read_text().splitlines()]
    said = [text for text in texts if "::group::" not in text and "::endgroup::" not in text]
    return "\n".join(f"    {text}" for text in said[-lines:])


def _text(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    errors = [f"{error['exc_type']}: {error['exc_value']}" for error in entry.get("error_detail") or []]
    return " ".join([entry.get("level", ""), str(entry.get("event", "")), *errors]).strip()
