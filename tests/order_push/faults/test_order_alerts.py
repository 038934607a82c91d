"""An order that is about to be late is heard of, once, with the cause; so is a row that was dead-lettered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest

from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from retail_pipeline.pipelines.order_push.enqueue_faults import enqueue_kept_out
from retail_pipeline.pipelines.order_push.operators import PushOrdersOnceOperator
from retail_pipeline.pipelines.order_push.watch import OutboxWatch, watched_by_its_sender
from retail_pipeline.pipelines.order_push.watch_operators import WatchOutboxOperator
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import AlertSettings
from tests import planned
from tests.alerts.alert_record import pass_time
from tests.order_push.faults.pushes import PATH, Pushes
from tests.order_push.orders import SHOP, ShopOrders

MINUTE, TICK = timedelta(minutes=1), timedelta(seconds=30)


@pytest.fixture
def pushes(store, warehouse, sandbox, simulated_clock) -> Pushes:
    [(moment,)] = store.execute("SELECT clock_timestamp() - interval '10 seconds'").fetchall()
    simulated_clock.set(moment + timedelta(seconds=10))
    return Pushes(ShopOrders(store, moment=moment), sandbox, simulated_clock)


@dataclass
class Watching:
    """Somebody who looks."""

    pushes: Pushes
    also: Sequence[Finding] = ()

    def __post_init__(self) -> None:
        self._session = self.pushes.session()
        self._watch = OutboxWatch(SHOP, self.pushes.settings, alerting(AlertSettings()), self.also)

    def review(self) -> None:
        self._watch.review(self._session)


@pytest.fixture
def watch(pushes) -> Watching:
    return Watching(pushes)


def tick(pushes: Pushes, watch: Watching, times: int = 1) -> None:
    """Drain and look, as a living sender does each half minute."""
    for _ in range(times):
        pushes.drain()
        seen(pushes)
        watch.review()
        pushes.clock.advance(TICK)


def seen(pushes: Pushes, rate: float | None = None) -> None:
    pushes.shop.store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, orders_per_second) VALUES (%s, %s, 0, %s)"
        " ON CONFLICT (shop) DO UPDATE"
        " SET (seen_at, orders_per_second) = (excluded.seen_at, excluded.orders_per_second)",
        [SHOP, pushes.clock.moment, rate],
    )


def test_orders_that_arrive_are_no_news(pushes, watch, alerts):
    pushes.shop.place(1, "1150")
    tick(pushes, watch, 20)
    assert alerts.titles == []


@pytest.mark.long
def test_an_order_alerts_at_four_minutes_with_youshus_words_and_once_when_it_is_over(pushes, watch, alerts):
    pushes.sandbox.fault("/data-api/v1/order", "http_status", status=502)
    pushes.shop.place(1, "1150")
    tick(pushes, watch, 8)
    assert alerts.titles == []
    tick(pushes, watch, 4)
    assert alerts.titles == [f"about to be late at Youshu: orders of {SHOP}"]
    [told] = alerts.messages
    assert "order N1 waits with state 1110 for 4 min" in told["message"]
    assert "HTTP 502" in told["message"]
    pushes.sandbox.mend()
    tick(pushes, watch, 12)
    assert len(alerts.titles) == 2
    assert alerts.titles[1].startswith("recovered at ")


def test_an_order_backlog_alerts_with_the_expected_duration(pushes, watch, alerts):
    pushes.shop.place(1)
    pushes.clock.advance(6 * MINUTE)
    seen(pushes, rate=0.5)
    watch.review()
    assert alerts.titles == [f"late at Youshu: orders of {SHOP}"]
    assert "they pile up: 0 a second are taken, done in about 0 min 2 s" in alerts.messages[0]["message"]


def test_an_order_that_came_late_has_its_five_minutes_from_then(pushes, watch, alerts):
    pushes.shop.moment -= timedelta(days=3)
    pushes.shop.place(1)
    seen(pushes)
    watch.review()
    assert alerts.titles == []
    pushes.clock.advance(6 * MINUTE)
    seen(pushes)
    watch.review()
    assert alerts.titles == [f"late at Youshu: orders of {SHOP}"]


def test_without_a_sender_it_alerts_whether_orders_wait_or_not(pushes, watch, alerts):
    watch.review()
    assert alerts.titles == [f"nobody sends orders: sender of {SHOP}"]
    assert "no sender was ever seen" in alerts.messages[0]["message"]
    seen(pushes)
    watch.review()
    assert len(alerts.titles) == 2
    pushes.clock.advance(4 * MINUTE)
    watch.review()
    assert alerts.titles[2] == f"nobody sends orders: sender of {SHOP}"


@pytest.mark.long
def test_each_row_that_is_dead_lettered_is_told_once_in_youshus_words(pushes, watch, alerts):
    pushes.sandbox.fault(PATH, "poison_order", ids=["N1", "N2", "N4"], code=13)
    for number in (1, 2, 3):
        pushes.shop.place(number)
    tick(pushes, watch, 3)
    assert alerts.titles == [f"2 orders are dead-lettered: {SHOP}"]
    assert "N1 1110: retcode 13: " in alerts.messages[0]["message"]
    assert "10000000000" not in json.dumps(alerts.messages)
    pushes.shop.place(4)
    tick(pushes, Watching(pushes), 3)
    assert alerts.titles == [f"2 orders are dead-lettered: {SHOP}", f"an order is dead-lettered: {SHOP}"]
    assert "N4 1110" in alerts.messages[1]["message"]


def test_many_that_are_dead_lettered_are_one_alert_that_names_a_few(pushes, watch, alerts):
    for number in range(1, 9):
        pushes.shop.place(number)
    pushes.shop.store.execute(
        "UPDATE t_store_youshu_request SET status = 5, response_info = 'missing: open_id'"
    )
    seen(pushes)
    watch.review()
    [told] = alerts.messages
    assert told["message"].count("missing: open_id") == 5
    assert "and 3 more" in told["message"]


def test_a_channel_that_does_not_answer_is_told_later(pushes, watch, alerts, warehouse):
    pushes.shop.place(1)
    pushes.shop.store.execute("UPDATE t_store_youshu_request SET status = 5, request_info = NULL")
    seen(pushes)
    alerts.status = 500
    watch.review()
    alerts.status = 200
    pass_time(warehouse)
    watch.review()
    deliver(alerting(AlertSettings()))
    assert alerts.titles == [f"an order is dead-lettered: {SHOP}"]


def test_where_all_is_well_the_record_of_alerts_is_left_alone(pushes, watch, alerts, monkeypatch, caplog):
    seen(pushes)
    watch.review()
    monkeypatch.setenv(
        "AIRFLOW_CONN_WAREHOUSE_POSTGRES", '{"conn_type": "postgres", "host": "127.0.0.1", "port": 1}'
    )
    watch.review()
    assert caplog.text == ""


def test_a_refused_sender_alerts_and_its_successor_ends_the_incident(pushes, alerts):
    task = PushOrdersOnceOperator(task_id="push_orders_once", shop=planned.shop(SHOP))
    for _ in range(2):
        TaskFailureNotifier().notify({"task": task, "exception": RuntimeError("field «Secret» is wrong")})
    assert alerts.titles == [f"orders cannot be sent: push of {SHOP}"]
    assert "field «Secret» is wrong" in alerts.messages[0]["message"]
    seen(pushes)
    WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop(SHOP)).execute({})
    assert len(alerts.titles) == 1, "a watch cannot know that it is over"
    session_of_its_own = watched_by_its_sender(
        load_settings().shop(SHOP), pushes.settings, alerting(AlertSettings())
    )
    session_of_its_own()
    assert len(alerts.titles) == 2


def test_two_that_look_at_once_tell_of_a_row_once(pushes, watch, alerts):
    pushes.shop.place(1)
    pushes.shop.store.execute("UPDATE t_store_youshu_request SET status = 5")
    seen(pushes)
    with pushes.session() as other, other.transaction():
        other.execute("SELECT FROM t_store_youshu_request FOR UPDATE")  # as one who is telling of it just now
        watch.review()
    assert alerts.titles == []


def test_the_watch_names_what_it_cannot_ask(pushes, alerts, monkeypatch, warehouse: psycopg.Connection):
    task = WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop(SHOP))
    TaskFailureNotifier().notify({"task": task, "exception": RuntimeError("connection refused")})
    assert alerts.titles == [f"cannot be asked: watch of the outbox of {SHOP}"]


CANNOT = "orders cannot be enqueued (订单无法入队)"


@pytest.mark.long
def test_an_order_that_a_fault_of_ours_keeps_out_alerts_once_and_once_when_it_is_enqueued(
    pushes, watch, alerts
):
    store, minute = pushes.shop.store, "UPDATE youshu_enqueue_fault SET since = since - interval '1 minute'"
    store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    pushes.shop.place(1, enqueue=False)
    store.execute("SELECT youshu_enqueue_order(%s, 1)", [SHOP])
    tick(pushes, watch)
    assert alerts.titles == []  # the sender may mend it by itself: a view that was just being replaced
    store.execute(minute)
    tick(pushes, watch, 3)
    assert alerts.titles == [f"{CANNOT}: views of {SHOP}"]
    [told] = alerts.messages
    assert "1 orders and returns are kept out of the outbox, the first since " in told["message"]
    assert '[42P01] relation "youshu_order_push" does not exist' in told["message"]
    assert "retail schema apply" in told["message"]
    store.execute("ALTER VIEW as_it_was RENAME TO youshu_order_push")
    enqueue_kept_out(store, SHOP)
    tick(pushes, watch, 3)
    assert [title.partition(" at ")[0] for title in alerts.titles[1:]] == ["recovered"]
    assert pushes.told(1) == ["1110"]


def test_a_single_order_that_nobody_mends_does_not_hide_that_the_view_is_gone(pushes, alerts):
    seen(pushes)
    for number, code in enumerate(("22001", "23502", "42P01", "42703")):
        pushes.shop.store.execute(
            "INSERT INTO youshu_enqueue_fault (shop, kind, source_id, code, error, since)"
            " VALUES (%s, 'order', %s, %s, 'x', now() - interval '2 minutes')",
            [SHOP, number, code],
        )
        WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop(SHOP)).execute({})
    assert alerts.titles == [f"{CANNOT}: single orders of {SHOP}", f"{CANNOT}: views of {SHOP}"]
