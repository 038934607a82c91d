"""The post of a sender: one at a time, woken by the shop's commits, handed over without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from retail_pipeline.youshu.push_post import Post
from tests.conftest import server_url
from tests.orders import SHOP, ShopOrders
from tests.patience import PATIENCE


@pytest.fixture
def sessions(store) -> Iterator[list[psycopg.Connection[Any]]]:
    opened = [psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) for _ in range(2)]
    yield opened
    for session in opened:
        session.close()


def test_it_is_held_by_one_and_left_by_whoever_dies(sessions):
    holder, other = (Post(session, SHOP) for session in sessions)
    assert holder.take(0)
    assert not other.take(0)
    assert Post(sessions[1], "outlet").take(0)
    sessions[0].close()
    assert other.take(PATIENCE)


def test_the_shops_commit_wakes_it_and_its_rollback_does_not(sessions, store):
    post = Post(sessions[0], SHOP)
    assert post.take(0)
    woken = Event()

    def sleep() -> None:
        post.wait(PATIENCE)
        woken.set()

    sleeper = Thread(target=sleep, daemon=True)
    sleeper.start()
    shop = ShopOrders(store)
    with store.transaction(force_rollback=True):
        shop.place(1)
    assert not woken.wait(0.3)
    shop.place(2)
    assert woken.wait(PATIENCE)
    assert not post.relieved


def test_whoever_wants_it_is_heard_and_gets_it_when_the_holder_leaves(sessions):
    holder, heir = (Post(session, SHOP) for session in sessions)
    assert holder.take(0)
    taken: list[bool] = []
    waiting = Thread(target=lambda: taken.append(heir.take(PATIENCE)), daemon=True)
    waiting.start()
    holder.wait(PATIENCE)
    assert holder.relieved
    assert holder.asked_to_leave()
    sessions[0].close()
    waiting.join(PATIENCE)
    assert taken == [True]
    assert not heir.relieved


def test_another_shops_relief_is_not_ours(sessions):
    holder = Post(sessions[0], SHOP)
    assert holder.take(0)
    sessions[1].execute("SELECT pg_notify('youshu_push_relief', 'outlet')")
    holder.wait(PATIENCE)
    assert not holder.asked_to_leave()
