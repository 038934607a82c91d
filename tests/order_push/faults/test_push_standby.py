"""Whatever ends a sender, its standby sends within a second, and nothing is sent twice."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from retail_pipeline.pipelines.order_push.order_sending import End
from retail_pipeline.pipelines.order_push.sender_lock import STAND_IN, rank_of
from tests.order_push.faults import sender_process
from tests.order_push.faults.pushes import PATH, Pushes
from tests.order_push.faults.sender_process import RUN_AFTER, STOPPED, stand_in, stay
from tests.order_push.faults.test_push_loop import OUTBOX, accepted, until
from tests.order_push.orders import ShopOrders
from tests.patience import PATIENCE

# It takes 0.3 s where the machine is free, Airflow kills after 5; who does not hear it sleeps for 30, or two hours.
AT_ONCE = 20.0
Begin = Callable[[int], Future]


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    [(moment,)] = store.execute("SELECT statement_timestamp() - interval '10 seconds'").fetchall()
    return Pushes(ShopOrders(store, moment=moment), sandbox, simulated_clock)


@pytest.fixture
def begin(pushes) -> Iterator[Begin]:
    """Begin a run, newer than those before, in a thread, and see it take the lock; in the end all are to end."""
    ends = []
    with ThreadPoolExecutor(4) as threads:

        def begin(rank: int) -> Future:
            future = threads.submit(stay, rank, pushes.sandbox, lambda: bool(ends))
            holds_lock(pushes, rank)
            return future

        yield begin
        ends.append(True)


@pytest.fixture
def stands_in(pushes) -> Iterator[Future]:
    """One that stands in, holding the lock."""
    ends = []
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(stand_in, pushes.sandbox, lambda: bool(ends))
        holds_lock(pushes, STAND_IN)
        yield future
        ends.append(True)


def sender(rank: int) -> str:
    """Return a query for the session of a run that holds the lock."""
    return (
        "SELECT pid FROM pg_locks AS lock JOIN pg_locks AS run USING (locktype, pid)"
        " WHERE locktype = 'advisory' AND lock.objsubid = 1 AND lock.granted"
        f" AND run.objsubid = 2 AND run.objid = {rank}"
    )


def holds_lock(pushes: Pushes, rank: int) -> None:
    until(pushes, f"EXISTS ({sender(rank)})")


def end_session(pushes: Pushes, rank: int) -> None:
    pushes.shop.store.execute(f"SELECT pg_terminate_backend(pid) FROM ({sender(rank)}) AS sender")


def right(pushes: Pushes, states: int) -> bool:
    return pushes.totals() == {**pushes.totals(), "states": states, "regressions": 0, "duplicates": 0}


@pytest.mark.long
def test_the_standby_takes_over_when_the_database_ends_the_senders_session(pushes, begin):
    begin(1)
    newest = begin(2)
    for number in range(1, 201):
        pushes.shop.place(number, "1150")
    end_session(pushes, 2)
    with pytest.raises(psycopg.OperationalError):
        newest.result(PATIENCE)
    holds_lock(pushes, 1)
    pushes.shop.place(201)
    accepted(pushes, 201)
    assert right(pushes, 401)


@pytest.mark.long
def test_the_standby_takes_over_when_the_senders_process_is_killed(pushes, begin):
    begin(1)
    with sender_process.begun(2) as process:
        holds_lock(pushes, 2)
        pushes.shop.place(1)
        accepted(pushes, 1)
        process.kill()
        process.wait(PATIENCE)
    pushes.shop.place(2, "1150")
    accepted(pushes, 2)
    holds_lock(pushes, 1)
    assert right(pushes, 3)


@pytest.mark.long
def test_the_oldest_of_three_leaves_and_two_stay(pushes, begin):
    first, second = begin(1), begin(2)
    pushes.shop.place(1)
    accepted(pushes, 1)
    third = begin(3)
    assert first.result(PATIENCE).ends[End.ACCEPTED] == 0
    pushes.shop.place(2)
    accepted(pushes, 2)
    assert not second.done()
    assert not third.done()
    end_session(pushes, 3)
    holds_lock(pushes, 2)
    pushes.shop.place(3)
    accepted(pushes, 3)
    assert right(pushes, 3)


@pytest.mark.long
def test_two_old_runs_that_are_restarted_do_not_keep_a_newer_one_from_sending(pushes, begin):
    """As after services were stopped and started: old runs come back in whatever order, a newer one is there."""
    begin(1)
    newest = begin(3)
    end_session(pushes, 3)
    holds_lock(pushes, 1)
    with pytest.raises(psycopg.OperationalError):
        newest.result(PATIENCE)
    again = begin(3)
    assert stay(2, pushes.sandbox).ends == {}
    pushes.shop.place(1)
    accepted(pushes, 1)
    assert not again.done()


@pytest.mark.long
def test_a_stop_lets_the_sender_finish_what_is_on_its_way_and_end_at_once(pushes, begin, warehouse):
    """As SIGTERM does, by which Airflow and a deployment stop a task; the standby holds the lock then."""
    begin(1)
    rank = rank_of(RUN_AFTER, 1)
    with sender_process.begun(sender_process.TASK) as process:
        holds_lock(pushes, rank)
        pushes.sandbox.fault(PATH, "slow", seconds=1)
        for number in range(1, 121):
            pushes.shop.place(number)
        until(pushes, f"EXISTS (SELECT FROM {OUTBOX} WHERE claimed_by IS NOT NULL)")
        process.send_signal(signal.SIGTERM)
        assert process.wait(AT_ONCE) == STOPPED
    pushes.sandbox.mend()
    holds_lock(pushes, 1)
    pushes.shop.place(121)
    accepted(pushes, 121)
    assert right(pushes, 121)


@pytest.mark.long
@pytest.mark.parametrize("stands_by", [False, True])
def test_one_that_waits_ends_at_once_when_it_is_stopped(pushes, begin, warehouse, stands_by):
    with sender_process.begun(sender_process.TASK) as process:
        holds_lock(pushes, rank_of(RUN_AFTER, 1))
        pushes.shop.place(1)
        accepted(pushes, 1)
        if stands_by:
            begin(rank_of(RUN_AFTER, 2))
        process.send_signal(signal.SIGTERM)
        assert process.wait(AT_ONCE) == STOPPED


def test_a_standby_stays_no_longer_than_a_sender(pushes, begin):
    standby, newest = begin(1), begin(2)
    pushes.clock.advance(timedelta(hours=2))
    assert standby.result(PATIENCE).ends == {}
    pushes.shop.place(1)  # wakes it
    assert newest.result(PATIENCE)


def test_one_that_stands_in_sends_until_a_run_comes_and_leaves_to_it_at_once(pushes, stands_in, begin):
    for number in (1, 2):  # the second one finds it waiting
        pushes.shop.place(number)
        accepted(pushes, number)
    begin(1)
    assert stands_in.result(PATIENCE).ends[End.ACCEPTED] == 2
    pushes.shop.place(3)
    accepted(pushes, 3)
    assert right(pushes, 3)


def test_one_that_stands_in_does_not_say_that_the_shop_has_a_sender(pushes, stands_in, begin):
    seen = "SELECT count(*) FROM youshu_push_sender"
    pushes.shop.place(1)
    accepted(pushes, 1)
    assert pushes.shop.store.execute(seen).fetchone() == (0,)
    begin(1)
    until(pushes, "EXISTS (SELECT FROM youshu_push_sender)")


def test_a_second_one_sends_what_is_due_and_does_not_wait_for_the_first(pushes, stands_in):
    pushes.shop.place(1)
    accepted(pushes, 1)
    assert stand_in(pushes.sandbox).ends == {}
    assert not stands_in.done()
