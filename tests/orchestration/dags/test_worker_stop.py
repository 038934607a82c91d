"""A Celery worker that is stopped ends its senders at once, and lets everything else finish."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import BaseOperator

from devstack.airflow_settings import shared_settings
from devstack.daemon import wait_until
from retail_pipeline.orchestration.worker_stop import SENDERS, is_sender
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
APP = "tests.orchestration.dags.celery_worker_app"
LOAD = ("wangdiantong_aftersales_load", "load_chunk")
PUSH = ("youshu_order_push", "push_orders")


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    monkeypatch.setenv("BROKER_FOLDER", str(tmp_path))
    command = [sys.executable, "-m", "celery", "--app", APP, "worker", "--concurrency=2", "--without-mingle"]
    options = ["--without-gossip", "--without-heartbeat", "--loglevel=INFO"]
    with subprocess.Popen([*command, *options], cwd=ROOT, start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def app(worker: subprocess.Popen[bytes]) -> ModuleType:
    return import_module(APP)


@pytest.mark.long
def test_a_sender_is_told_at_once_and_a_load_is_let_finish(
    worker: subprocess.Popen[bytes], app: ModuleType, tmp_path: Path
) -> None:
    for names in (PUSH, LOAD):
        app.execute_workload.delay(app.workload(*names))
    see = seen(tmp_path)
    see(f"{PUSH[0]}.begun")
    see(f"{LOAD[0]}.begun")
    worker.terminate()
    see(f"{PUSH[0]}.{app.TOLD}")
    assert worker.poll() is None
    (tmp_path / "end").touch()
    assert worker.wait(PATIENCE) == 0
    see(f"{LOAD[0]}.{app.ENDED}")


def seen(folder: Path) -> Callable[[str], None]:
    def see(name: str) -> None:
        wait_until((folder / name).exists, PATIENCE, f"{name} is not there")

    return see


@pytest.mark.parametrize(
    "args", [[], [None], ["no JSON"], ["[]"], ["{}"], ['{"type": "ExecuteCallback", "ti": null}']]
)
def test_what_is_no_task_is_no_sender(args: list[object]) -> None:
    assert not is_sender(type("Request", (), {"args": args})())


def test_airflow_gives_the_setting_to_celery(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.providers.celery.executors.celery_executor_utils import create_celery_app
    from airflow.providers.common.compat.sdk import conf

    name = "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS"
    monkeypatch.setenv(name, shared_settings()[name])
    assert create_celery_app(conf).conf.imports == ("retail_pipeline.orchestration.worker_stop",)


def test_those_that_are_told_are_those_that_can_hear_it(bag: DagBag) -> None:
    hears = {
        (dag.dag_id, task.task_id)
        for dag in bag.dags.values()
        for task in dag.tasks
        if getattr(task, "operator_class", type(task)).on_kill is not BaseOperator.on_kill
    }
    assert hears == SENDERS
