from __future__ import annotations

import pytest

from retail_pipeline.orchestration.run_links import dag_link, run_link


@pytest.fixture(autouse=True, params=["https://airflow.example", "https://airflow.example/"])
def _address(request, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", request.param)


def test_a_dag_has_a_page():
    assert dag_link("wechat_youshu_report") == "https://airflow.example/dags/wechat_youshu_report"


def test_a_run_id_with_colon_and_plus_is_quoted():
    link = run_link("wechat_youshu_report", "scheduled__2026-11-23T02:00:00+00:00")

    assert link.endswith("/dags/wechat_youshu_report/runs/scheduled__2026-11-23T02%3A00%3A00%2B00%3A00")
