"""The sender of a shop as a task of the DAG is: ``once`` it sends what is due, ``stay``s until it hands over."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import timedelta

from bench.measuring.meter import Meter
from bench.order_push.job import HOLDS_LOCK, SHOP, STORE, YOUSHU, Sending
from retail_pipeline import clock
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop
from retail_pipeline.vendors.youshu.hook import YoushuHook

OURS = Shop(
    name=SHOP, store_conn_id=STORE, wechat_conn_id="", youshu_conn_id=YOUSHU, reports=(), orders="enqueued"
)
MAX_STAY = timedelta(minutes=10)


def main() -> None:
    job = Sending.told()
    hook = YoushuHook(YOUSHU)
    sender = BatchSender(hook.get_conn(), hook.data_source_id())
    with ExitStack() as opened:
        loop = PushLoop(opened.enter_context(open_postgres(STORE)), OURS, OrderPush(), sender)
        if sys.argv[2:] == ["stay"]:
            loop.lock = SenderLock(opened.enter_context(open_postgres(STORE)), SHOP, rank=1)
            job.check("posts taken", loop.lock.take(max_seconds=1), 1)
            print(HOLDS_LOCK, flush=True)
        with Meter(job.servers) as meter:
            ends = loop.run(until=clock.now() + MAX_STAY)
    job.check("orders accepted", ends[End.ACCEPTED], job.orders)
    meter.tell()


if __name__ == "__main__":
    main()
