"""A sender in a process of its own, which can be killed: ``python -m tests.order_push.faults.sender_process RANK``.

With ``task`` for a rank it is the operator as Airflow's task runner has it: SIGTERM calls its ``on_kill``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg

from retail_pipeline import clock
from retail_pipeline.errors import TaskStopped
from retail_pipeline.pipelines.order_push.operators import PushOrdersOperator
from retail_pipeline.pipelines.order_push.order_sending import BatchSender
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.sender_lock import STAND_IN, SenderLock
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop
from tests import planned
from tests.clients import youshu_client
from tests.conftest import server_url
from tests.order_push.orders import SHOP
from tests.sandbox_control import SandboxControl

TASK, RUN_AFTER, STOPPED = "task", datetime(2026, 11, 30, 2, 0, tzinfo=UTC), 75


def _session() -> psycopg.Connection[Any]:
    return psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True)


def stay(rank: int, sandbox: SandboxControl, stopped: Callable[[], bool] = lambda: False) -> PushLoop:
    """Be a scheduled run of the push, as the operator makes it: its sessions end with it."""
    with _loop(sandbox, stopped) as loop, _session() as session:
        loop.stay(SenderLock(session, SHOP, rank, stopped), clock.now() + timedelta(hours=2))
        return loop


def stand_in(sandbox: SandboxControl, stopped: Callable[[], bool] = lambda: False) -> PushLoop:
    """Be the monitor's task that stands in where no run is."""
    with _loop(sandbox, stopped) as loop, _session() as session:
        loop.stand_in(SenderLock(session, SHOP, STAND_IN, stopped), clock.now() + timedelta(hours=2))
        return loop


@contextmanager
def _loop(sandbox: SandboxControl, stopped: Callable[[], bool]) -> Iterator[PushLoop]:
    shop = Shop(
        name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders="enqueued"
    )
    sender = BatchSender(youshu_client(sandbox), sandbox.credentials("youshu")["data_source_id"])
    with _session() as work:
        yield PushLoop(work, shop, OrderPush(), sender, stopped=stopped)


@contextmanager
def begun(rank: int | str) -> Iterator[subprocess.Popen[bytes]]:
    """Begin such a process; one that a test leaves behind is killed."""
    command = [sys.executable, "-m", __name__, str(rank)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_task() -> None:
    """Be a scheduled run's task; where it ends because it was stopped, the status is ``STOPPED``."""
    operator = PushOrdersOperator(task_id="push_orders", subjects=[planned.shop(SHOP)])
    signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
    run = SimpleNamespace(run_type="scheduled", run_id="one", run_after=RUN_AFTER, logical_date=RUN_AFTER)
    try:
        operator.execute({"dag_run": run, "ti": SimpleNamespace(try_number=1), "params": {}})
    except TaskStopped:
        sys.exit(STOPPED)


if __name__ == "__main__":
    if sys.argv[1] == TASK:
        run_task()
    else:
        stay(int(sys.argv[1]), SandboxControl(server_url("SANDBOX_URL")))
