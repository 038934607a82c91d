"""Whatever fails, every state of every order arrives at Youshu, in its order, and none after a newer one."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from retail_pipeline.errors import AuthRejected
from retail_pipeline.pipelines.order_push import outbox as outboxes
from retail_pipeline.pipelines.order_push.order_sending import End
from retail_pipeline.pipelines.order_push.outbox import LEASE, Outbox
from retail_pipeline.settings.order_push import OrderPush
from tests.order_push.faults.pushes import PATH, Pushes
from tests.order_push.orders import NOON, ShopOrders

ALL = ["1110", "1150", "1160", "1180"]


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    simulated_clock.set(NOON)
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


@pytest.mark.long
def test_every_state_of_every_order_arrives_once_and_in_order(pushes):
    for number in range(1, 121):
        pushes.shop.place(number, *ALL[1:])
    assert pushes.drain() == {End.ACCEPTED: 480}
    assert all(pushes.told(number) == ALL for number in (1, 60, 120))
    assert pushes.totals() == {"orders": 120, "states": 480, "regressions": 0, "duplicates": 0, "calls": 12}
    assert pushes.drain() == {}


def test_changes_returns_and_cancellations_arrive(pushes):
    pushes.shop.place(1, "1130")
    pushes.shop.place(2, "1150", "1140")
    pushes.shop.place(3, "1150")
    pushes.shop.move_house(3, "6.00")
    pushes.shop.reach(3, "1160")
    pushes.shop.give_back(9, 3)
    pushes.drain_until_empty()
    assert [pushes.told(n) for n in (1, 2, 3)] == [
        ["1110", "1130"], ["1110", "1150", "1140"], ["1110", "1150", "1150", "1160"],
    ]  # fmt: skip
    assert pushes.told("R9") == ["1290"]
    assert pushes.totals()["regressions"] == 0


def test_a_pure_change_of_state_goes_by_order_update_where_that_is_set(pushes):
    pushes.settings = OrderPush(status_changes_by="update")
    pushes.shop.place(1, *ALL[1:])
    pushes.drain_until_empty()
    [order] = pushes.sandbox.ask("orders")
    assert [(state["call"], state["status"]) for state in order["states"]] == [
        ("add_order", "1110"), ("add_order", "1150"), ("update", "1160"), ("update", "1180"),
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("code", [13, 100])
def test_a_poison_order_in_each_of_many_batches_stands_alone_in_the_end(pushes, code):
    for number in range(1001, 1201):
        pushes.shop.place(number)
    pushes.sandbox.fault(PATH, "poison_order", ids=["N1003", "N1077", "N1199"], code=code)
    pushes.drain()
    for _ in range(60):
        pushes.clock.advance(timedelta(seconds=30))
        pushes.drain()
    assert pushes.totals()["states"] == 197
    left = {row["order_code"]: row["status"] for row in pushes.shop.rows() if row["status"] != 1}
    assert left == dict.fromkeys(("N1003", "N1077", "N1199"), 5 if code == 13 else 2)
    assert pushes.totals()["duplicates"] == 0


def test_a_poison_order_keeps_youshus_words(pushes):
    pushes.shop.place(1)
    pushes.sandbox.fault(PATH, "poison_order", ids=["N1"])
    pushes.drain()
    [row] = pushes.shop.rows()
    assert (row["status"], json.loads(row["response_info"])["errmsg"]) == (5, "data format wrong")


@pytest.mark.long
def test_where_all_is_refused_nothing_is_dead_lettered_and_the_sender_goes_on(pushes):
    for number in range(1, 61):
        pushes.shop.place(number)
    pushes.sandbox.fault(PATH, "error", body={"retcode": 13, "errmsg": "data format wrong", "data": {}})
    for _ in range(20):
        pushes.drain()
        pushes.clock.advance(timedelta(seconds=30))
    assert {row["status"] for row in pushes.shop.rows()} <= {0, 2}
    assert len(pushes.calls()) <= 20 * 8 + 8, "it is left alone between two drains"
    assert "data format wrong" in pushes.shop.rows(status=2)[0]["response_info"]
    pushes.sandbox.mend()
    assert pushes.drain_until_empty() <= timedelta(minutes=1)
    assert pushes.totals()["states"] == 60


@pytest.mark.parametrize("content", ["no json", None, "[]", '{"external_order_id": "N2"}'])
def test_a_row_that_cannot_be_sent_is_dead_lettered_with_the_reason_and_holds_up_no_other(pushes, content):
    pushes.shop.place(1, "1150")
    pushes.shop.place(2)
    pushes.shop.store.execute(
        "UPDATE t_store_youshu_request SET request_info = %s WHERE order_id = 2", [content]
    )
    assert pushes.drain() == {End.ACCEPTED: 2, End.DEAD_LETTERED: 1}
    [row] = pushes.shop.rows(status=5)
    assert row["response_info"].split(":")[0] in ("no_json", "no_object", "missing")


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("http_status", {"status": 502}, 2),
        ("throttle", {}, 2),
        ("hang", {}, 3),
        ("hang", {"after_accept": True}, 3),
        ("truncate", {"after_accept": True}, 3),
        ("reset", {"after_accept": True}, 3),
        ("error", {"body": {"retcode": 100, "errmsg": "unkown error"}}, 2),
    ],
)
def test_what_passes_is_tried_again_and_the_order_is_kept(pushes, kind, options, status):
    pushes.shop.place(1, *ALL[1:])
    pushes.sandbox.fault(PATH, kind, times=1, **options)
    pushes.drain()
    assert pushes.shop.states(1)[0] == ("1110", status)
    took = pushes.drain_until_empty()
    states = pushes.told(1)
    assert [state for n, state in enumerate(states) if state not in states[:n]] == ALL
    assert pushes.totals()["regressions"] == 0
    # Only where nobody knew whether it was taken it was sent twice.
    assert pushes.totals()["duplicates"] == (1 if options.get("after_accept") else 0)
    assert took <= timedelta(minutes=1)


@pytest.mark.long
def test_an_hour_of_standstill_loses_nothing_and_is_over_within_a_minute(pushes):
    for number in range(1, 301):
        pushes.shop.place(number)
    pushes.sandbox.fault(PATH, "http_status", status=503)
    for minute in range(120):
        if minute % 10 == 0:
            pushes.shop.reach(1 + minute, "1150")
        pushes.drain()
        pushes.clock.advance(timedelta(seconds=30))
    assert len(pushes.calls()) <= 2 * 120 + 2  # it is left alone between two drains
    pushes.sandbox.mend()
    assert pushes.drain_until_empty() <= timedelta(minutes=1)
    assert pushes.totals()["regressions"] == pushes.totals()["duplicates"] == 0
    assert pushes.totals()["states"] == 312


def test_wrong_credentials_end_the_task_and_nothing_is_dead_lettered(pushes, sandbox):
    pushes.shop.place(1)
    pushes.sandbox.fault(PATH, "error", times=1, body={"retcode": 15, "errmsg": "merchant verify fail"})
    with pytest.raises(AuthRejected, match="app_secret"):
        pushes.drain()
    assert pushes.shop.states(1) == [("1110", 2)]
    assert pushes.drain_until_empty() <= timedelta(seconds=30)


class Killed(BaseException):
    """kill -9: nothing is recorded any more."""


@pytest.mark.parametrize("when", ["before_sending", "before_recording"])
def test_a_sender_that_is_killed_with_a_lease_is_followed_by_another_when_it_is_over(
    pushes, monkeypatch, when
):
    for number in (1, 2):
        pushes.shop.place(number, *ALL[1:])

    def die(*_: object, **__: object) -> None:
        raise Killed

    dying = pushes.pusher()
    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "unsent", die)
        patched.setattr(Outbox, "accepted", die)
        if when == "before_sending":
            patched.setattr("retail_pipeline.pipelines.order_push.drain.batches", die)
        with pytest.raises(Killed):
            pushes.drain(dying)
    assert pushes.drain() == {}
    pushes.clock.advance(LEASE - timedelta(seconds=1))
    assert pushes.drain() == {}
    pushes.clock.advance(timedelta(seconds=1))
    assert pushes.drain() == {End.ACCEPTED: 8}
    assert pushes.totals()["regressions"] == 0
    assert pushes.totals()["duplicates"] == (0 if when == "before_sending" else 2)


@pytest.mark.long
def test_two_senders_at_once_send_nothing_twice(pushes):
    from threading import Thread

    for number in range(1, 201):
        pushes.shop.place(number, "1150", "1160")
    senders = [pushes.pusher() for _ in range(2)]
    threads = [Thread(target=pushes.drain, args=[sender]) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pushes.drain_until_empty()
    assert pushes.totals() == {**pushes.totals(), "states": 600, "regressions": 0, "duplicates": 0}


def test_a_clock_that_is_set_back_delays_nothing(pushes):
    pushes.shop.place(1, "1150")
    pushes.sandbox.fault(PATH, "http_status", status=502, times=1)
    pushes.drain()
    pushes.clock.advance(timedelta(hours=-2))
    pushes.drain_until_empty()
    assert pushes.told(1) == ["1110", "1150"]


def test_a_sender_that_is_relieved_finishes_what_is_on_its_way_and_gives_back_the_rest(pushes):
    for number in range(1, 301):
        pushes.shop.place(number)
    asked = iter([False] * 4)
    leaving = pushes.pusher(stop=lambda: next(asked, True))
    ends = pushes.drain(leaving)
    assert 0 < ends[End.ACCEPTED] < 300
    assert not [row for row in pushes.shop.rows() if row["claimed_by"]]
    pushes.drain_until_empty()
    assert pushes.totals()["states"] == 300
    assert pushes.totals()["duplicates"] == 0


def test_a_database_that_restarts_in_mid_drain_costs_a_lease(pushes):
    for number in (1, 2):
        pushes.shop.place(number, "1150")
    session = pushes.session()
    broken = pushes.pusher(session)
    import psycopg

    class Breaking(outboxes.Outbox):
        pass

    def lose(*_: object, **__: object) -> None:
        pushes.shop.store.execute("SELECT pg_terminate_backend(%s)", [session.info.backend_pid])
        raise psycopg.OperationalError("terminating connection due to administrator command")

    broken._outbox.accepted = lose  # type: ignore[method-assign]
    with pytest.raises(psycopg.OperationalError):
        pushes.drain(broken)
    pushes.clock.advance(LEASE)
    pushes.drain_until_empty()
    assert pushes.told(1)[-1] == "1150"
    assert pushes.totals()["regressions"] == 0


@pytest.mark.parametrize("told", [True, False])
def test_an_order_that_is_cancelled_after_it_was_shipped_is_dead_lettered_for_people(pushes, told):
    """Youshu's 1140 is «paid, cancelled before shipping»: it hears of a return."""
    pushes.shop.place(1, "1150", "1160")
    if told:
        pushes.drain_until_empty()
    pushes.shop.reach(1, "1140")
    pushes.drain_until_empty()
    assert pushes.told(1) == ["1110", "1150", "1160"]
    [row] = pushes.shop.rows(push_type="1140")
    assert (row["status"], row["alarmed_at"]) == (5, None)
    assert "cancelled after it was shipped" in row["response_info"]


def test_an_order_that_was_shipped_although_it_was_cancelled_is_told_both(pushes):
    pushes.shop.place(1, "1150", "1140", "1160")
    pushes.drain_until_empty()
    assert pushes.told(1) == ["1110", "1150", "1140", "1160"]
