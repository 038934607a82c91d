"""What a run's first task says of its subjects, for tests that run one task alone."""

from __future__ import annotations

from typing import Any

from retail_pipeline.monitors.loads.operators import PlanLoadsOperator
from retail_pipeline.orchestration.planned_subjects import as_planned, planned_instances
from retail_pipeline.settings.file import load_settings


class StateStore(dict[str, Any]):
    """What a task keeps beyond its tries, as Airflow's ``task_state_store``."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value


def shop(name: str) -> dict[str, Any]:
    return as_planned(load_settings().shop(name))


def instance(name: str = "rds") -> dict[str, Any]:
    return next(as_planned(each) for each in planned_instances(load_settings()) if each.name == name)


def load(pipeline: str, conn_id: str) -> dict[str, Any]:
    planned = PlanLoadsOperator(task_id="plan_loads").subjects(load_settings())
    return next(dict(each) for each in planned if each["name"] == f"{pipeline} {conn_id}")
