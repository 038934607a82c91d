"""Without the record an alert is told to each channel until that has taken it, and then not again for a while."""

from __future__ import annotations

import json
import threading
from datetime import date
from types import SimpleNamespace

import pytest

from retail_pipeline.alerts import once
from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.once import alert_once
from retail_pipeline.alerts.unrecorded import SILENT_SECONDS, Unrecorded
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_receiver import AlertReceiver, receiving
from tests.alerts.local_robots import DINGTALK, WECOM, Robots, robots, use_channels
from tests.patience import PATIENCE

__all__ = ["robots"]  # a fixture
SETTINGS = alerting(AlertSettings())


def late(shop: str = "flagship") -> Alert:
    return Alert(
        "wechat_youshu_report", shop, date(2026, 11, 22), AlertKind.LATE, "task", f"late: {shop}", "why"
    )


@pytest.fixture
def time(alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The record is down; ``now`` is what the clock says."""
    nowhere = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_POSTGRES", json.dumps(nowhere))
    time = SimpleNamespace(now=100_000.0)
    monkeypatch.setattr(once, "_unrecorded", Unrecorded(lambda: time.now))
    return time


def test_a_refused_alert_is_sent_at_the_next_check_and_then_pauses(
    time: SimpleNamespace, alerts: AlertReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    alerts.status = 500
    alert_once([late()], SETTINGS)
    assert "nobody was told of late: flagship" in caplog.text
    alerts.status = 200
    alert_once([late()], SETTINGS)
    assert alerts.titles == ["late: flagship"]
    time.now += SILENT_SECONDS - 1
    alert_once([late()], SETTINGS)
    assert len(alerts.titles) == 1
    time.now += 1
    alert_once([late()], SETTINGS)
    assert len(alerts.titles) == 2


def test_each_channel_is_told_until_it_takes_it_whatever_the_others_do(
    alerts: AlertReceiver, time: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as other:
        use_channels(monkeypatch, alerts.url, other.url)
        other.status = 500
        alert_once([late()], SETTINGS)
        other.status = 200
        alert_once([late()], SETTINGS)
        assert (alerts.titles, other.titles) == (["late: flagship"], ["late: flagship"])


def test_four_simultaneous_alerts_are_sent_once(alerts: AlertReceiver, time: SimpleNamespace) -> None:
    threads = [threading.Thread(target=alert_once, args=([late()], SETTINGS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert alerts.titles == ["late: flagship"]


def test_a_channel_is_told_at_its_pace_and_of_the_rest_at_the_next_look(
    robots: Robots, time: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_channels(monkeypatch, WECOM)
    for number in range(12):
        alert_once([late(f"shop{number}")], SETTINGS)
    assert len(robots.texts) == 10
    time.now += 6
    alert_once([late(f"shop{number}") for number in range(12)], SETTINGS)
    assert len(robots.texts) == 11
    assert "shop10" in robots.texts[-1]
    assert "shop11" in robots.texts[-1]
    assert "shop9" not in robots.texts[-1]


def test_a_channel_that_wants_to_be_left_alone_is(
    robots: Robots, time: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_channels(monkeypatch, DINGTALK)
    robots.most = 0
    alert_once([late()], SETTINGS)
    robots.most = 20
    time.now += 599
    alert_once([late()], SETTINGS)
    assert len(robots.requests) == 1
    time.now += 1
    alert_once([late()], SETTINGS)
    assert len(robots.texts) == 1
