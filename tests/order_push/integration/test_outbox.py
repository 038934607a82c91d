"""Claims: each row is held by one, each order has one row on its way, states go in their order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from retail_pipeline.pipelines.order_push.outbox import FAILED, LEASE, TIMEOUT, Waiting
from tests.conftest import SimulatedClock, server_url
from tests.order_push.orders import NOON, ShopOrders


@pytest.fixture
def clock(simulated_clock) -> SimulatedClock:
    simulated_clock.set(NOON)
    return simulated_clock


@pytest.fixture
def shop(store, clock) -> ShopOrders:
    return ShopOrders(store)


@pytest.fixture
def sessions() -> Iterator[list[psycopg.Connection]]:
    opened = [psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) for _ in range(4)]
    yield opened
    for session in opened:
        session.close()


def pairs(rows: list[Waiting]) -> list[tuple[int, str]]:
    return [(row.order_id, row.push_type) for row in rows]


def test_the_oldest_come_first_and_of_each_order_one(shop):
    for number in (9, 8, 7):
        shop.place(number, "1150")
    outbox = shop.outbox()
    assert pairs(outbox.claim(2)) == [(9, "1110"), (8, "1110")]
    assert pairs(outbox.claim(2)) == [(7, "1110")]
    assert outbox.claim(2) == []


def test_the_next_state_is_due_when_the_one_before_was_accepted(shop):
    shop.place(7, "1150", "1160")
    outbox = shop.outbox()
    for state in ("1110", "1150", "1160"):
        rows = outbox.claim(5)
        assert pairs(rows) == [(7, state)]
        outbox.accepted(rows, "{}")
    assert shop.states(7) == [("1110", 1), ("1150", 1), ("1160", 1)]


def test_what_failed_waits_twice_as_long_each_time_and_holds_up_its_order_only(shop, clock):
    shop.place(7, "1150")
    outbox = shop.outbox(min_retry_seconds=30, max_retry_seconds=100)
    for wait in (30, 60, 100, 100):
        outbox.not_accepted(outbox.claim(5), FAILED, "100")
        clock.advance(timedelta(seconds=wait - 1))
        assert outbox.claim(5) == []
        clock.advance(timedelta(seconds=1))
    shop.place(8)
    assert pairs(outbox.claim(5)) == [(7, "1110"), (8, "1110")]


def test_what_was_claimed_and_not_recorded_is_due_again_when_the_lease_is_over(shop, clock):
    shop.place(7)
    [lost] = shop.outbox().claim(5)
    clock.advance(LEASE - timedelta(seconds=1))
    assert shop.outbox().claim(5) == []
    clock.advance(timedelta(seconds=1))
    [again] = shop.outbox().claim(5)
    assert (again.id, again.push_num) == (lost.id, 2)
    shop.outbox().accepted([lost], "too late")
    assert shop.states(7) == [("1110", 0)]
    shop.outbox().accepted([again], "{}")
    assert shop.states(7) == [("1110", 1)]


@pytest.mark.parametrize("status", [FAILED, TIMEOUT])
def test_an_older_state_that_comes_late_follows_no_newer_one(shop, clock, status):
    shop.place(7, "1150", "1160", enqueue=False)
    shop.store.execute("UPDATE t_store_order SET pay_time = NULL WHERE id = 7")
    shop.enqueue(7)
    outbox = shop.outbox()
    outbox.accepted(outbox.claim(5), "{}")
    outbox.not_accepted(outbox.claim(5), status, "shipped")
    shop.store.execute("UPDATE t_store_order SET pay_time = %s WHERE id = 7", [NOON])
    shop.enqueue(7)
    clock.advance(timedelta(minutes=5))
    sent = []
    while rows := outbox.claim(5):
        sent += pairs(rows)
        outbox.accepted(rows, "{}")
    # Nobody knows whether a timeout was taken; a refusal was not.
    assert sent == [(7, "1150"), (7, "1160")] if status == FAILED else [(7, "1160")]
    assert ("1150", 1 if status == FAILED else 4) in shop.states(7)


def test_an_older_state_waits_for_a_newer_one_that_is_on_its_way(shop):
    shop.place(7, "1150", "1160", enqueue=False)
    shop.store.execute("UPDATE t_store_order SET pay_time = NULL, create_time = %s WHERE id = 7", [NOON])
    shop.enqueue(7)
    outbox = shop.outbox()
    outbox.accepted(outbox.claim(5), "{}")
    flying = outbox.claim(5)
    shop.store.execute("UPDATE t_store_order SET pay_time = %s WHERE id = 7", [NOON])
    shop.enqueue(7)
    assert outbox.claim(5) == []
    outbox.accepted(flying, "{}")
    assert outbox.claim(5) == []
    [late] = shop.rows(push_type="1150")
    assert (late["status"], "newer state" in late["response_info"]) == (4, True)


def test_latest_only_closes_what_a_newer_state_makes_needless(shop):
    shop.place(7, "1150", "1160")
    outbox = shop.outbox(every_state=False)
    assert pairs(outbox.claim(5)) == [(7, "1160")]
    assert shop.states(7) == [("1110", 4), ("1150", 4), ("1160", 0)]


def test_what_is_not_agreed_is_closed_and_says_why(shop):
    shop.place(7, "1150", "1160")
    shop.place(8, "1150", source=3)
    outbox = shop.outbox(states=("1150",))
    assert pairs(outbox.claim(5)) == [(7, "1150")]
    reasons = {row["push_type"]: row["response_info"] for row in shop.rows(status=4, order_id=7)}
    assert set(reasons) == {"1110", "1160"}
    assert all("states" in why for why in reasons.values())
    assert "order_sources" in shop.rows(order_id=8)[1]["response_info"]


def test_what_was_dead_lettered_holds_up_no_later_state(shop):
    shop.place(7, "1150")
    outbox = shop.outbox()
    outbox.dead_lettered(outbox.claim(5), "data format wrong")
    assert pairs(outbox.claim(5)) == [(7, "1150")]


def test_a_return_waits_for_its_order_and_then_for_nobody(shop):
    shop.place(7)
    shop.give_back(1, 7)
    shop.reach(7, "1150")
    outbox = shop.outbox()
    rows = outbox.claim(5)
    assert pairs(rows) == [(7, "1110")]
    outbox.accepted(rows, "{}")
    rows = outbox.claim(5)
    assert pairs(rows) == [(7, "1290"), (7, "1150")]


def test_only_the_state_is_new_where_youshu_has_the_order_as_it_is(shop):
    shop.place(7, "1150", "1160")
    outbox = shop.outbox()
    known = []
    while rows := outbox.claim(5):
        known += [(row.push_type, row.content_known) for row in rows]
        outbox.accepted(rows, "{}")
    assert known == [("1110", False), ("1150", False), ("1160", True)]


def test_a_clock_that_is_set_back_holds_up_nothing(shop, clock):
    shop.place(7)
    shop.place(8)
    outbox = shop.outbox()
    first, _flying = outbox.claim(1), outbox.claim(1)
    outbox.not_accepted(first, FAILED, "100")
    clock.advance(timedelta(hours=-3))
    assert pairs(outbox.claim(5)) == [(7, "1110"), (8, "1110")]


def test_what_was_not_sent_is_as_if_it_had_not_been_claimed(shop):
    shop.place(7)
    outbox = shop.outbox()
    outbox.unsent(outbox.claim(5))
    [row] = outbox.claim(5)
    assert row.push_num == 1


def test_four_that_claim_at_once_share_the_rows_and_keep_the_order_of_states(shop, sessions):
    for number in range(1, 61):
        shop.place(number, "1150", "1160")

    def drain(session: psycopg.Connection) -> list[list[Waiting]]:
        outbox, claims = shop.outbox(session), []
        while rows := outbox.claim(7):
            claims.append(rows)
            outbox.accepted(rows, "{}")
        return claims

    with ThreadPoolExecutor(4) as threads:
        drained = list(threads.map(drain, sessions))
    ids = [row.id for claims in drained for rows in claims for row in rows]
    assert len(ids) == len(set(ids)) == 180
    for number in range(1, 61):
        accepted = sorted(shop.rows(order_id=number), key=lambda row: row["accepted_at"])
        assert {row["status"] for row in accepted} == {1}
        assert {row["push_num"] for row in accepted} == {1}


def test_a_row_that_somebody_else_has_locked_is_passed_over(shop, sessions):
    shop.place(7)
    shop.place(8)
    with sessions[0].transaction():
        sessions[0].execute("SELECT 1 FROM t_store_youshu_request WHERE order_id = 7 FOR UPDATE")
        assert pairs(shop.outbox().claim(5)) == [(8, "1110")]


def test_an_accepted_later_row_of_the_same_state_closes_the_dead_lettered_one(shop, clock):
    shop.place(7)
    outbox = shop.outbox()
    outbox.dead_lettered(outbox.claim(9), "missing: open_id")
    shop.place(8)
    outbox.dead_lettered(outbox.claim(9), "missing: open_id")
    shop.move_house(7, "6.00")
    outbox.accepted(outbox.claim(9), "{}")
    old, new = shop.rows(order_id=7)
    assert (old["status"], new["status"]) == (4, 1)
    assert (
        old["response_info"]
        == f"not sent: the state was taken later, see row {new['id']}; before: missing: open_id"
    )
    assert shop.states(8) == [("1110", 5)]
