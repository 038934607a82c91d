"""Airflow runs as tasks see them, with the few attributes that our code reads."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from retail_pipeline.business_time import SHANGHAI
from tests.planned import StateStore

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


def context(
    *,
    run_type: str = "scheduled",
    logical_date: datetime | None = TEN,
    run_after: datetime = TEN,
    start_date: datetime | None = TEN,
    dag_id: str = "wechat_youshu_report",
    **params: Any,
) -> dict[str, Any]:
    """Return a task's context: by default that of the scheduled run of Monday 2026-11-23, 10:00."""
    run = SimpleNamespace(
        dag_id=dag_id,
        run_type=run_type,
        logical_date=logical_date,
        run_after=run_after,
        start_date=start_date,
    )
    return {"dag_run": run, "params": params, "task_state_store": StateStore()}
