"""Real servers for the tests, started by ``script/test``; one that is missing is an error."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pytest
from urllib3.connection import HTTPConnection

from devstack.pytest_servers import need_url
from retail_pipeline import clock
from retail_pipeline.alerts import once
from retail_pipeline.alerts.unrecorded import Unrecorded
from retail_pipeline.databases.mysql_readiness import make_ready
from retail_pipeline.tables.target_tables import complete_control_tables, ensure_tables
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES
from retail_pipeline.windows.ledger import WindowLedger
from tests.alerts.alert_receiver import AlertReceiver, receiving
from tests.client_fixtures import gateway, monday, our_clock, taobao, wangdiantong, wechat, youshu
from tests.examples import register_profiles
from tests.mysql_servers import mysql_server, pytest_generate_tests
from tests.patience import pytest_timeout_set_timer
from tests.plain_fixtures import define_connection, serve, set_clock, settings_file
from tests.sandbox_control import SandboxControl
from tests.second_target import pytest_collection_modifyitems
from tests.silence import Silences

__all__ = [  # fixtures and hooks
    "define_connection",
    "gateway",
    "monday",
    "mysql_server",
    "our_clock",
    "pytest_collection_modifyitems",
    "pytest_generate_tests",
    "pytest_timeout_set_timer",
    "serve",
    "set_clock",
    "settings_file",
    "taobao",
    "wangdiantong",
    "wechat",
    "youshu",
]
register_profiles()

SQL = Path(__file__).parents[1] / "include" / "sql"


def server_url(name: str) -> str:
    """Return where a server is; a test that asks counts as one of those that need the server."""
    need_url(name)
    url = os.environ.get(name)
    if not url:
        pytest.fail(f"{name} is not set: run the tests with script/test, which starts every server")
    return url


@pytest.fixture
def silences(monkeypatch: pytest.MonkeyPatch) -> Silences:
    """How long an answer of the sandbox is waited for."""
    silences = Silences(server_url("SANDBOX_URL"))
    monkeypatch.setattr(HTTPConnection, "getresponse", silences.limiting(HTTPConnection.getresponse))
    return silences


@pytest.fixture
def sandbox(silences: Silences) -> SandboxControl:
    """The vendors, as new."""
    control = SandboxControl(server_url("SANDBOX_URL"))
    control.reset()
    return control


def store_tables() -> list[Path]:
    """Return what makes a shop's tables, its outbox and the views between them."""
    return [
        Path(__file__).parents[1] / "sandbox" / "shop_tables.sql",
        *sorted((SQL / "schema" / "store").glob("*.sql")),
        *sorted((SQL / "youshu").glob("*_view.sql")),
    ]


def empty_database(url: str, *schema: Path) -> Iterator[psycopg.Connection]:
    """Yield a session with a database, of which its owner loses all, and gets these tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            # A thread that an earlier test left behind may write its last, and hold what we wait for.
            with suppress(psycopg.errors.DeadlockDetected):
                connection.execute("DROP OWNED BY CURRENT_USER")
                break
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        for file in schema:
            connection.execute(file.read_bytes())
        yield connection


@pytest.fixture
def store() -> Iterator[psycopg.Connection]:
    """A shop's database with empty tables."""
    yield from empty_database(server_url("STORE_POSTGRES_URL"), *store_tables())


@pytest.fixture
def warehouse() -> Iterator[psycopg.Connection]:
    """The warehouse with empty tables."""
    folders = (SQL / "schema" / "warehouse", SQL / "schema" / "target" / "postgres")
    tables = [file for folder in folders for file in sorted(folder.glob("*.sql"))]
    yield from empty_database(server_url("WAREHOUSE_POSTGRES_URL"), *tables)


@pytest.fixture
def bi(mysql_server: str) -> Iterator[pymysql.Connection]:
    """The BI database with empty tables."""
    url = urlsplit(server_url("BI_MYSQL_URL"))
    with closing(
        pymysql.connect(
            host=url.hostname or "",
            port=url.port or 3306,
            user=url.username,
            password=unquote(url.password or ""),
            database=url.path.lstrip("/"),
            charset="utf8mb4",
            autocommit=True,
            local_infile=True,
        )
    ) as connection:
        with connection.cursor() as cursor:
            for file in sorted((SQL / "schema" / "target" / "mysql").glob("*.sql")):
                cursor.execute(file.read_text(encoding="utf-8"))
            complete_control_tables(connection)
            ensure_tables(connection, AFTERSALES)
            cursor.execute("SHOW TABLES")
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {table}")
        make_ready(connection, "bi_mysql")
        yield connection


@pytest.fixture
def alerts(monkeypatch: pytest.MonkeyPatch) -> Iterator[AlertReceiver]:
    """The one alert channel; nothing was sent by this process before."""
    monkeypatch.setattr(once, "_unrecorded", Unrecorded())
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
    monkeypatch.setattr(WindowLedger, "now", lambda _: simulated.moment)  # the target's
    return simulated
