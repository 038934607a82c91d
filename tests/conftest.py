"""Real servers for the tests, started by ``script/test``; one that is missing is an error."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from retail_pipeline import clock
from tests.alarm_receiver import AlarmReceiver, receiving
from tests.sandbox_control import SandboxControl

SQL = Path(__file__).parents[1] / "include" / "sql"


def server_url(name: str) -> str:
    """Return where a server is."""
    url = os.environ.get(name)
    if not url:
        pytest.fail(f"{name} is not set: run the tests with script/test, which starts every server")
    return url


@pytest.fixture
def sandbox() -> SandboxControl:
    """The vendors, as new."""
    control = SandboxControl(server_url("SANDBOX_URL"))
    control.reset()
    return control


def _empty_database(url: str, *schema: Path) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY CURRENT_USER")
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        for file in schema:
            connection.execute(file.read_bytes())
        yield connection


@pytest.fixture
def store() -> Iterator[psycopg.Connection]:
    """A shop's database with empty tables."""
    tables = [
        Path(__file__).parents[1] / "sandbox" / "shop_tables.sql",
        *sorted((SQL / "schema" / "store").glob("*.sql")),
        SQL / "youshu" / "order_view.sql",
    ]
    yield from _empty_database(server_url("STORE_POSTGRES_URL"), *tables)


@pytest.fixture
def warehouse() -> Iterator[psycopg.Connection]:
    """The warehouse with empty tables."""
    tables = sorted((SQL / "schema" / "warehouse").glob("*.sql"))
    yield from _empty_database(server_url("WAREHOUSE_POSTGRES_URL"), *tables)


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> Iterator[AlarmReceiver]:
    """The one alarm channel."""
    with receiving() as receiver:
        config = [{"path": receiver.url, "tag": "all"}]
        connection = {"conn_type": "apprise", "extra": {"config": config}}
        monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
        yield receiver


class SimulatedClock:
    """Says what time it is, to the product and to the sandbox."""

    def __init__(self, sandbox: SandboxControl | None = None) -> None:
        self._sandbox = sandbox
        self.moment = clock.now()

    def set(self, moment: datetime) -> None:
        self.moment = moment
        if self._sandbox:
            self._sandbox.set_clock(moment, frozen=True)

    def advance(self, by: timedelta) -> None:
        self.set(self.moment + by)


@pytest.fixture
def simulated_clock(sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """A clock that moves only when told to."""
    simulated = SimulatedClock(sandbox)
    monkeypatch.setattr(clock, "now", lambda: simulated.moment)
    return simulated
