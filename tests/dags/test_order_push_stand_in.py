"""Where nobody is at a shop's post the monitor sends in its place, and says so all the same."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline import clock
from retail_pipeline.youshu.push_post import Post, is_forsaken
from tests.alarm_receiver import AlarmReceiver
from tests.conftest import server_url
from tests.orders import SHOP, ShopOrders
from tests.sandbox_control import SandboxControl

SEEN = "INSERT INTO youshu_push_sender (shop, seen_at, waiting) VALUES (%s, now() - interval '10 minutes', 0)"


@pytest.fixture
def shop(store: psycopg.Connection) -> ShopOrders:
    return ShopOrders(store, moment=clock.now() - timedelta(seconds=10))


def monitored(bag: DagBag) -> list[tuple[str, str]]:
    """Let the monitor look once; return the shops that were sent for."""
    result = bag.dags["youshu_push_monitor"].test()
    tasks = [ti for ti in result.get_task_instances() if ti.task_id == "help_push"]
    return [(ti.rendered_map_index, str(ti.state)) for ti in tasks if ti.map_index >= 0]


def test_what_is_due_is_sent_where_sender_and_standby_are_gone_and_it_rings_all_the_same(
    bag: DagBag,
    shop: ShopOrders,
    warehouse: psycopg.Connection,
    alarms: AlarmReceiver,
    sandbox: SandboxControl,
) -> None:
    shop.store.execute(SEEN, [SHOP])
    shop.place(1, "1150")
    assert monitored(bag) == [(SHOP, "success")]
    assert shop.states(1) == [("1110", 1), ("1150", 1)]
    [totals] = sandbox.ask("order_totals")
    assert (totals["states"], totals["duplicates"]) == (2, 0)
    assert f"nobody sends orders: sender of {SHOP}" in alarms.titles
    assert monitored(bag) == [(SHOP, "success")]
    assert not any(title.startswith("recovered") for title in alarms.titles)


def test_nobody_stands_in_for_a_sender_that_is_there_or_never_was(store: psycopg.Connection) -> None:
    assert not is_forsaken(store, SHOP)
    store.execute(SEEN, [SHOP])
    assert is_forsaken(store, SHOP)
    with psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as session:
        post = Post(session, SHOP, 1)
        assert post.take(0)
        assert not is_forsaken(store, SHOP)
        assert not is_forsaken(store, "outlet")
        post.leave()
        assert is_forsaken(store, SHOP)


def test_the_monitor_looks_every_minute(bag: DagBag) -> None:
    """With an order's four minutes until it rings, there is room for one look that fails."""
    assert bag.dags["youshu_push_monitor"].timetable.expression == "*/1 * * * *"
