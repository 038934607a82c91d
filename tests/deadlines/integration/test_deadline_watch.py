"""A day that cannot be looked at is not done, and somebody hears why."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime

import psycopg
import pytest

from retail_pipeline import clock
from retail_pipeline.orchestration.deadline_watch import alert_missed_deadline, deadline_watch
from retail_pipeline.settings.file import load_settings
from tests.alerts.alert_receiver import AlertReceiver

SHOP = load_settings().shops[0]
REPORT = "youshu_order_summary"


def test_an_unreachable_database_is_the_reason(
    warehouse: psycopg.Connection, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = json.loads(os.environ["AIRFLOW_CONN_STORE_POSTGRES"])
    monkeypatch.setenv("AIRFLOW_CONN_STORE_POSTGRES", json.dumps({**connection, "port": 1}))
    assert deadline_watch().review_latest(REPORT, source="watchdog", now=clock.now()) == [
        "flagship",
        "outlet",
    ]
    assert len(alerts.messages) == 2
    assert "connection 'store_postgres'" in alerts.messages[0]["message"]
    assert connection["password"] not in alerts.messages[0]["message"]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DROP TABLE youshu_order_summary", "retail schema apply"),
        ("ALTER TABLE youshu_order_summary DROP COLUMN last_error", "last_error"),
        ("REVOKE ALL ON youshu_order_summary FROM CURRENT_USER", "permission denied"),
    ],
)
def test_tables_that_do_not_fit_are_the_reason(store: psycopg.Connection, damage: str, words: str) -> None:
    store.execute(damage)
    progress = deadline_watch().progress(REPORT, SHOP, date(2026, 11, 22))
    assert not progress.done
    assert words in (progress.last_error or "")


def test_a_done_day_is_quiet(
    store: psycopg.Connection, warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    for shop in ("flagship", "outlet"):
        store.execute(
            "INSERT INTO youshu_order_summary (shop, business_date, give_order_amount_sum, give_order_num_sum,"
            " payment_amount_sum, payed_num_sum, status, reported_at)"
            " SELECT %s, day, 0, 0, 0, 0, 1, now()"
            " FROM generate_series(now() - interval '3 days', now(), '1 day') day",
            [shop],
        )
    assert deadline_watch().review_latest(REPORT, source="watchdog", now=clock.now()) == []
    assert alerts.titles == []


@pytest.mark.parametrize(("made_at", "alerted"), [("2026-11-22T21:00:05Z", 2), ("2026-11-23T07:00:00Z", 0)])
def test_a_deadline_alert_alerts_for_a_run_that_was_made_in_time_only(
    store: psycopg.Connection,
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    made_at: str,
    alerted: int,
) -> None:
    """The context as Airflow 3.3.2 hands it to the callback, 06:00 in Shanghai being the deadline."""
    deadline = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    run = {"dag_run_id": "scheduled__1", "queued_at": made_at}
    alert_missed_deadline(REPORT, context={"dag_run": run, "deadline": {"deadline_time": deadline}})
    assert len(alerts.titles) == alerted
    assert (
        len(warehouse.execute("SELECT 1 FROM etl_alert WHERE source = 'deadline_alert'").fetchall())
        == alerted
    )


def test_a_connection_that_is_not_defined_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_STORE_POSTGRES")
    progress = deadline_watch().progress(REPORT, SHOP, date(2026, 11, 22))
    assert "'store_postgres' is not defined" in (progress.last_error or "")
