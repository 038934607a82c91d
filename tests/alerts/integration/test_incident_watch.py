"""Trouble is heard once from its beginning to its end, and again when it begins again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from retail_pipeline.alerts import once
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.incident_alert import incident_alert
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_receiver import AlertReceiver
from tests.alerts.alert_record import pass_time
from tests.conftest import SQL, server_url
from tests.patience import PATIENCE

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
BAD = Finding("push lag of rds/a", IncidentKind.INCIDENT, "90 s", "pushed late", "ask")
WEEK = Finding("push lag of rds/a", IncidentKind.WEEK_LEFT, "90 s", "a week is left", "ask")
FINE = Finding("push lag of rds/a", None, "1 s")
OTHER = Finding("push lag of rds/b", IncidentKind.INCIDENT, "80 s", "pushed late", "ask")
LATE, OVER = "pushed late: push lag of rds/a", "recovered at {}: push lag of rds/a"


def review(*findings: Finding, at: datetime = NOON, watch: str = "monitor") -> None:
    review_incidents(watch, findings, alerting(AlertSettings()), at)


def test_what_is_fine_is_not_told(warehouse: psycopg.Connection, alerts: AlertReceiver) -> None:
    review(FINE)
    assert alerts.titles == []


def test_trouble_is_told_once_each_stage_once_and_its_end_once(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    for hours, finding in enumerate((BAD, BAD, WEEK, WEEK, FINE, FINE)):
        review(finding, at=NOON + hours * HOUR)
    assert alerts.titles == [LATE, "a week is left: push lag of rds/a", OVER.format("16:00")]
    assert all("since: 2026-11-23 12:00:00" in message["message"] for message in alerts.messages)


def test_trouble_that_begins_again_on_the_same_day_is_told_again(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    for hours, finding in enumerate((BAD, FINE, BAD, FINE)):
        review(finding, at=NOON + hours * HOUR)
    assert alerts.titles == [LATE, OVER.format("13:00"), LATE, OVER.format("15:00")]


def test_subjects_and_watches_do_not_mix(warehouse: psycopg.Connection, alerts: AlertReceiver) -> None:
    review(BAD, OTHER)
    review(BAD, watch="another")
    review(FINE, OTHER, at=NOON + HOUR)
    assert len(alerts.titles) == 4
    assert alerts.titles[3:] == [OVER.format("13:00")]


def test_trouble_that_no_channel_took_is_told_later_with_its_true_beginning(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    alerts.status = 500
    review(BAD)
    alerts.status = 200
    review(BAD, at=NOON + HOUR)
    assert alerts.titles == []
    pass_time(warehouse)
    deliver(alerting(AlertSettings()))
    assert alerts.titles == [LATE]
    assert "since: 2026-11-23 12:00:00" in alerts.messages[0]["message"]


def test_an_end_that_no_channel_took_is_told_later(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    review(BAD)
    alerts.status = 500
    review(FINE, at=NOON + HOUR)
    alerts.status = 200
    pass_time(warehouse)
    review(FINE, at=NOON + 2 * HOUR)
    deliver(alerting(AlertSettings()))
    assert alerts.titles == [LATE, OVER.format("13:00")]


def at_once(warehouse: psycopg.Connection, *reviews: Callable[[], None]) -> None:
    """Let reviews find the same, and record it, all at one moment."""
    threads = [threading.Thread(target=each) for each in reviews]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with warehouse.transaction():
        warehouse.execute("LOCK TABLE etl_alert IN SHARE MODE")  # they read, and wait where they would write
        for thread in threads:
            thread.start()
        while warehouse.execute(waiting).fetchone() != (len(threads),):
            assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(PATIENCE)


def test_reviews_at_once_find_one_trouble_and_one_end(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    moments = [NOON + seconds * timedelta(seconds=1) for seconds in range(4)]
    at_once(warehouse, *(partial(review, BAD, at=moment) for moment in moments))
    assert alerts.titles == [LATE]
    at_once(warehouse, *(partial(review, FINE, at=moment + HOUR) for moment in moments))
    assert alerts.titles == [LATE, OVER.format("13:00")]
    assert warehouse.execute("SELECT count(*) FROM etl_alert WHERE over_at IS NULL").fetchone() == (0,)


def test_subjects_share_no_lock(warehouse: psycopg.Connection, alerts: AlertReceiver) -> None:
    """One that somebody raises at this moment, in a transaction that goes on, holds up no other."""
    with psycopg.connect(server_url("WAREHOUSE_POSTGRES_URL")) as raising:
        once._is_new(raising, incident_alert("monitor", BAD, IncidentKind.INCIDENT, NOON, NOON, "link"))
        review(OTHER)
        assert alerts.titles == ["pushed late: push lag of rds/b"]


SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def test_nobody_has_a_session_or_a_lock_while_channels_are_called(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    found: list[Any] = []
    alerts.meanwhile = lambda: found.append(warehouse.execute(SESSIONS).fetchone())
    review(BAD)
    assert found == [(0,)]


def test_a_sent_alert_is_not_repeated_although_the_record_fails(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    review(BAD)
    warehouse.execute("ALTER TABLE etl_alert ADD CONSTRAINT full_up CHECK (shop <> 'push lag of rds/b')")
    review(BAD, OTHER, at=NOON + HOUR)
    assert alerts.titles == [LATE, "pushed late: push lag of rds/b"]


def test_without_the_record_trouble_is_told_all_the_same(
    alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_POSTGRES", json.dumps(nowhere))
    review(BAD)
    assert alerts.titles == [LATE]


def test_a_record_of_before_is_completed_and_keeps_what_was_told(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    """Its key had no time of beginning; the DDL may be applied again and again."""
    warehouse.execute("DROP TABLE etl_alert CASCADE")
    warehouse.execute("DROP TABLE etl_alert_delivery")
    old, *later = sorted((SQL / "schema" / "warehouse").glob("*.sql"))
    _apply(warehouse, old)
    warehouse.execute(
        "INSERT INTO etl_alert (report, shop, business_date, kind, source, title, body, sent_at)"
        " VALUES ('monitor', 'a day', '2026-11-22', 'recovered', 'task', '', '', now())"
    )
    for file in (*later, old, *later):
        _apply(warehouse, file)
    for hours, finding in enumerate((BAD, FINE, BAD)):
        review(finding, at=NOON + hours * HOUR)
    assert len(alerts.titles) == 3
    assert warehouse.execute("SELECT count(*) FROM etl_alert").fetchone() == (4,)


def test_a_trouble_of_before_goes_on_and_ends_once(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    """Of subjects whose trouble the earlier record did not see end, the latest is the one that lasts."""
    warehouse.execute("DROP TABLE etl_alert CASCADE")
    files = sorted((SQL / "schema" / "warehouse").glob("*.sql"))
    for file in files[:2]:
        _apply(warehouse, file)
    for day, time, kind in (
        (21, "12:00", "trouble"), (22, "12:00", "trouble"), (22, "12:00", "recovered"), (23, "11:00", "trouble"),
    ):  # fmt: skip
        warehouse.execute(
            "INSERT INTO etl_alert (report, shop, business_date, began_at, kind, source, title, body, sent_at)"
            " VALUES ('monitor', 'push lag of rds/a', %s, %s, %s, '', '', '', now())",
            [f"2026-11-{day}", time, kind],
        )
    for file in files * 2:
        _apply(warehouse, file)
    review(BAD)
    review(FINE, at=NOON + HOUR)
    review(FINE, at=NOON + 2 * HOUR)
    assert alerts.titles == [OVER.format("13:00")]
    assert "since: 2026-11-23 11:00:00" in alerts.messages[0]["message"]


def _apply(connection: psycopg.Connection, file: Path) -> None:
    connection.execute(file.read_bytes())
