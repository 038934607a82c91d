"""Deadlines exist for scheduled runs only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.types import DagRunType

from retail_pipeline.orchestration.dag_defaults import report_deadlines
from retail_pipeline.orchestration.scheduled_run_deadline import ScheduledRunDeadline
from retail_pipeline.settings.file import load_settings

MOMENT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("run_type", "expected"),
    [(DagRunType.SCHEDULED, MOMENT), (DagRunType.BACKFILL_JOB, None), (DagRunType.MANUAL, None)],
)
def test_only_a_scheduled_run_has_one(run_type: DagRunType, expected: datetime | None) -> None:
    run_id = f"reference__{run_type.value}"
    with create_session() as session:
        run = DagRun(dag_id="wechat_youshu_report", run_id=run_id, run_type=run_type, run_after=MOMENT)
        session.add(run)
        session.flush()
        found = ScheduledRunDeadline()._evaluate_with(
            session=session, dag_id="wechat_youshu_report", run_id=run_id
        )
        session.rollback()
    assert found == expected


def test_an_unknown_run_has_none() -> None:
    with create_session() as session:
        assert ScheduledRunDeadline()._evaluate_with(session=session, dag_id="none", run_id="none") is None


@pytest.mark.parametrize(
    ("dag_id", "minutes"), [("wechat_youshu_report", [30, 60]), ("youshu_order_summary", [60, 120])]
)
def test_each_report_has_its_two_deadlines(dag_id: str, minutes: list[int]) -> None:
    alerts = report_deadlines(dag_id, load_settings().report(dag_id))
    assert [alert.interval.total_seconds() / 60 for alert in alerts] == minutes
    assert all(isinstance(alert.reference, ScheduledRunDeadline) for alert in alerts)
