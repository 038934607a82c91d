"""A deadline that counts from the moment when a scheduled run was due; other runs have none."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from airflow.sdk.definitions.deadline import BaseDeadlineReference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class ScheduledRunDeadline(BaseDeadlineReference):
    """Sets no deadline in backfills, where Airflow's own logical-date reference would alert for every run at once."""

    required_kwargs = frozenset({"dag_id", "run_id"})

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str) -> datetime | None:
        # This runs in the scheduler; a DAG file that imports this class must not import Airflow's core.
        from airflow.models.dagrun import DagRun
        from airflow.utils.types import DagRunType
        from sqlalchemy import select

        asked = select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        run = session.scalar(asked)
        if run is None or run.run_type != DagRunType.SCHEDULED:
            return None
        moment: datetime = run.run_after
        return moment
