"""A sender in a process of its own, which can be killed: ``python -m tests.faults.sender_process RANK``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from retail_pipeline import clock
from retail_pipeline.order_push_settings import OrderPush
from retail_pipeline.settings import Shop
from retail_pipeline.youshu.order_sending import OrderSender
from retail_pipeline.youshu.push_loop import PushLoop
from retail_pipeline.youshu.push_post import Post
from tests.conftest import server_url
from tests.contract.clients import youshu_client
from tests.orders import SHOP
from tests.sandbox_control import SandboxControl


def _session() -> psycopg.Connection[Any]:
    return psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True)


def stay(rank: int, sandbox: SandboxControl, stopped: Callable[[], bool] = lambda: False) -> PushLoop:
    """Be a scheduled run of the push, as the operator makes it: its sessions end with it."""
    with _session() as work, _session() as session:
        shop = Shop(
            name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders="enqueued"
        )
        sender = OrderSender(youshu_client(sandbox), sandbox.credentials("youshu")["data_source_id"])
        loop = PushLoop(work, shop, OrderPush(), sender, stopped=stopped)
        loop.stay(Post(session, SHOP, rank, stopped), clock.now() + timedelta(hours=2))
        return loop


@contextmanager
def begun(rank: int) -> Iterator[subprocess.Popen[bytes]]:
    """Begin such a process; one that a test leaves behind is killed."""
    command = [sys.executable, "-m", __name__, str(rank)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    stay(int(sys.argv[1]), SandboxControl(server_url("SANDBOX_URL")))
