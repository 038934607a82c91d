"""Where nobody is at a shop's lock the monitor sends in its place, and says so all the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline import clock
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock, is_forsaken
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.order_push.orders import SHOP, ShopOrders
from tests.patience import PATIENCE
from tests.sandbox_control import SandboxControl

SEEN = "INSERT INTO youshu_push_sender (shop, seen_at, waiting) VALUES (%s, now() - interval '10 minutes', 0)"


ACCEPTED = "(SELECT bool_and(status = 1) FROM t_store_youshu_request) IS TRUE"


@pytest.fixture
def shop(store: psycopg.Connection) -> ShopOrders:
    return ShopOrders(store, moment=clock.now() - timedelta(seconds=10))


@pytest.fixture
def run_comes() -> Iterator[None]:
    """A run of the push takes the lock as soon as all orders are accepted: who stands in stays until then."""
    with ThreadPoolExecutor(1) as thread, closing(store_session()) as session:

        def come() -> None:
            session.execute(
                f"DO $$ BEGIN WHILE NOT ({ACCEPTED}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$"
            )
            assert SenderLock(session, SHOP, 1).take(PATIENCE)

        taken = thread.submit(come)
        yield
        taken.result(PATIENCE)


def store_session() -> psycopg.Connection:
    return psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True)


def monitored(bag: DagBag) -> list[tuple[str, str]]:
    """Let the monitor look once; return the shops that were sent for."""
    result = bag.dags["youshu_push_monitor"].test()
    tasks = [ti for ti in result.get_task_instances() if ti.task_id == "help_push"]
    return [(ti.rendered_map_index, str(ti.state)) for ti in tasks if ti.map_index >= 0]


def test_the_stand_in_sends_and_the_monitor_alerts_where_sender_and_standby_died(
    bag: DagBag,
    shop: ShopOrders,
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    sandbox: SandboxControl,
    run_comes: None,
) -> None:
    shop.store.execute(SEEN, [SHOP])
    shop.place(1, "1150")
    assert monitored(bag) == [(SHOP, "success")]
    assert shop.states(1) == [("1110", 1), ("1150", 1)]
    [totals] = sandbox.ask("order_totals")
    assert (totals["states"], totals["duplicates"]) == (2, 0)
    assert f"nobody sends orders: sender of {SHOP}" in alerts.titles
    assert monitored(bag) == []  # the run holds the lock
    assert not any(title.startswith("recovered") for title in alerts.titles)


def test_nobody_stands_in_for_a_sender_that_is_there_or_never_was(store: psycopg.Connection) -> None:
    assert not is_forsaken(store, SHOP)
    store.execute(SEEN, [SHOP])
    assert is_forsaken(store, SHOP)
    with closing(store_session()) as session:
        lock = SenderLock(session, SHOP, 1)
        assert lock.take(0)
        assert not is_forsaken(store, SHOP)
        assert not is_forsaken(store, "outlet")
        lock.release()
        assert is_forsaken(store, SHOP)


def test_the_monitor_looks_every_minute(bag: DagBag) -> None:
    """With an order's four minutes until it alerts, there is room for one look that fails."""
    assert bag.dags["youshu_push_monitor"].timetable.expression == "*/1 * * * *"


@pytest.mark.parametrize(
    ("forsaken", "run_type", "seconds", "looks_again"),
    [
        (False, "scheduled", 3, True),
        (False, "scheduled", 31, False),
        (False, "manual", 3, False),
        (True, "scheduled", 3, False),
    ],
)
def test_a_scheduled_run_that_finds_all_calm_looks_again_half_a_minute_later(
    bag: DagBag, shop: ShopOrders, forsaken: bool, run_type: str, seconds: int, looks_again: bool
) -> None:
    if forsaken:
        shop.store.execute(SEEN, [SHOP])
    run = SimpleNamespace(run_type=run_type, run_after=clock.now() - timedelta(seconds=seconds))
    found = bag.dags["youshu_push_monitor"].get_task("plan_helpers").poke({"dag_run": run})
    assert found.is_done != looks_again
    assert [[each["name"] for each in task] for task in found.xcom_value] == ([[SHOP]] if forsaken else [])


def test_between_two_looks_no_worker_is_held_which_might_die_with_the_sender(bag: DagBag) -> None:
    plan = bag.dags["youshu_push_monitor"].get_task("plan_helpers")
    assert plan.reschedule
    assert plan.poke_interval <= 30
