"""An alert is heard once, and is never lost."""

from __future__ import annotations

import json
import logging
import threading
from datetime import date

import psycopg
import pytest

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.once import alert_once, alerted
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_receiver import AlertReceiver
from tests.alerts.alert_record import pass_time
from tests.patience import PATIENCE

SETTINGS = alerting(AlertSettings())
LATE = Alert("wechat_youshu_report", "flagship", date(2026, 11, 22), AlertKind.LATE, "task", "late", "why")


def told() -> frozenset[AlertKind]:
    return alerted(SETTINGS, LATE.report, [LATE.shop], LATE.business_date)[LATE.shop]


def test_a_repeated_alert_is_sent_once(warehouse: psycopg.Connection, alerts: AlertReceiver) -> None:
    alert_once([LATE], SETTINGS)
    alert_once([LATE], SETTINGS)
    assert alerts.titles == ["late"]
    assert told() == {AlertKind.LATE}


def test_simultaneous_alerts_are_sent_once(warehouse: psycopg.Connection, alerts: AlertReceiver) -> None:
    threads = [threading.Thread(target=alert_once, args=([LATE], SETTINGS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert alerts.titles == ["late"]


def test_each_kind_alerts_once_of_its_own(warehouse: psycopg.Connection, alerts: AlertReceiver) -> None:
    alert_once([LATE], SETTINGS)
    alert_once([Alert(**{**vars(LATE), "kind": AlertKind.MISSED, "title": "missed"})], SETTINGS)
    assert alerts.titles == ["late", "missed"]


def test_a_channel_that_did_not_take_it_is_asked_again(
    warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    alerts.status = 500
    alert_once([LATE], SETTINGS)
    assert told() == {AlertKind.LATE}
    alerts.status = 200
    alert_once([LATE], SETTINGS)
    assert alerts.titles == [], "not before its time"
    pass_time(warehouse)
    deliver(SETTINGS)
    deliver(SETTINGS)
    assert alerts.titles == ["late"]
    assert warehouse.execute("SELECT try_num, taken_at IS NOT NULL FROM etl_alert_delivery").fetchone() == (
        2,
        True,
    )
    assert warehouse.execute("SELECT sent_at IS NOT NULL FROM etl_alert").fetchone() == (True,)


def test_without_the_record_it_alerts_all_the_same(
    alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_POSTGRES", json.dumps(nowhere))
    for _ in range(2):
        alert_once([LATE], SETTINGS)
    assert alerts.titles == ["late"], "by one process not again and again"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            "[]",
            "nobody was told of late: connection 'apprise_default': extra field `config` holds no Apprise URLs",
        ),
        ('[{"path": "json://127.0.0.1:1/"}]', "did not take 1 alerts: refused, or not reached"),
        (
            '[{"path": "json://127.0.0.1:1/"}, {"path": "jsno://key/"}]',
            "channel entry-2 did not take 1 alerts: connection 'apprise_default': extra field `config`, entry 2 is",
        ),
        ('"nonsense"', "holds no Apprise URLs (JSONDecodeError)"),
        ("{}", "holds no Apprise URLs"),
        (
            '[{"tag": "all"}]',
            "alerts: connection 'apprise_default': extra field `config`, entry 1 is no valid",
        ),
    ],
)
def test_dead_channels_are_logged_and_break_nothing(
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    config: str,
    words: str,
) -> None:
    connection = {"conn_type": "apprise", "extra": {"config": json.loads(config)}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    with caplog.at_level(logging.ERROR):
        alert_once([LATE], SETTINGS)
    assert words in caplog.text
    assert "key" not in caplog.text


def test_an_entry_that_is_no_channel_holds_up_no_other_and_its_alerts_wait_until_it_is_mended(
    warehouse: psycopg.Connection, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second in ("jsno://key/", alerts.url.replace("/?", "/second?")):
        config = [{"path": alerts.url, "tag": "all"}, {"path": second, "tag": "all"}]
        connection = {"conn_type": "apprise", "extra": {"config": config}}
        monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
        alert_once([LATE], SETTINGS)
        deliver(SETTINGS)
    assert alerts.titles == ["late", "late"], "one to each"
    assert warehouse.execute("SELECT count(*) FROM etl_alert WHERE sent_at IS NULL").fetchone() == (0,)


def test_a_missing_channel_connection_breaks_nothing(
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_APPRISE_DEFAULT", raising=False)
    with caplog.at_level(logging.ERROR):
        alert_once([LATE], SETTINGS)
    assert "nobody was told of late" in caplog.text
    assert told() == {AlertKind.LATE}, "it waits for a channel"


def test_a_dead_channel_does_not_make_the_other_channels_alert_again(
    warehouse: psycopg.Connection, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = [{"path": alerts.url, "tag": "all"}, {"path": "json://127.0.0.1:1/", "tag": "all"}]
    connection = {"conn_type": "apprise", "extra": {"config": config}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    alert_once([LATE], SETTINGS)
    alert_once([LATE], SETTINGS)
    assert alerts.titles == ["late"]
