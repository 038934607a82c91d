"""The lock of a sender: one at a time, woken by the shop's commits, handed over to newer runs without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.sender_lock import Place, SenderLock, rank_of
from tests.conftest import server_url
from tests.order_push.orders import SHOP, ShopOrders
from tests.patience import PATIENCE

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"


@pytest.fixture
def sessions(store) -> Iterator[list[psycopg.Connection[Any]]]:
    opened = [psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) for _ in range(3)]
    yield opened
    for session in opened:
        session.close()


@pytest.fixture
def posts(sessions) -> list[SenderLock]:
    """Of three runs, the oldest first."""
    return [SenderLock(session, SHOP, rank) for rank, session in enumerate(sessions, 1)]


def test_one_session_holds_the_lock_until_it_dies(sessions, posts):
    holder, other, _ = posts
    assert holder.take(0)
    assert not other.take(0)
    assert SenderLock(sessions[2], "outlet", 1).take(0)
    sessions[0].close()
    assert other.take(PATIENCE)


def test_the_shops_commit_wakes_it_and_its_rollback_does_not(posts, store):
    lock = posts[0]
    assert lock.take(0)
    woken = Event()

    def sleep() -> None:
        lock.wait(PATIENCE)
        woken.set()

    sleeper = Thread(target=sleep, daemon=True)
    sleeper.start()
    shop = ShopOrders(store)
    with store.transaction(force_rollback=True):
        shop.place(1)
    assert not woken.wait(0.3)
    shop.place(2)
    assert woken.wait(PATIENCE)
    assert not lock.must_leave


def test_a_newer_run_gets_the_lock_when_the_holder_leaves(posts):
    holder, heir, _ = posts
    assert holder.take(0)
    taken: list[bool] = []
    waiting = Thread(target=lambda: taken.append(heir.take(PATIENCE)), daemon=True)
    waiting.start()
    while not holder.must_leave:
        holder.wait(PATIENCE)
    assert holder.asked_to_leave()
    holder.release()
    waiting.join(PATIENCE)
    assert taken == [True]
    assert not heir.asked_to_leave()


def test_a_handover_of_another_shop_or_without_a_newer_run_is_ignored(sessions, posts):
    holder = posts[1]
    assert holder.take(0)
    SenderLock(sessions[2], "outlet", 9).take(0)
    for shop in ("outlet", SHOP):
        sessions[2].execute("SELECT pg_notify('youshu_push_handover', %s)", [shop])
        assert not holder.asked_to_leave()


def test_an_older_run_that_comes_leaves_at_once_and_asks_for_nothing(posts):
    old, holder, _ = posts
    assert holder.take(0)
    assert not old.take(PATIENCE)
    assert old.look() is Place.LEAVES
    assert not holder.asked_to_leave()


def test_an_older_run_that_waits_leaves_when_a_newer_one_comes(posts):
    hung, old, new = posts
    assert hung.take(0)
    assert old.look() is new.look() is Place.WAITS
    assert old.look() is Place.LEAVES


def test_a_run_that_released_the_lock_stands_by_until_two_runs_are_newer(sessions, posts):
    first, second, third = posts
    assert first.take(0)
    second.look()
    first.release()
    assert second.look() is Place.HOLDS_LOCK
    assert first.look() is Place.WAITS
    sessions[1].close()
    assert first.take(PATIENCE)
    again = SenderLock(sessions[2], SHOP, 2)
    again.look()
    first.release()
    assert again.take(0)
    with psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as session:
        SenderLock(session, SHOP, 4).look()
        assert first.look() is Place.LEAVES
        again.release()
        assert again.look() is Place.WAITS
    del third


def test_a_stopped_run_neither_takes_the_lock_nor_waits(sessions, store):
    lock = SenderLock(sessions[0], SHOP, 1, stopped=lambda: True)
    assert not lock.take(PATIENCE)
    assert store.execute(HELD).fetchone() == (0,)
    lock.wait(PATIENCE)
    assert lock.asked_to_leave()


def test_a_machine_that_is_lost_has_left_it_within_half_a_minute(sessions, posts):
    """What the kernel does with it cannot be tried on one machine; what it is told can be."""
    names = "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"
    told = dict(
        sessions[0].execute("SELECT name, setting::int FROM pg_settings WHERE name ^@ 'tcp_'").fetchall()
    )
    idle, interval, count, unanswered = (told[name] for name in names)
    assert idle + interval * count <= 30
    assert 0 < unanswered <= 30_000


def test_one_that_only_listens_outlives_the_servers_limit_for_idle_sessions(store):
    """Nothing comes for several times as long; a session as others open it is ended meanwhile."""
    [(role,)] = store.execute("SELECT quote_ident(current_user)").fetchall()
    store.execute(f"ALTER ROLE {role} SET idle_session_timeout = '100ms'")
    try:
        with (
            psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as other,
            open_postgres("store_postgres") as session,
        ):
            lock = SenderLock(session, SHOP, 1)
            assert lock.take(0)
            lock.wait(0.5)
            assert not lock.asked_to_leave()
            assert lock.look() is Place.HOLDS_LOCK
            with pytest.raises(psycopg.OperationalError, match="idle-session timeout"):
                other.execute("SELECT 1")
    finally:
        store.execute(f"ALTER ROLE {role} RESET idle_session_timeout")


def test_a_later_run_ranks_above_each_earlier_one_and_a_later_try_above_an_earlier():
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in (0, 1, 10, 525_600)]
    ranks = [rank_of(moment, tries) for moment in moments for tries in (1, 2, 63)]
    assert all(a < b for a, b in pairwise(ranks))
    assert rank_of(moments[0], 1000) < rank_of(moments[1], 1)
    assert rank_of(datetime(2083, 1, 1, tzinfo=UTC), 99) < 2**31
