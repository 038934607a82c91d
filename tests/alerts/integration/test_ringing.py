"""An alarm is heard once, and is never lost."""

from __future__ import annotations

import json
import logging
import threading
from datetime import date

import psycopg
import pytest

from retail_pipeline.alerts.alarm import Alarm, AlarmKind
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.ringing import ring, rung
from retail_pipeline.orchestration.alerting import alerting
from retail_pipeline.settings.retail import Alarms
from tests.alerts.alarm_receiver import AlarmReceiver
from tests.alerts.alert_record import pass_time
from tests.patience import PATIENCE

SETTINGS = alerting(Alarms())
LATE = Alarm("wechat_youshu_report", "flagship", date(2026, 11, 22), AlarmKind.LATE, "task", "late", "why")


def told() -> frozenset[AlarmKind]:
    return rung(SETTINGS, LATE.report, [LATE.shop], LATE.business_date)[LATE.shop]


def test_whatever_rings_twice_is_heard_once(warehouse: psycopg.Connection, alarms: AlarmReceiver) -> None:
    ring([LATE], SETTINGS)
    ring([LATE], SETTINGS)
    assert alarms.titles == ["late"]
    assert told() == {AlarmKind.LATE}


def test_two_at_once_are_heard_once(warehouse: psycopg.Connection, alarms: AlarmReceiver) -> None:
    threads = [threading.Thread(target=ring, args=([LATE], SETTINGS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert alarms.titles == ["late"]


def test_kinds_ring_apart(warehouse: psycopg.Connection, alarms: AlarmReceiver) -> None:
    ring([LATE], SETTINGS)
    ring([Alarm(**{**vars(LATE), "kind": AlarmKind.MISSED, "title": "missed"})], SETTINGS)
    assert alarms.titles == ["late", "missed"]


def test_a_channel_that_did_not_take_it_is_asked_again(
    warehouse: psycopg.Connection, alarms: AlarmReceiver
) -> None:
    alarms.status = 500
    ring([LATE], SETTINGS)
    assert told() == {AlarmKind.LATE}
    alarms.status = 200
    ring([LATE], SETTINGS)
    assert alarms.titles == [], "not before its time"
    pass_time(warehouse)
    deliver(SETTINGS)
    deliver(SETTINGS)
    assert alarms.titles == ["late"]
    assert warehouse.execute("SELECT try_num, taken_at IS NOT NULL FROM etl_alert_delivery").fetchone() == (
        2,
        True,
    )
    assert warehouse.execute("SELECT sent_at IS NOT NULL FROM etl_alert").fetchone() == (True,)


def test_without_the_record_it_rings_all_the_same(
    alarms: AlarmReceiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_POSTGRES", json.dumps(nowhere))
    for _ in range(2):
        ring([LATE], SETTINGS)
    assert alarms.titles == ["late"], "by one process not again and again"


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
    alarms: AlarmReceiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    config: str,
    words: str,
) -> None:
    connection = {"conn_type": "apprise", "extra": {"config": json.loads(config)}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    with caplog.at_level(logging.ERROR):
        ring([LATE], SETTINGS)
    assert words in caplog.text
    assert "key" not in caplog.text


def test_an_entry_that_is_no_channel_holds_up_no_other_and_its_alarms_wait_until_it_is_mended(
    warehouse: psycopg.Connection, alarms: AlarmReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second in ("jsno://key/", alarms.url.replace("/?", "/second?")):
        config = [{"path": alarms.url, "tag": "all"}, {"path": second, "tag": "all"}]
        connection = {"conn_type": "apprise", "extra": {"config": config}}
        monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
        ring([LATE], SETTINGS)
        deliver(SETTINGS)
    assert alarms.titles == ["late", "late"], "one to each"
    assert warehouse.execute("SELECT count(*) FROM etl_alert WHERE sent_at IS NULL").fetchone() == (0,)


def test_a_missing_channel_connection_breaks_nothing(
    warehouse: psycopg.Connection,
    alarms: AlarmReceiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_APPRISE_DEFAULT", raising=False)
    with caplog.at_level(logging.ERROR):
        ring([LATE], SETTINGS)
    assert "nobody was told of late" in caplog.text
    assert told() == {AlarmKind.LATE}, "it waits for a channel"


def test_one_dead_channel_does_not_make_the_others_ring_again(
    warehouse: psycopg.Connection, alarms: AlarmReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = [{"path": alarms.url, "tag": "all"}, {"path": "json://127.0.0.1:1/", "tag": "all"}]
    connection = {"conn_type": "apprise", "extra": {"config": config}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    ring([LATE], SETTINGS)
    ring([LATE], SETTINGS)
    assert alarms.titles == ["late"]
