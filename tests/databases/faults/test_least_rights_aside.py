"""Alerts, guards, and what people do by hand need no more than the role of the task, and no operator is forgotten."""

from __future__ import annotations

import inspect
import re
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk import DAG

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.once import alert_once
from retail_pipeline.monitors.guards.operators import WatchGuardsOperator
from retail_pipeline.monitors.loads.operators import PlanLoadsOperator
from retail_pipeline.orchestration.alert_operators import SendAlertsOperator
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.plan_operators import (
    PlanInstancesOperator,
    PlanPushingShopsOperator,
    PlanReportShopsOperator,
    PlanWarehouseOperator,
)
from retail_pipeline.pipelines.order_push.operators import PlanPushOperator
from retail_pipeline.pipelines.wangdiantong_aftersales.operators import PlanAftersalesTargetsOperator
from retail_pipeline.settings.retail import AlertSettings
from tests import planned
from tests.alerts.alert_record import pass_time
from tests.daily_reports.faults import test_order_summary_doubts as doubts
from tests.daily_reports.faults import test_visit_report_morning
from tests.daily_reports.faults.test_order_summary_doubts import begin, change_settings
from tests.databases.faults.under_roles import each_target, runs, store
from tests.jushita_monitor import monitored as feed_monitor
from tests.jushita_sys_info import runs as sys_info
from tests.jushita_sys_info.faults import test_reconcile as test_sys_info_reconcile
from tests.jushita_sys_info.integration import test_commands as test_sys_info_cli
from tests.jushita_sys_info.runs import MONDAY_NOON
from tests.wangdiantong_aftersales import runs as aftersales
from tests.wangdiantong_aftersales.integration import test_commands as test_aftersales_cli

__all__ = ["begin", "change_settings", "each_target", "runs", "store"]  # fixtures
HERE = Path(__file__)
DAGS = HERE.parents[3] / "dags"
RUN_BY = (aftersales, doubts, feed_monitor, sys_info, test_sys_info_reconcile, test_visit_report_morning)


def test_what_a_channel_has_refused_is_sent(store, warehouse, alerts):
    late = Alert(
        "wechat_youshu_report", "flagship", date(2026, 11, 22), AlertKind.LATE, "task", "late", "why"
    )
    alerts.status = 500
    alert_once([late], alerting(AlertSettings()))
    alerts.status = 200
    pass_time(warehouse)
    SendAlertsOperator(task_id="send_alerts").execute({})
    assert alerts.titles == ["late"]


def test_guards_are_watched(store, warehouse, alerts):
    WatchGuardsOperator(task_id="watch_guards").execute({})
    looked = warehouse.execute("SELECT subject FROM etl_guard WHERE looked_at IS NOT NULL").fetchall()
    assert looked == [("watch of the guards",)]


def test_a_person_confirms_a_day(begin, store, sandbox, alerts):
    doubts.test_a_day_of_zeros_is_asked_about_and_reported_at_once_when_a_person_says_so(
        begin, store, sandbox, alerts
    )


@pytest.mark.long
def test_orders_that_were_set_aside_are_replayed(runs):
    test_aftersales_cli.test_several_records_are_replayed_one_after_the_other(runs, "--all")


@pytest.mark.long
def test_pushed_rows_that_were_set_aside_are_replayed(each_target):
    each_target.fill(20, MONDAY_NOON - 3 * timedelta(hours=1), MONDAY_NOON)
    test_sys_info_cli.test_a_row_that_was_mended_comes_back_by_replay(each_target)


@pytest.mark.parametrize(
    "operator",
    [
        PlanAftersalesTargetsOperator,
        PlanInstancesOperator,
        PlanLoadsOperator,
        partial(PlanPushOperator, scheduled=True),
        PlanPushingShopsOperator,
        PlanReportShopsOperator,
        PlanWarehouseOperator,
    ],
)
def test_who_plans_needs_no_database_at_all(operator, monkeypatch):
    for conn_id in ("store_postgres", "warehouse_postgres", "bi_mysql", "jushita_mysql"):
        monkeypatch.delenv(f"AIRFLOW_CONN_{conn_id.upper()}")
    with DAG("wechat_youshu_report", schedule=None):
        task = operator(task_id="plan")
    run = SimpleNamespace(run_type="scheduled")
    assert task.execute({"task_state_store": planned.StateStore(), "dag_run": run})


def named(source: str) -> set[str]:
    return set(re.findall(r"\b\w+Operator\b", source))


def test_every_operator_of_a_dag_runs_under_its_role():
    """What is named in a DAG file is named here, or by what the tests of this kind run tasks with."""
    files = {*HERE.parent.glob("test_least_rights*.py"), *(Path(inspect.getfile(each)) for each in RUN_BY)}
    run = set[str]().union(*(named(file.read_text(encoding="utf-8")) for file in files))
    used = {file.stem: named(file.read_text(encoding="utf-8")) for file in DAGS.glob("*.py")}
    assert all(used.values())
    assert {dag: missing for dag, operators in used.items() if (missing := operators - run)} == {}
