"""What Airflow itself has to know of this project."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin

from retail_pipeline.orchestration.scheduled_run_deadline import ScheduledRunDeadline


class RetailPlugin(AirflowPlugin):
    """Registers the deadline reference of the daily reports."""

    name = "retail"
    deadline_references: ClassVar = [ScheduledRunDeadline]
