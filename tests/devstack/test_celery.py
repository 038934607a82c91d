"""Celery without docker: the broker, the workers and their settings, and what is killed to see who sends then."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from demo import survive
from demo import whole_day as demo
from demo.deaths import DEATHS
from demo.sender_runs import sender_runs
from devstack import celery_workers
from devstack.daemon import Daemon
from devstack.place import Place
from devstack.pytest_servers import need
from devstack.redis import Redis
from devstack.session import keeper, status
from devstack.steps import ROOT, StackError
from retail_pipeline.pipelines.order_push.sender_lock import Place as LockPlace
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock
from tests.conftest import server_url
from tests.devstack.test_compose import AIRFLOW, native
from tests.order_push.orders import SHOP

__all__ = ["native"]  # a fixture


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def redis(place: Place) -> Iterator[Redis]:
    need(Redis.name)
    server = Redis(place)
    server.start()
    yield server
    server.daemon.stop()


def said(redis: Redis, command: str) -> bytes:
    with socket.create_connection(("127.0.0.1", redis._place.port(redis.name)), 10) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(100)


def test_the_broker_asks_for_a_password_and_has_it_on_no_command_line(redis: Redis, place: Place) -> None:
    assert said(redis, "PING").startswith(b"-NOAUTH")
    assert redis.healthy()
    with open(f"/proc/{redis.daemon.pid()}/cmdline") as line:
        assert place.secret(redis.name) not in line.read()
    assert not (place.folder("redis") / "redis.conf").stat().st_mode & 0o077


def test_a_killed_broker_comes_back_at_the_same_address(redis: Redis) -> None:
    address, pid = redis.url(), redis.daemon.pid()
    redis.start()
    assert redis.daemon.pid() == pid
    os.kill(pid, signal.SIGKILL)
    redis.start()
    assert redis.healthy()
    assert redis.url() == address


@pytest.mark.long
def test_a_worker_is_healthy_when_it_answers(redis: Redis, place: Place) -> None:
    options = ["--hostname", "worker-1", "--pool", "solo", "--without-mingle", "--without-gossip"]
    argv = [sys.executable, "-m", "celery", "--broker", redis.url(), "worker", *options]
    worker = Daemon(place, "worker-1", argv)
    worker.launch()
    try:
        worker.wait_healthy(lambda: celery_workers.is_healthy(place, worker))
        assert [daemon.name for daemon in celery_workers.known(place)] == ["worker-1"]
        assert not celery_workers.is_healthy(place, Daemon(place, "worker-2"))
    finally:
        worker.stop()
    assert celery_workers.known(place) == []


def test_it_is_the_executor_of_compose_and_the_broker_and_backend_are_our_own(
    native: dict[str, str], place: Place
) -> None:
    ours = celery_workers.settings(place, native)
    assert ours["AIRFLOW__CORE__EXECUTOR"] == AIRFLOW["environment"]["AIRFLOW__CORE__EXECUTOR"]
    assert ours["AIRFLOW__CELERY__BROKER_URL"] == Redis(place).url()
    assert ours["AIRFLOW__CELERY__RESULT_BACKEND"] == f"db+{native['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']}"
    assert native.items() - ours.items() == {
        (name, native[name]) for name in ("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__PARALLELISM")
    }


def test_a_stopped_worker_is_shown_until_it_is_forgotten(place: Place) -> None:
    """As after a kill: who looks at the state sees that one is missing."""
    worker = Daemon(place, "worker-1", ["sleep", "100"])
    worker.launch()
    os.kill(worker.pid(), signal.SIGKILL)
    shown = {name for name, *_ in status(Place(place.home, frozenset({"postgres", "mariadb", "sandbox"})))}
    assert {"worker-1", "redis", "scheduler"} <= shown
    worker.stop()


def test_workers_are_refused_beside_an_airflow_that_somebody_looks_after(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(demo, "DEVELOPMENT", Place(tmp_path))
    with (
        keeper(Place(tmp_path), "script/server"),
        pytest.raises(StackError, match="stop script/server first"),
    ):
        demo.demo(keep=False, workers=2)


def test_help_tells_of_workers() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "devstack", "demo", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--workers N" in told


def test_a_sender_is_found_by_its_process(store: psycopg.Connection) -> None:
    with (
        psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as one,
        psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as other,
    ):
        newer, older = SenderLock(one, SHOP, 2), SenderLock(other, SHOP, 1)
        assert older.look() is LockPlace.HOLDS_LOCK
        assert newer.look() is LockPlace.WAITS
        runs = {(run.pid, run.rank, run.sends) for run in sender_runs(store, SHOP)}
        assert runs == {(os.getpid(), 1, True), (os.getpid(), 2, False)}
        assert sender_runs(store, "outlet") == []


def test_an_unknown_death_is_named_with_those_that_there_are() -> None:
    with pytest.raises(StackError, match="unknown: flood; there are task, stop"):
        survive.survive(["flood"])


def test_the_page_tells_of_deaths_that_the_script_knows() -> None:
    page = survive.PAGE.read_text(encoding="utf-8")
    lines = page.partition(survive.BEGIN)[2].partition(survive.END)[0].splitlines()
    rows = [line for line in lines if " s |" in line]
    known = [survive.key(death) for death in DEATHS]
    told = [next(key for key in known if row.startswith(key)) for row in rows]
    assert told
    assert told == sorted(told, key=known.index)


def test_only_the_line_of_what_died_is_written(tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{survive.BEGIN}{survive.END}\nafter\n")
    first, second = DEATHS[0], DEATHS[-1]
    for death, gap in ((second, 2.0), (first, 1.0), (second, 3.0)):
        survive.write(death, survive.row(death, gap, "2026-11-30", 2.4, ""), page)
    text = page.read_text()
    assert [line for line in text.splitlines() if " s |" in line] == [
        f"| Celery, 2 workers | {first.what} | 1.0 s | 2026-11-30, 2 |  |",
        f"| Local | {second.what} | 3.0 s | 2026-11-30, 2 |  |",
    ]
    assert text.startswith(f"before\n{survive.BEGIN}")
    assert text.endswith(f"\n\n{survive.END}\nafter\n")
