"""What a channel has refused is shown, and what the channels of a connection are worth."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.delivery_record import PATIENCE
from retail_pipeline.alerts.once import alert_once, record
from retail_pipeline.cli.main import retail
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.channel_checks import check_channels
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_record import pass_time
from tests.alerts.local_robots import DINGTALK, KEY, TOKEN, WECOM, Robots, robots, use_channels
from tests.three_ways import as_rows, on_terminal, told_three_ways

__all__ = ["robots"]  # a fixture
SETTINGS = AlertSettings()
LATE = Alert(
    "wechat_youshu_report",
    "flagship",
    date(2026, 11, 22),
    AlertKind.LATE,
    "task",
    "late at 10:30: 花间集",
    "why: WeChat is not ready\nlook: https://airflow.example/dags/wechat_youshu_report",
)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(retail, arguments)


def define(monkeypatch: pytest.MonkeyPatch, config: Any) -> None:
    connection = {"conn_type": "apprise", "extra": {"config": config}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))


@pytest.mark.parametrize("as_text", [False, True])
def test_channels_are_counted(warehouse: psycopg.Connection, monkeypatch, as_text: bool) -> None:
    config = [{"path": "json://127.0.0.1:1/a", "tag": "all"}, {"path": "json://127.0.0.1:1/b", "tag": "it"}]
    define(monkeypatch, json.dumps(config) if as_text else config)
    finding = check_channels(SETTINGS)
    assert finding.fine
    assert finding.message.startswith("2 alert channels")


@pytest.mark.parametrize(
    "config", [[], [{"path": "nonsense"}], "not json", 7, [{"tag": "all"}], {"url": "json://x"}, None]
)
def test_a_config_without_a_usable_channel_names_the_field(monkeypatch, config: Any) -> None:
    define(monkeypatch, config)
    finding = check_channels(SETTINGS)
    assert not finding.fine
    assert "extra field `config`" in finding.message


def test_a_tag_that_no_channel_has_is_named(monkeypatch) -> None:
    define(monkeypatch, [{"path": "json://127.0.0.1:1/a", "tag": "it"}])
    assert "no channel with the tag 'ops'" in check_channels(AlertSettings(tag="ops")).message


def test_an_entry_that_is_no_channel_is_named_without_its_key(monkeypatch, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    define(monkeypatch, [{"path": WECOM}, {"path": "wecomrobot://a-key-of-a-robot"}])
    finding = check_channels(SETTINGS)
    assert not finding.fine
    assert "entry 2" in finding.message
    assert not {"a-key-of-a-robot", KEY} & set((finding.message + caplog.text).split("'"))
    assert "a-key-of-a-robot" not in finding.message + caplog.text


def test_a_missing_connection_is_a_finding() -> None:
    assert not check_channels(AlertSettings(channels_conn_id="nobody_defined_this")).fine


def test_each_channel_tells_what_it_answered(robots: Robots, monkeypatch, warehouse) -> None:
    use_channels(monkeypatch, WECOM, DINGTALK)
    robots.keyword = "报警"
    result = call("alerts", "test")
    _headings, *lines = result.output.splitlines()
    assert result.exit_code == 1
    assert [line[:4] for line in lines] == ["ok  ", "FAIL"]
    assert lines[0].startswith("ok     wecombot-")
    assert lines[0].endswith("(all)  0 ok")
    assert "310000 keywords not in content; mend: its security settings" in lines[1]
    taken, _refused = told_three_ways("alerts", "test")
    assert (taken["fine"], taken["answer"]) == (True, "0 ok")
    robots.keyword = ""
    assert call("alerts", "test").exit_code == 0
    assert not any(secret in result.output for secret in (KEY, TOKEN))


def test_what_a_channel_refused_is_shown_until_it_took_it(
    robots: Robots, monkeypatch, warehouse: psycopg.Connection
) -> None:
    use_channels(monkeypatch, WECOM, DINGTALK)
    robots.keyword = "报警"
    alert_once([LATE], alerting(SETTINGS))
    for command in (("deadlines", "check"), ("check",)):
        result = call(*command)
        [line] = [line for line in result.output.splitlines() if "310000" in line]
        assert result.exit_code == 1
        assert "dingtalk-" in line
        assert "1 alerts wait since" in line
        assert "wecombot-" not in line
    robots.keyword = ""
    pass_time(warehouse)
    assert "310000" not in call("deadlines", "check", "--alert").output
    assert check_channels(SETTINGS).fine


def test_what_nobody_sends_is_shown(robots: Robots, monkeypatch, warehouse: psycopg.Connection) -> None:
    use_channels(monkeypatch, WECOM)
    record([LATE], alerting(SETTINGS))
    assert check_channels(SETTINGS).fine, "it may be on its way"
    pass_time(warehouse, PATIENCE + timedelta(seconds=1))
    assert "1 alerts wait since" in check_channels(SETTINGS).message
    assert "it was not called" in check_channels(SETTINGS).message


def test_all_words_are_listed(robots: Robots, monkeypatch, warehouse: psycopg.Connection) -> None:
    use_channels(monkeypatch, WECOM)
    alert_once([LATE], alerting(SETTINGS))
    [row] = as_rows("alerts", "list")
    assert (row["title"], row["body"], row["sent_at"] is None) == (LATE.title, LATE.body, False)
    assert (
        "  late at 10:30: 花间集  why: WeChat is not ready\\nlook: https://" in call("alerts", "list").output
    )
    shown = [line.split() for line in on_terminal("alerts", "list").splitlines()[2:]]
    assert shown[0][-6:] == ["花间集", "why:", "WeChat", "is", "not", "ready"]
    assert shown[1][0] == "look:"
    pass_time(warehouse, timedelta(hours=3))
    assert call("alerts", "list", "--hours", "2").output == ""
