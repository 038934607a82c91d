"""One order that nobody can put into words, or read, stops no other of its shop."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.reconcile import Missing, OrderReconcile
from retail_pipeline.settings.retail import Shop
from tests.conftest import SQL
from tests.order_push.faults.pushes import Pushes
from tests.order_push.orders import NOON, SHOP, ShopOrders


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    simulated_clock.set(NOON)
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


def test_a_state_that_begins_never_is_not_reached_and_holds_up_nothing(pushes):
    """'infinity' is PostgreSQL's own word for «not yet»."""
    pushes.shop.place(1, "1150")
    pushes.shop.store.execute("UPDATE t_store_order SET finish_time = 'infinity' WHERE id = 1")
    assert pushes.shop.enqueue(1) == 0
    pushes.shop.place(2, "1150")
    pushes.drain_until_empty()
    assert [pushes.told(n) for n in (1, 2)] == [["1110", "1150"]] * 2


@pytest.mark.parametrize("moment", ["-infinity", "9999-12-31", "0001-01-01", "20261-01-01"])
def test_a_state_that_youshu_cannot_be_told_is_dead_lettered_as_it_comes(pushes, moment):
    pushes.shop.place(1, "1150")
    pushes.shop.store.execute("UPDATE t_store_order SET finish_time = %s WHERE id = 1", [moment])
    pushes.shop.enqueue(1)
    pushes.drain_until_empty()
    assert pushes.told(1) == ["1110", "1150"]
    [row] = pushes.shop.rows(push_type="1180")
    assert (row["status"], row["alarmed_at"]) == (5, None)
    assert "status_change_time" in row["response_info"]
    assert pushes.shop.enqueue(1) == 0  # not told again at every look
    result = CliRunner().invoke(retail, ["youshu", "retry", "--shop", SHOP, "--all"])
    assert result.exit_code == 0, result.output
    assert pushes.shop.rows(push_type="1180")[0]["status"] == 5  # its time there is not its own


def test_so_is_one_that_was_dead_lettered_before_a_column_said_so(pushes):
    pushes.shop.place(1, "1150")
    pushes.shop.store.execute("UPDATE t_store_order SET finish_time = '-infinity' WHERE id = 1")
    pushes.shop.enqueue(1)
    pushes.shop.store.execute("ALTER TABLE t_store_youshu_request DROP COLUMN untold")
    pushes.shop.store.execute((SQL / "schema/store/090_youshu_moments.sql").read_bytes())
    CliRunner().invoke(retail, ["youshu", "retry", "--shop", SHOP, "--all"])
    assert pushes.shop.rows(push_type="1180")[0]["status"] == 5


@pytest.mark.parametrize(("moment", "rows"), [("infinity", 0), ("9999-12-31", 1), ("-infinity", 1)])
def test_a_return_that_youshu_cannot_be_told_is_dead_lettered_once(pushes, moment, rows):
    pushes.shop.place(1, "1150")
    pushes.shop.give_back(1, 1, enqueue=False)
    pushes.shop.store.execute("UPDATE t_store_order_return SET finish_time = %s", [moment])
    calls = [
        pushes.shop.store.execute("SELECT youshu_enqueue_return(%s, 1)", [SHOP]).fetchone() for _ in range(2)
    ]
    assert calls == [(rows,), (0,)]
    assert [row["status"] for row in pushes.shop.rows(return_code="R1")] == [5] * rows


@pytest.mark.parametrize("levels", [600, 20_000])
def test_an_order_that_is_nested_too_deeply_is_dead_lettered(pushes, levels):
    for number in (1, 2):
        pushes.shop.place(number)
    nested = "[" * levels + "]" * levels
    pushes.shop.store.execute(
        "UPDATE t_store_youshu_request SET request_info = left(request_info, -1) || ', \"x\": ' || %s || '}'"
        " WHERE order_id = 1",
        [nested],
    )
    pushes.drain_until_empty()
    assert pushes.shop.states(1) == [("1110", 5)]
    assert pushes.told(2) == ["1110"]


def night(store, *, enqueue: bool = True) -> Missing:
    of = Shop(
        name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders="enqueued"
    )
    return OrderReconcile(store, of, timedelta(0)).reconcile(3, enqueue=enqueue)


@pytest.mark.parametrize("enqueue", [True, False])
def test_an_order_that_the_view_cannot_show_hides_no_other_from_the_night_and_is_named(store, enqueue):
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at)"
        " VALUES (%s, now(), 0, '-infinity')",
        [SHOP],
    )
    [(now,)] = store.execute("SELECT clock_timestamp()").fetchall()
    shop = ShopOrders(store, moment=now - timedelta(hours=1))
    for number in range(1, 8):
        shop.place(number, enqueue=False)
    store.execute("UPDATE t_store_order SET create_time = 'infinity' WHERE id = 5")
    found = night(store, enqueue=enqueue)
    assert (found.records, found.unreadable) == (6, ["order 5 [0A000]"])
    assert {row["order_id"] for row in shop.rows()} == ({1, 2, 3, 4, 6, 7} if enqueue else set())


def test_an_order_that_the_outbox_refuses_is_named_by_the_night(store):
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at)"
        " VALUES (%s, now(), 0, '-infinity')",
        [SHOP],
    )
    [(now,)] = store.execute("SELECT clock_timestamp()").fetchall()
    shop = ShopOrders(store, moment=now - timedelta(hours=1))
    for number in (1, 2):
        shop.place(number, enqueue=False)
    store.execute("ALTER TABLE t_store_youshu_request ADD CHECK (order_code <> 'N1')")
    found = night(store)
    assert (found.records, found.unreadable) == (1, ["order 1 [23514]"])


def test_what_came_before_is_mended_when_the_schema_is_applied(pushes):
    store = pushes.shop.store
    store.execute(
        "DROP TRIGGER youshu_request_moment ON t_store_youshu_request;"
        " ALTER TABLE t_store_youshu_request DROP CONSTRAINT t_store_youshu_request_moment_check"
    )
    for number in (1, 2):
        pushes.shop.place(number)
    store.execute("UPDATE t_store_youshu_request SET event_time = 'infinity' WHERE order_id = 1")
    store.execute((SQL / "schema/store/090_youshu_moments.sql").read_bytes())
    pushes.drain_until_empty()
    assert pushes.shop.states(1) == [("1110", 5)]
    assert pushes.told(2) == ["1110"]
    with pytest.raises(psycopg.errors.CheckViolation):
        store.execute("UPDATE t_store_youshu_request SET event_time = '-infinity' WHERE order_id = 2")


def test_an_order_that_the_view_cannot_show_stops_no_capture(store):
    capture = OrderCapture(store, SHOP, [1], timedelta(minutes=5))
    capture.capture()
    [(now,)] = store.execute("SELECT clock_timestamp()").fetchall()
    shop = ShopOrders(store, moment=now - timedelta(minutes=1))
    for number in range(1, 8):
        shop.place(number, enqueue=False)
    store.execute("UPDATE t_store_order SET create_time = 'infinity' WHERE id = 5")
    assert capture.capture() == 6
    assert {row["order_id"] for row in shop.rows()} == {1, 2, 3, 4, 6, 7}
    assert store.execute("SELECT source_id, code FROM youshu_enqueue_fault").fetchall() == [(5, "0A000")]
