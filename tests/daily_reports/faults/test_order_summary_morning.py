"""05:00 to 07:00 of the order summary: the same patience and the same alerts, at its own times."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.daily_reports.report_operators import OrderSummaryToYoushuOperator
from retail_pipeline.pipelines.daily_reports.summary_operators import OrderSummaryOperator
from retail_pipeline.vendors.youshu.client import YoushuClient
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import SimulatedClock
from tests.daily_reports.faults.morning import Morning
from tests.order_push.orders import ShopOrders
from tests.sandbox_control import SandboxControl

REPORT = "youshu_order_summary"
NAME = "youshu_order_summary of 花间集旗舰店 for 2026-11-22"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}:00").replace(tzinfo=SHANGHAI)


@pytest.fixture
def morning(
    store: psycopg.Connection, warehouse: psycopg.Connection, simulated_clock: SimulatedClock
) -> Morning:
    simulated_clock.set(at("05:00"))
    shop = ShopOrders(store, moment=at("05:00") - timedelta(days=1))
    for number in (1, 2):
        shop.place(number, "1150", enqueue=False)
    morning = Morning(simulated_clock, REPORT)
    compute = morning.add(
        OrderSummaryOperator(task_id="compute_order_summary", shop=planned.shop("flagship"))
    )
    morning.add(
        OrderSummaryToYoushuOperator(task_id="report_order_summary", shop=planned.shop("flagship")),
        after=compute,
    )
    return morning


def test_a_day_of_orders_is_reported_at_once(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    morning.run()
    (report,) = sandbox.reports()
    assert {str(report["row"][name]) for name in ("give_order_num_sum", "payed_num_sum")} == {"2"}
    assert alerts.titles == []


@pytest.mark.long
def test_youshu_down_over_six_alerts_once_and_recovers(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver, store: psycopg.Connection
) -> None:
    sandbox.fault("/data-api/", "http_status", status=503, until=at("06:07").isoformat())
    morning.run()
    assert alerts.titles == [f"late at 06:00: {NAME}", f"late but done at 06:10: {NAME}"]
    assert store.execute("SELECT status, push_num FROM youshu_order_summary").fetchone() == (1, 63)


@pytest.mark.long
def test_youshu_down_until_seven_is_given_up(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sandbox.fault("/data-api/", "http_status", status=503)
    morning.run()
    assert [task.state for task in morning.tasks] == ["done", "failed"]
    assert alerts.titles == [f"late at 06:00: {NAME}", f"NOT DONE, given up at 07:00: {NAME}"]


def test_a_session_that_dies_while_youshu_answers_leaves_no_doubt(
    morning: Morning,
    sandbox: SandboxControl,
    alerts: AlertReceiver,
    store: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = YoushuClient.add_order_sum
    kill = (
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'"
    )

    def answer_and_kill(client: YoushuClient, body: str) -> str:
        told = answer(client, body)
        assert store.execute(kill).fetchall() == [(True,)]
        return told

    monkeypatch.setattr(YoushuClient, "add_order_sum", answer_and_kill)
    morning.run()
    assert [len(task.tried_at) for task in morning.tasks] == [1, 1]
    assert len(sandbox.reports()) == 1
    assert store.execute("SELECT status, push_num FROM youshu_order_summary").fetchone() == (1, 1)
    assert alerts.titles == []
