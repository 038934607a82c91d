"""An error that no table knows is heard once a day for each task and code, and what is known is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from retail_pipeline import clock
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import (
    BadRequest,
    ChunksFailed,
    ConfigError,
    DatabaseUnavailable,
    NoAnswer,
    TransientApiError,
    UnknownApiError,
    UnknownDatabaseError,
    WindowIncomplete,
)
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.dag_defaults import (
    load_task_defaults,
    plan_task_defaults,
    push_task_defaults,
    report_task_defaults,
    watch_task_defaults,
)
from retail_pipeline.orchestration.unknown_errors import UnknownErrorNotifier, unknown_in
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_receiver import AlertReceiver

NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
FACTS = {"vendor": "wangdiantong", "method": "search"}
DATABASE = UnknownDatabaseError("connection 'bi_mysql': [9999] what?", "9999")
VENDOR = UnknownApiError("what?", code="4711", **FACTS)
UNKNOWN = [DATABASE, VENDOR, KeyError("13800138000")]
KNOWN = [
    ConfigError("schema"),
    DatabaseUnavailable("down"),
    TransientApiError("busy", **FACTS),
    NoAnswer("cut", **FACTS),
    BadRequest("no", **FACTS),
    WindowIncomplete("2 of 3"),
    AirflowFailException("mend"),
    AirflowTaskTimeout("6 h"),
]


@pytest.fixture(autouse=True)
def noon(warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def fails(
    error: BaseException | None, task: str = "load_chunk", dag: str = "wangdiantong_aftersales_load"
) -> None:
    UnknownErrorNotifier()({"task": SimpleNamespace(dag_id=dag, task_id=task), "exception": error})


def test_each_unknown_error_alerts_once_per_task_and_code(alerts: AlertReceiver) -> None:
    for _ in range(3):
        for error in UNKNOWN:
            fails(error)
    fails(DATABASE, "plan_chunks")
    assert alerts.titles == [
        "unknown error: 9999 in load_chunk",
        "unknown error: wangdiantong 4711 in load_chunk",
        "unknown error: KeyError in load_chunk",
        "unknown error: 9999 in plan_chunks",
    ]
    told = [message["message"] for message in alerts.messages]
    assert all("/dags/wangdiantong_aftersales_load" in text and "report" in text for text in told)
    assert "connection 'bi_mysql': [9999] what?" in told[0]
    assert "tried again" in told[0]
    assert "not tried again" in told[2]
    assert "13800138000" not in told[2]


def test_an_unknown_error_alerts_again_on_the_next_day(
    alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(DATABASE)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))
    fails(DATABASE)
    assert len(alerts.titles) == 2


@pytest.mark.parametrize("error", [*KNOWN, None], ids=repr)
def test_a_known_error_is_not_alerted_as_unknown(alerts: AlertReceiver, error: BaseException | None) -> None:
    fails(error)
    assert alerts.titles == []
    assert error is None or unknown_in(error) == []


def test_each_unknown_error_of_several_failed_chunks_alerts_once(alerts: AlertReceiver) -> None:
    error = ChunksFailed("5 chunks failed", [VENDOR, ConfigError("x"), KeyError("1"), VENDOR, KeyError("2")])
    fails(error)
    assert len(alerts.posts) == 1
    assert sorted(alerts.titles) == [
        "unknown error: KeyError in load_chunk",
        "unknown error: wangdiantong 4711 in load_chunk",
    ]
    assert len(unknown_in(error)) == 2  # the alert record would not know without a database


def test_chunks_with_known_errors_do_not_alert_as_unknown(alerts: AlertReceiver) -> None:
    fails(ChunksFailed("8 chunks failed", KNOWN))
    assert alerts.titles == []


def test_the_watch_of_the_same_dag_is_not_disturbed(alerts: AlertReceiver) -> None:
    fails(DATABASE, "push_orders", "youshu_push_monitor")
    incident = Finding("orders of flagship", IncidentKind.INCIDENT, "late", "late", "look")
    for finding in (incident, Finding("orders of flagship", None, "fine")):
        review_incidents("youshu_push_monitor", [finding], alerting(AlertSettings()), NOON)
    assert len(alerts.titles) == 3


@pytest.mark.parametrize(
    "defaults",
    [load_task_defaults, plan_task_defaults, push_task_defaults, watch_task_defaults, report_task_defaults],
    ids=lambda defaults: defaults.__name__,
)
def test_every_task_tells_of_it_when_it_is_tried_again(defaults) -> None:
    told = defaults()["on_retry_callback"]
    assert any(
        isinstance(each, UnknownErrorNotifier) for each in (told if isinstance(told, list) else [told])
    )


def test_no_task_of_any_dag_ends_in_silence() -> None:
    bag = DagBag("dags", bundle_name="test")
    assert bag.dags
    silent = [
        f"{dag.dag_id}.{task.task_id}"
        for dag in bag.dags.values()
        for task in dag.tasks
        if not task.has_on_failure_callback or not task.has_on_retry_callback
    ]
    assert silent == []
