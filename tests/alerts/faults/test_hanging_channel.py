"""Senders of orders never wait for an alert channel, nor for the record of alerts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from threading import Event

import pytest

from retail_pipeline import clock
from retail_pipeline.alerts import delivery
from retail_pipeline.alerts import robots as vendors
from retail_pipeline.alerts.daemon_threads import Aside
from retail_pipeline.errors import UnknownApiError
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.watch import watched_by_its_sender
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import AlertSettings, Settings, Shop
from tests.alerts.local_robots import WECOM, Robots, hanging, robots, use_channels
from tests.clients import youshu_client
from tests.order_push.faults.pushes import Pushes
from tests.order_push.orders import ShopOrders
from tests.patience import PATIENCE

__all__ = ["robots"]  # a fixture
SHOPS = [f"shop{number:02}" for number in range(30)]


@pytest.fixture
def pushes(store, warehouse, sandbox, simulated_clock) -> Pushes:
    [(moment,)] = store.execute("SELECT clock_timestamp() - interval '10 minutes'").fetchall()
    return Pushes(ShopOrders(store, moment=moment), sandbox, simulated_clock)


def shop_of(name: str) -> Shop:
    return Shop(
        name=name,
        store_conn_id="store_postgres",
        wechat_conn_id="",
        youshu_conn_id="",
        reports=(),
        orders="enqueued",
    )


@pytest.mark.long
def test_a_hanging_channel_keeps_none_of_thirty_senders_from_sending(
    pushes, robots: Robots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a trouble to tell of, since nobody ever held the lock."""
    monkeypatch.setattr(delivery, "SEND_SECONDS", PATIENCE)
    monkeypatch.setattr(vendors, "IDLE_SECONDS", PATIENCE)
    monkeypatch.setattr(Settings, "shops_that_push_orders", lambda _: [shop_of(name) for name in SHOPS])
    use_channels(monkeypatch, WECOM)
    robots.fault = hanging(robots)
    source = pushes.sandbox.credentials("youshu")["data_source_id"]
    asides = []
    for number, name in enumerate(SHOPS, 1):
        ShopOrders(pushes.shop.store, name, pushes.shop.moment).place(number)
        aside = Aside().__enter__()
        asides.append(aside)
        look = watched_by_its_sender(shop_of(name), OrderPush(), alerting(AlertSettings()))
        loop = PushLoop(
            pushes.session(),
            shop_of(name),
            OrderPush(),
            BatchSender(youshu_client(pushes.sandbox), source),
            review=partial(aside.do, "review", look),
        )
        assert loop.run(clock.now())[End.ACCEPTED] == 1
    assert pushes.totals()["states"] == len(SHOPS)
    assert not robots.released.is_set()
    robots.fault = None
    robots.released.set()
    for aside in asides:
        aside.__exit__(None, None, None)


def test_what_is_done_aside_is_the_latest_of_each_name_and_a_failure_ends_nothing(caplog) -> None:
    begun, go_on, done = Event(), Event(), []

    def first() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    def failing() -> None:
        raise UnknownApiError("what?", vendor="youshu", method="add_order")

    with Aside() as aside:
        aside.do("review", first)
        assert begun.wait(PATIENCE)
        for number in range(3):
            aside.do("unknown", failing)
            aside.do("review", partial(done.append, number))
        go_on.set()
    assert done == [2]
    assert caplog.text.count("what was done aside has failed") == 1


@pytest.mark.long
def test_the_record_that_cannot_be_reached_holds_up_no_sender(pushes, monkeypatch, alerts) -> None:
    """Whatever a look does, the sender only says that it is time for one."""
    nowhere = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_POSTGRES", json.dumps(nowhere))
    looks: list[Callable[[], object]] = []
    with Aside() as aside:
        monkeypatch.setattr(aside, "do", lambda _name, job: looks.append(job))
        pushes.shop.place(1)
        source = pushes.sandbox.credentials("youshu")["data_source_id"]
        review = partial(
            aside.do,
            "review",
            watched_by_its_sender(shop_of("flagship"), OrderPush(), alerting(AlertSettings())),
        )
        sender = BatchSender(youshu_client(pushes.sandbox), source)
        loop = PushLoop(pushes.session(), shop_of("flagship"), OrderPush(), sender, review=review)
        assert loop.run(clock.now())[End.ACCEPTED] == 1
    assert alerts.titles == []
    looks[0]()
    assert alerts.titles
