"""A run by hand waits for no sender: neither for its lock nor for room among the active runs, nor for a slot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from sqlalchemy import delete

from retail_pipeline.orchestration.slots import RESIDENTS, made
from retail_pipeline.pipelines.order_push.sender_lock import Place, SenderLock
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.orchestration.dags.noted_tasks import NotedTasks
from tests.orchestration.dags.scheduler import SimulatedScheduler
from tests.order_push.dags.test_order_push_runs import WINDOW, Run, run
from tests.order_push.orders import ShopOrders
from tests.sandbox_control import SandboxControl

__all__ = ["run"]  # a fixture
PUSH = "youshu_order_push"
TEN = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


@pytest.fixture
def old_runs(store: psycopg.Connection) -> Iterator[list[SenderLock]]:
    """Of each shop two runs that were restarted: one is its sender, the other stands by."""
    with ExitStack() as opened:
        posts = []
        for shop in ("flagship", "outlet"):
            old, newer = (
                SenderLock(
                    opened.enter_context(psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True)),
                    shop,
                    rank,
                )
                for rank in (1, 2)
            )
            assert old.look() is Place.HOLDS_LOCK
            newer.look()
            old.release()
            assert newer.look() is Place.HOLDS_LOCK
            posts += [old, newer]
        yield posts


def test_a_run_by_hand_pushes_beside_a_sender_and_its_standby_and_asks_neither_to_leave(
    run: Run, store: psycopg.Connection, sandbox: SandboxControl, old_runs: list[SenderLock]
) -> None:
    shop = ShopOrders(store)
    shop.place(1, "1150", enqueue=True)
    for conf in ({}, WINDOW):
        states = run(**conf)
        assert states["push_orders_once", "flagship"] == states["push_orders_once", "outlet"] == "success"
    [totals] = sandbox.ask("order_totals")
    assert (totals["states"], totals["duplicates"]) == (2, 0)
    assert not any(lock.asked_to_leave() for lock in old_runs[1::2])


@pytest.mark.parametrize("by_hand", [1, 3])
def test_runs_by_hand_begin_while_two_old_runs_and_a_new_one_are_active(bag: DagBag, by_hand: int) -> None:
    """The scheduler's own query for runs that may begin, in a transaction that is rolled back."""
    with create_session() as session:
        session.execute(delete(DagRun))  # of tests before; they come back
        if not session.get(DagModel, PUSH):
            session.merge(DagBundleModel(name="room"))
            session.add(DagModel(dag_id=PUSH, bundle_name="room"))
            session.flush()
        model = session.get(DagModel, PUSH)
        model.max_active_runs = bag.dags[PUSH].max_active_runs
        model.is_paused = model.is_stale = False
        scheduled = [TEN + timedelta(minutes=10 * n) for n in range(3)]
        hands = [TEN + timedelta(minutes=31 + n) for n in range(by_hand)]
        kinds = [(DagRunType.SCHEDULED, DagRunState.RUNNING, moment) for moment in scheduled]
        kinds += [(DagRunType.MANUAL, DagRunState.RUNNING, moment) for moment in hands[:-1]]
        kinds.append((DagRunType.MANUAL, DagRunState.QUEUED, hands[-1]))
        for kind, state, moment in kinds:
            session.add(
                DagRun(
                    PUSH,
                    f"room_{moment:%H%M}",
                    logical_date=moment,
                    run_after=moment,
                    run_type=kind,
                    state=state,
                )
            )
        session.flush()
        begin = DagRun.get_queued_dag_runs_to_set_running(session=session).all()
        assert f"room_{hands[-1]:%H%M}" in [each.run_id for each in begin]
        session.rollback()


def test_a_run_by_hand_has_slots_where_senders_and_those_that_are_dead_hold_all_of_theirs(
    monkeypatch: pytest.MonkeyPatch, alerts: AlertReceiver, warehouse: psycopg.Connection
) -> None:
    """A worker has died: its sender and standby count as running, and another one has begun."""
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    tasks = NotedTasks(monkeypatch)
    scheduler = SimulatedScheduler(monkeypatch, [PUSH], TEN)
    scheduler.resident = lambda ti: ti.task_id == "push_orders"
    for _ in range(4):
        scheduler.begin(PUSH)
        scheduler.go_on()
        scheduler.moment += timedelta(minutes=10)
    assert scheduler.standing("push_orders") == made()[RESIDENTS]

    scheduler.begin(PUSH, DagRunType.MANUAL)
    scheduler.go_on()

    assert {name for task, name, _ in tasks.take() if task == "push_orders_once"} == {"flagship", "outlet"}
