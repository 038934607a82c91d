"""The sender of a shop: it wakes when the shop commits, hands over without a gap, and says how it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count, pairwise

import pytest

from retail_pipeline import clock
from retail_pipeline.pipelines.order_push import enqueue_faults
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import Shop
from retail_pipeline.vendors.youshu.client import YoushuClient
from tests.clients import youshu_client
from tests.conftest import SimulatedClock
from tests.order_push.faults.pushes import PATH, Pushes
from tests.order_push.orders import SHOP, ShopOrders
from tests.patience import PATIENCE

OUTBOX = "t_store_youshu_request"


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    [(moment,)] = store.execute("SELECT statement_timestamp() - interval '10 seconds'").fetchall()
    return Pushes(ShopOrders(store, moment=moment), sandbox, simulated_clock)


@pytest.fixture
def begin(pushes, sandbox) -> Iterator[Callable[..., tuple[SenderLock, Future]]]:
    """Begin a run, newer than those before, in a thread of its own, once it has the lock."""
    ranks = count(1)
    with ThreadPoolExecutor(4) as threads:

        def begin(orders: str = "enqueued", **settings: object) -> tuple[SenderLock, Future]:
            session = pushes.session()
            lock = SenderLock(session, SHOP, next(ranks))
            assert lock.take(PATIENCE)
            source = sandbox.credentials("youshu")["data_source_id"]
            shop = Shop(
                name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders=orders
            )
            sender = BatchSender(youshu_client(sandbox), source)
            loop = PushLoop(pushes.session(), shop, OrderPush(**settings), sender, lock)

            def work() -> Counter[End]:
                with closing(session):  # as a task that ends leaves its lock
                    return loop.run(clock.now() + timedelta(hours=1))

            return lock, threads.submit(work)

        yield begin
        relieve(pushes)


def accepted(pushes: Pushes, number: int) -> None:
    """Wait until the shop sees that an order, and all before it, were accepted."""
    until(pushes, f"EXISTS (SELECT FROM {OUTBOX} WHERE order_id = {number})"
                  f" AND NOT EXISTS (SELECT FROM {OUTBOX} WHERE status <> 1)")  # fmt: skip


def relieve(pushes: Pushes) -> None:
    """Let whoever holds the lock leave it, and be followed by nobody."""
    with pushes.session() as session:
        SenderLock(session, SHOP, 1000).take(PATIENCE)


def until(pushes: Pushes, condition: str) -> None:
    """Wait in the database until something is so."""
    with pushes.session() as session:
        session.execute(f"SET statement_timeout = '{PATIENCE:.0f}s'")
        session.execute(f"DO $$ BEGIN WHILE NOT ({condition}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$")


def test_an_order_is_pushed_when_the_shop_commits_without_waiting_for_the_next_drain(pushes, begin):
    begin()  # on a clock that stands still: no drain is ever due again
    for number in (1, 2):
        pushes.shop.place(number, "1150")
        accepted(pushes, number)
    assert [pushes.told(n) for n in (1, 2)] == [["1110", "1150"]] * 2


@pytest.mark.long
def test_a_sender_takes_over_from_the_one_before_and_nothing_is_lost_or_sent_twice(pushes, begin):
    _, first = begin()
    for number in range(1, 201):
        pushes.shop.place(number, "1150")
    _, second = begin()
    assert first.result(PATIENCE)[End.ACCEPTED] > 0
    pushes.shop.place(201)
    accepted(pushes, 201)
    assert not second.done()
    assert pushes.totals() == {**pushes.totals(), "states": 401, "regressions": 0, "duplicates": 0}


def test_it_says_that_it_lives_and_what_youshu_said(pushes, begin):
    pushes.sandbox.fault("/data-api/v1/order", "http_status", status=502, times=1)
    pushes.shop.place(1)
    _, running = begin()
    until(pushes, f"EXISTS (SELECT FROM {OUTBOX} WHERE status = 2)")
    relieve(pushes)
    running.result(PATIENCE)
    [(seen, waiting, error)] = pushes.shop.store.execute(
        "SELECT seen_at, waiting, last_error FROM youshu_push_sender WHERE shop = %s", [SHOP]
    ).fetchall()
    assert (seen, waiting) == (pushes.clock.moment, 1)
    assert "HTTP 502" in error


def test_orders_of_a_backend_that_calls_nothing_are_captured_at_a_drain(pushes, begin):
    pushes.shop.place(1, "1150", enqueue=False)
    begin(orders="captured")
    accepted(pushes, 1)
    assert pushes.told(1) == ["1110", "1150"]


class TimedLock:
    """A lock that is never handed over; while it waits, time passes, and what is told happens."""

    def __init__(self, clock: SimulatedClock, *happen: Callable[[], timedelta | None]) -> None:
        self.must_leave = False
        self.waits: list[float] = []
        self._clock = clock
        self._happen = list(happen)

    def asked_to_leave(self) -> bool:
        return False

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        woken = self._happen.pop(0)() if self._happen else None
        self._clock.advance(woken or timedelta(seconds=seconds))


def timed_loop(pushes: Pushes, lock: TimedLock, orders: str = "enqueued", **settings: object) -> PushLoop:
    shop = Shop(name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders=orders)
    source = pushes.sandbox.credentials("youshu")["data_source_id"]
    sender = BatchSender(youshu_client(pushes.sandbox), source)
    return PushLoop(pushes.session(), shop, OrderPush(**settings), sender, lock)


def test_it_wakes_when_youshu_is_no_longer_left_alone_not_half_a_minute_later(pushes, sandbox):
    def an_order_comes_and_youshu_is_down() -> timedelta:
        sandbox.fault("/data-api/v1/order", "http_status", status=502, times=2)
        for number in (1, 2):
            pushes.shop.place(number)
        return timedelta(seconds=20)

    lock = TimedLock(pushes.clock, an_order_comes_and_youshu_is_down)
    loop = timed_loop(pushes, lock, batch_orders=1)
    loop.run(clock.now() + timedelta(seconds=50))
    assert lock.waits == [30, 10, 20]
    assert loop.ends[End.ACCEPTED] == 2


def test_a_clock_that_is_set_back_keeps_nobody_waiting(pushes):
    def an_order_changes_and_the_clock_is_set_back() -> timedelta:
        pushes.shop.place(1, enqueue=False)
        return timedelta(hours=-1)

    def enough() -> None:
        lock.must_leave = True

    lock = TimedLock(pushes.clock, an_order_changes_and_the_clock_is_set_back, enough)
    loop = timed_loop(pushes, lock, orders="captured")
    loop.run(clock.now() + timedelta(hours=1))
    assert lock.waits == [30, 30]
    assert loop.ends[End.ACCEPTED] == 1


def test_alerts_are_looked_for_every_half_minute_however_often_it_is_woken(pushes, sandbox):
    sandbox.fault("/data-api/v1/order", "http_status", status=502)

    numbers = count(1)

    def an_order_comes() -> timedelta:
        pushes.shop.place(next(numbers))
        return timedelta(seconds=10)

    def enough() -> None:
        lock.must_leave = True

    reviews = []
    lock = TimedLock(pushes.clock, *[an_order_comes] * 4, enough)
    loop = timed_loop(pushes, lock)
    began = clock.now()
    loop.review = lambda: reviews.append(clock.now() - began)
    loop.run(clock.now() + timedelta(hours=1))
    assert reviews == [timedelta(seconds=0), timedelta(seconds=30)]


def test_youshu_is_not_left_alone_for_longer_because_the_clock_was_set_back(pushes, sandbox):
    sandbox.fault("/data-api/v1/order", "http_status", status=502, times=2)
    for number in (1, 2):
        pushes.shop.place(number)
    pushes.settings = OrderPush(batch_orders=1)
    pushes.drain()
    assert pushes.drain() == {}
    pushes.clock.advance(timedelta(hours=-1))
    assert pushes.drain() == {End.ACCEPTED: 2}


def test_what_youshu_says_that_no_table_knows_is_told_and_tried_again(pushes, sandbox):
    """Once at most in each drain's time, so that a channel that does not answer holds up no orders."""
    pushes.shop.place(1, "1150")
    sandbox.fault(PATH, "error", body={"retcode": 4711, "errmsg": "of tomorrow", "data": {}}, times=1)
    told = []
    shop = Shop(
        name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders="enqueued"
    )
    sender = BatchSender(youshu_client(sandbox), sandbox.credentials("youshu")["data_source_id"])
    loop = PushLoop(pushes.session(), shop, OrderPush(), sender, unknown=told.append)

    loop.run(until=clock.now())
    assert [error.code for error in told] == ["4711"]
    assert {row["status"] for row in pushes.shop.rows()} <= {0, 2}
    pushes.clock.advance(timedelta(minutes=5))
    assert loop.run(until=clock.now())[End.ACCEPTED] >= 1
    assert len(told) == 1


def test_what_changes_is_captured_while_a_long_backlog_is_sent(pushes, sandbox, monkeypatch):
    for number in range(1, 41):
        pushes.shop.place(number)
    looks = []
    monkeypatch.setattr(
        OrderCapture, "capture", lambda _self, max_pages=None: looks.append((clock.now(), max_pages))
    )
    real = YoushuClient.add_order

    def slow(client: YoushuClient, body: str) -> str:
        pushes.clock.advance(timedelta(seconds=9))
        return real(client, body)

    monkeypatch.setattr(YoushuClient, "add_order", slow)
    shop = Shop(
        name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders="captured"
    )
    sender = BatchSender(youshu_client(sandbox), sandbox.credentials("youshu")["data_source_id"])
    loop = PushLoop(pushes.session(), shop, OrderPush(max_threads=1, batch_orders=2), sender)
    loop.run(until=clock.now())
    moments = [moment for moment, _ in looks] + [clock.now()]
    assert max(later - before for before, later in pairwise(moments)) <= timedelta(seconds=40)
    assert [pages for _, pages in looks[1:]] == [1] * (len(looks) - 1)


@pytest.mark.parametrize("orders", ["enqueued", "captured"])
def test_what_a_fault_of_ours_has_kept_out_is_enqueued_and_pushed_page_after_page(
    pushes, begin, monkeypatch, orders
):
    monkeypatch.setattr(enqueue_faults, "PAGE", 2)
    pushes.shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    for number in range(1, 6):
        pushes.shop.place(number, enqueue=False)
        pushes.shop.store.execute("SELECT youshu_enqueue_order(%s, %s)", [SHOP, number])
    pushes.shop.store.execute("ALTER VIEW as_it_was RENAME TO youshu_order_push")
    begin(orders)  # on a clock that stands still: no second drain is ever due
    for number in range(1, 6):
        accepted(pushes, number)
    assert pushes.totals() == {**pushes.totals(), "states": 5, "duplicates": 0}
