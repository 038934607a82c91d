"""Who looks after many shops is not kept from the others by one whose database is silent, or locked."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
import pytest
import yaml

from devstack.daemon import wait_until
from retail_pipeline import clock
from retail_pipeline.databases.session_settings import POSTGRES, POSTGRES_BRIEF
from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.monitors.loads import watch as loads
from retail_pipeline.monitors.settings.orphans import find_orphans
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.deadline_watch import deadline_watch
from retail_pipeline.pipelines.order_push.operators import Help, PlanPushHelpersOperator
from retail_pipeline.pipelines.order_push.watch import look_into, review_shop, watched_by_its_sender
from retail_pipeline.settings.file import DEFAULT_PATH, load_settings
from tests.alerts.alert_receiver import AlertReceiver
from tests.patience import PATIENCE

REPORT = "youshu_order_summary"


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A server that takes connections and never answers, until it is closed: ``silent_store``."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = {"host": "127.0.0.1", "port": server.getsockname()[1]}
        connection = {"conn_type": "postgres", **place, "extra": {"connect_timeout": int(PATIENCE)}}
        monkeypatch.setenv("AIRFLOW_CONN_SILENT_STORE", json.dumps(connection))
        server.settimeout(PATIENCE)
        yield server


@pytest.fixture
def shops_at(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def write(*conn_ids: str) -> None:
        content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
        for shop, conn_id in zip(content["shops"], conn_ids, strict=True):
            shop["store_conn_id"] = conn_id
        path = tmp_path / "retail.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        monkeypatch.setenv("RETAIL_CONFIG", str(path))

    return write


def test_a_late_day_alerts_while_another_shops_database_is_silent(
    silent: socket.socket,
    shops_at: Callable[..., None],
    store: psycopg.Connection,
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
) -> None:
    shops_at("silent_store", "store_postgres")
    with ThreadPoolExecutor(1) as thread:
        review = thread.submit(deadline_watch().review_latest, REPORT, source="watchdog", now=clock.now())
        try:
            wait_until(lambda: bool(alerts.titles), PATIENCE, "nobody is told of the other shop")
            assert not review.done()
        finally:
            silent.close()
        assert review.result(PATIENCE) == ["flagship", "outlet"]
    assert ["花间集奥莱店" in title for title in alerts.titles] == [True, False]
    assert "'silent_store'" in alerts.messages[1]["message"]


def test_all_shops_are_looked_at_at_once_for_whom_somebody_is_to_stand_in(
    silent: socket.socket, shops_at: Callable[..., None]
) -> None:
    shops_at("silent_store", "silent_store")
    plan = PlanPushHelpersOperator(task_id="plan_helpers")
    run = {"dag_run": SimpleNamespace(run_type="manual")}
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(plan.poke, run)
        for session in [silent.accept()[0] for _ in range(2)]:
            session.close()
        silent.close()
        assert found.result(PATIENCE).xcom_value == []


LOOKS: dict[str, Callable[[], object]] = {
    "watch_outbox": lambda: review_shop(load_settings().shops[0], load_settings()),
    "retail deadlines check": lambda: look_into(load_settings().shops[0], load_settings().order_push),
    "a sender's own watch": lambda: watched_by_its_sender(
        load_settings().shops[0], load_settings().order_push, alerting(load_settings().alerts)
    )(),
    "watch_load": lambda: loads.look_into(loads.watched_loads(load_settings())[-1], load_settings()),
}


@pytest.fixture
def locked(
    store: psycopg.Connection, warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What guards read is locked; they wait for it for a moment, and everybody else for ever."""
    monkeypatch.setitem(POSTGRES_BRIEF, "lock_timeout", "50ms")
    monkeypatch.setitem(POSTGRES, "lock_timeout", "0")
    tables = ("t_store_youshu_request, youshu_order_summary", "etl_watermark, etl_quarantine")
    for session, table in zip((store, warehouse), tables, strict=True):
        session.execute("BEGIN")
        session.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    yield
    for session in (store, warehouse):
        session.execute("ROLLBACK")


@pytest.mark.parametrize("look", LOOKS)
def test_no_look_waits_for_a_lock_for_long(locked: None, look: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="55P03"):
        LOOKS[look]()


def test_those_that_ask_many_go_on_behind_a_lock(locked: None, caplog: pytest.LogCaptureFixture) -> None:
    shop = load_settings().shops[0]
    progress = deadline_watch().progress(REPORT, shop, clock.now().date())
    assert "55P03" in (progress.last_error or "")
    unasked = find_orphans(load_settings(), None).unasked
    assert "55P03" in unasked["store_postgres"]
    assert "55P03" in unasked["warehouse_postgres"]
    assert PlanPushHelpersOperator(task_id="plan_helpers")._help(shop, load_settings().order_push) == Help()
    assert "55P03" in caplog.text
