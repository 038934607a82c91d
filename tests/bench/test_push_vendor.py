"""The Youshu of the bench: it would notice an order that is missing, or came twice."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bench.order_push import vendor
from bench.order_push.vendor_server import SECONDS_A_CALL, Seen, Youshu
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.youshu.client import YoushuClient


def body(*orders: str) -> str:
    elements = ",".join(f'{{"external_order_id": "{order}", "order_status": "1110"}}' for order in orders)
    return f'{{"dataSourceId": "1", "orders": [{elements}]}}'


def test_it_answers_as_youshu_does_and_remembers_what_came_until_it_is_asked():
    with vendor.started() as youshu, ThreadPoolExecutor(2) as pool:
        client = YoushuClient(Transport("youshu", youshu.url), "bench", "secret", "1")
        answers = list(pool.map(client.add_order, [body("A", "B"), body("B", "C")]))
        seen, afterwards = youshu.seen(), youshu.seen()

    assert answers == ['{"retcode": 0, "errmsg": "", "data": {}}'] * 2
    assert replace(seen, at_once=0) == Seen(calls=2, orders=4, distinct=3, largest=2)
    assert afterwards == Seen()


def test_it_counts_the_calls_that_are_under_way_at_the_same_time():
    async def calls() -> int:
        youshu = Youshu()
        await youshu.take(body("A").encode())
        await asyncio.gather(youshu.take(body("B").encode()), youshu.take(body("C").encode()))
        return youshu.seen.at_once

    assert asyncio.run(calls()) == 2


def test_a_call_takes_as_long_as_it_says():
    with vendor.started() as youshu:
        transport = Transport("youshu", youshu.url)
        started = transport.monotonic()
        YoushuClient(transport, "bench", "secret", "1").add_order(body("A"))

        assert transport.monotonic() - started >= SECONDS_A_CALL
