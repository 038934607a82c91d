"""The Youshu of the bench: it would notice an order that is missing, or came twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bench.order_push import vendor
from bench.order_push.vendor_server import SECONDS_A_CALL, Seen
from retail_pipeline.transport import Transport
from retail_pipeline.youshu.client import YoushuClient


def body(*orders: str) -> str:
    elements = ",".join(f'{{"external_order_id": "{order}", "order_status": "1110"}}' for order in orders)
    return f'{{"dataSourceId": "1", "orders": [{elements}]}}'


def test_it_answers_as_youshu_does_and_remembers_what_came_until_it_is_asked():
    with vendor.started() as youshu, ThreadPoolExecutor(2) as pool:
        client = YoushuClient(Transport("youshu", youshu.url), "bench", "secret", "1")
        answers = list(pool.map(client.add_order, [body("A", "B"), body("B", "C")]))
        seen, afterwards = youshu.seen(), youshu.seen()

    assert answers == ['{"retcode": 0, "errmsg": "", "data": {}}'] * 2
    assert seen == Seen(calls=2, orders=4, distinct=3, largest=2, at_once=2)
    assert afterwards == Seen()


def test_a_call_takes_as_long_as_it_says():
    with vendor.started() as youshu:
        transport = Transport("youshu", youshu.url)
        started = transport.monotonic()
        YoushuClient(transport, "bench", "secret", "1").add_order(body("A"))

        assert transport.monotonic() - started >= SECONDS_A_CALL
