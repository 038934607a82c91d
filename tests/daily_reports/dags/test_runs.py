"""Whole DAG runs by ``dag.test()``, on real databases and the sandbox."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
import requests
from airflow.dag_processing.dagbag import DagBag
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import select

from retail_pipeline import clock
from retail_pipeline.business_time import business_date_of_run, midnight_millis
from sandbox.shop.tables import Wish, fill_tables
from tests.alerts.alert_receiver import AlertReceiver
from tests.patience import PATIENCE
from tests.sandbox_control import SandboxControl

# The day before yesterday: complete at any hour at which the tests may run.
DAY = business_date_of_run(clock.now()) - timedelta(days=1)

Run = Callable[..., dict[tuple[str, str], str]]


@pytest.fixture
def run(bag: DagBag, store: psycopg.Connection, warehouse: psycopg.Connection, alerts: AlertReceiver) -> Run:
    """Run a DAG for a day; returns the state of each task by (task, shop)."""

    def test(dag_id: str, day: date = DAY, **conf: Any) -> dict[tuple[str, str], str]:
        dag = bag.dags[dag_id]
        # Airflow 3.3.2 breaks at the end of dag.test() where a DAG has deadlines (apache/airflow issue 73428).
        dag.deadline = None
        result = dag.test(run_conf={"business_date": str(day), **conf})
        instances = result.get_task_instances()
        return {(ti.task_id, ti.rendered_map_index): str(ti.state) for ti in instances}

    return test


@pytest.fixture
def sold(store: psycopg.Connection) -> None:
    """Let both shops have orders: a day without any waits for a person."""
    for shop in ("flagship", "outlet"):
        fill_tables(store, Wish(shop, DAY, DAY, orders_per_day=20, seed=1))


def break_outlet(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Give one of the outlet's connections a wrong secret."""
    connection = json.loads(os.environ[name])
    monkeypatch.setenv(name, json.dumps({**connection, "password": "wrong-secret"}))


def test_both_replies_of_every_shop_arrive_unchanged(
    run: Run, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    states = run("wechat_youshu_report")
    assert len(states) == 1 + 8
    assert set(states.values()) == {"success"}
    stored = store.execute("SELECT weixin_response_info FROM t_store_youshu_pv WHERE status = 1").fetchall()
    assert sorted(report["raw"] for report in sandbox.reports()) == sorted(row[0] for row in stored)
    assert len(stored) == 4


def test_one_shops_failure_holds_up_no_other(
    run: Run, sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_outlet(monkeypatch, "AIRFLOW_CONN_WECHAT_OUTLET")
    states = run("wechat_youshu_report")
    assert {state for (_, shop), state in states.items() if shop == "flagship"} == {"success"}
    assert states["pull_visit_page", "outlet"] == "failed"
    flagship = sandbox.credentials("youshu")["app_id"]
    assert [report["app_id"] for report in sandbox.reports()] == [flagship, flagship]


@pytest.mark.usefixtures("sold")
def test_the_order_summary_reports_what_the_shops_own_tables_say(
    run: Run, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    fill_tables(store, Wish("flagship", DAY - timedelta(days=1), DAY, orders_per_day=50, seed=1))
    assert set(run("youshu_order_summary").values()) == {"success"}
    expected = store.execute(
        "SELECT sum(payment_amount), count(*) FROM t_store_order WHERE order_source = 1 AND shop = 'flagship'"
        " AND (create_time AT TIME ZONE 'Asia/Shanghai')::date = %s",
        [DAY],
    ).fetchone()
    assert expected
    flagship = sandbox.credentials("youshu")["data_source_id"]
    by_source = {report["data_source_id"]: json.loads(report["raw"]) for report in sandbox.reports()}
    assert by_source[flagship]["ref_date"] == midnight_millis(DAY)
    assert by_source[flagship]["give_order_num_sum"] == expected[1]
    assert f"{by_source[flagship]['give_order_amount_sum']:.2f}" == str(expected[0])


@pytest.mark.long
@pytest.mark.usefixtures("sold")
def test_a_corrected_day_is_reported_again_and_an_unchanged_one_is_not(
    run: Run, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    run("youshu_order_summary")
    run("youshu_order_summary")
    assert {report["count"] for report in sandbox.reports()} == {1}
    store.execute("UPDATE t_store_order SET payment_amount = payment_amount + 1 WHERE shop = 'flagship'")
    run("youshu_order_summary")
    assert sorted(report["count"] for report in sandbox.reports()) == [1, 2]


@pytest.mark.long
@pytest.mark.usefixtures("sold")
def test_force_sends_a_reported_day_again(run: Run, sandbox: SandboxControl) -> None:
    run("youshu_order_summary")
    run("youshu_order_summary", force=True)
    assert {report["count"] for report in sandbox.reports()} == {2}


@pytest.mark.usefixtures("sold")
def test_a_missing_data_source_id_is_a_clear_error(
    run: Run, store: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection = json.loads(os.environ["AIRFLOW_CONN_YOUSHU_OUTLET"])
    del connection["extra"]["data_source_id"]
    monkeypatch.setenv("AIRFLOW_CONN_YOUSHU_OUTLET", json.dumps(connection))
    states = run("youshu_order_summary")
    assert states["report_order_summary", "outlet"] == "failed"
    assert states["report_order_summary", "flagship"] == "success"


def test_the_watchdog_alerts_though_no_run_was_ever_made(
    bag: DagBag, run: Run, alerts: AlertReceiver, warehouse: psycopg.Connection
) -> None:
    dag = bag.dags["youshu_deadline_watch"]
    for _ in range(2):
        dag.test()
    assert len(alerts.titles) == 4  # two reports of two shops, each once
    assert all("no run was created" in message["message"] for message in alerts.messages)
    assert warehouse.execute("SELECT DISTINCT source FROM etl_alert").fetchall() == [("watchdog",)]


@pytest.mark.long
@pytest.mark.usefixtures("sold")
def test_no_secret_in_what_a_full_run_leaves_behind(
    run: Run, sandbox: SandboxControl, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At DEBUG, with a token that dies, a refusal of WeChat and one of Youshu."""
    sandbox.fault("/datacube/", "kill_token", times=1)
    sandbox.fault("/datacube/", "error", body={"errcode": 48001, "errmsg": "api unauthorized"}, times=1)
    sandbox.fault("/data-api/", "error", body={"retcode": 13, "errmsg": "data format wrong"}, times=1)
    with caplog.at_level(logging.DEBUG):
        states = {**run("wechat_youshu_report"), **run("youshu_order_summary")}
    assert list(states.values()).count("failed") == 2
    output = capfd.readouterr()
    text = caplog.text + output.out + output.err + _kept_by_airflow()
    assert "pull_visit_page" in text
    found = [secret for secret in _secrets(sandbox) if secret in text]
    assert found == []


def _kept_by_airflow() -> str:
    """Everything in the metadata database that a task may write: XCom, rendered templates, notes."""
    with create_session() as session:
        kept = [
            *session.scalars(select(XComModel.value)),
            *session.scalars(select(RenderedTaskInstanceFields.rendered_fields)),
        ]
    assert len(kept) > 10
    return json.dumps(kept, default=str)


def _secrets(sandbox: SandboxControl) -> list[str]:
    credentials = sandbox.ask("credentials")
    app = sandbox.credentials("wechat")
    asked = {"grant_type": "client_credential", "appid": app["appid"], "secret": app["secret"]}
    token = requests.post(f"{sandbox.url}/cgi-bin/stable_token", json=asked, timeout=PATIENCE).json()[
        "access_token"
    ]
    return [
        token,
        *(app["secret"] for app in credentials["wechat"]),
        *(app["app_secret"] for app in credentials["youshu"]),
    ]
