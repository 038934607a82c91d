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
from retail_pipeline.databases.migrations import Scope, migrate
from retail_pipeline.databases.mysql_readiness import make_ready
from retail_pipeline.tables.target_tables import ensure_tables
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
SHOP_TABLES = Path(__file__).parents[1] / "sandbox" / "shop_tables.sql"
ORDER_VIEWS = sorted((SQL / "youshu").glob("*_view.sql"))


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
    return [SHOP_TABLES, *migration_files("store"), *ORDER_VIEWS]


def migration_files(folder: str) -> list[Path]:
    """Return the files of a schema in the order in which a new database gets them."""
    place = SQL / "schema" / folder
    return [*sorted(place.glob("*.sql")), *sorted(place.glob("functions/*.sql"))]


def empty_database(url: str, *schema: Path | Scope) -> Iterator[psycopg.Connection]:
    """Yield a session with a database, of which its owner loses all, and gets these tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            # A thread that an earlier test left behind may write its last, and hold what we wait for.
            with suppress(psycopg.errors.DeadlockDetected):
                connection.execute("DROP OWNED BY CURRENT_USER")
                break
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        for made in schema:
            if isinstance(made, Path):
                connection.execute(made.read_bytes())
            else:
                list(migrate(connection, "tests", made))
        yield connection


@pytest.fixture
def store() -> Iterator[psycopg.Connection]:
    """A shop's database with empty tables."""
    yield from empty_database(server_url("STORE_POSTGRES_URL"), SHOP_TABLES, "store", *ORDER_VIEWS)


@pytest.fixture
def warehouse() -> Iterator[psycopg.Connection]:
    """The warehouse with empty tables."""
    yield from empty_database(server_url("WAREHOUSE_POSTGRES_URL"), "warehouse", "target")


def open_bi() -> pymysql.Connection:
    """Open a session with the BI database."""
    url = urlsplit(server_url("BI_MYSQL_URL"))
    return pymysql.connect(
        host=url.hostname or "",
        port=url.port or 3306,
        user=url.username,
        password=unquote(url.password or ""),
        database=url.path.lstrip("/"),
        charset="utf8mb4",
        autocommit=True,
        local_infile=True,
    )


@pytest.fixture
def bi(mysql_server: str) -> Iterator[pymysql.Connection]:
    """The BI database with empty tables, whatever an earlier test has left of them."""
    with closing(open_bi()) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {table}")
        list(migrate(connection, "tests", "target"))
        ensure_tables(connection, AFTERSALES)
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
