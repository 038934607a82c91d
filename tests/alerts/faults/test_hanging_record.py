"""A record of alerts that accepts and then never answers holds up nobody who alerts."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

import pytest

from retail_pipeline import clock
from retail_pipeline.alerts import alerting as outlets
from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.guard_record import Guard, has_looked, looks
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.alerts.once import alert_once, alerted
from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.patience import PATIENCE

SETTINGS = alerting(AlertSettings())
DAY = date(2026, 11, 22)


class SilentServer:
    """Takes sessions, and says nothing."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.settimeout(PATIENCE)

    def is_waited_for(self) -> bool:
        """Return whether whoever came last still waits for an answer."""
        self.session, _ = self.listening.accept()
        self.session.settimeout(PATIENCE)
        assert self.session.recv(4096)
        self.session.setblocking(False)
        with suppress(BlockingIOError):
            return bool(self.session.recv(4096))
        return True


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentServer]:
    """The record's server, which a question is given a moment to answer."""
    server = SilentServer()
    port = server.listening.getsockname()[1]
    place = {"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": "x", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_POSTGRES", json.dumps(place))
    monkeypatch.setattr(outlets, "RECORD_SECONDS", 0.5)
    yield server
    server.session.close()
    server.listening.close()


def raise_an_alert() -> None:
    alert_once(
        [Alert("wechat_youshu_report", "flagship", DAY, AlertKind.LATE, "task", "late", "why")], SETTINGS
    )


def review() -> None:
    incident = Finding("orders of flagship", IncidentKind.INCIDENT, "no sender", "late", "look")
    review_incidents("youshu_push_monitor", [incident], SETTINGS, clock.now())


def look_up() -> None:
    assert alerted(SETTINGS, "wechat_youshu_report", ["flagship"], DAY) == {"flagship": frozenset()}


def note_a_look() -> None:
    has_looked("youshu_push_monitor", "watch of the outbox of flagship", SETTINGS)


@pytest.mark.parametrize(
    ("alert", "alerted"), [(raise_an_alert, 1), (review, 1), (look_up, 0), (note_a_look, 0)]
)
def test_people_hear_while_the_question_still_waits(
    silent: SilentServer, alerts, caplog: pytest.LogCaptureFixture, alert: Callable[[], None], alerted: int
) -> None:
    alert()
    assert silent.is_waited_for(), "it was given up before the session was"
    assert len(alerts.titles) == alerted
    assert "no answer within" in caplog.text


def test_reading_the_guards_raises_an_error_where_the_record_is_down(silent: SilentServer) -> None:
    with pytest.raises(DatabaseUnavailable, match="warehouse_postgres: no answer within"):
        looks([Guard("youshu_push_monitor", "watch of the outbox of flagship")], SETTINGS)
    assert silent.is_waited_for()
