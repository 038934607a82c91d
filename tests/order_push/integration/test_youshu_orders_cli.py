"""``retail youshu`` backlog, set-aside, retry, enqueue; ``retail deadlines check``: before a real outbox."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import CheckFailed, ConfigError
from tests.order_push.orders import NOON, SHOP, ShopOrders
from tests.three_ways import as_rows, on_terminal, told_three_ways, without_styles

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def shop(store, warehouse, simulated_clock) -> ShopOrders:
    simulated_clock.set(NOON)
    shop = ShopOrders(store, moment=NOON - 10 * MINUTE)
    for name in (SHOP, "outlet"):
        store.execute(
            "INSERT INTO youshu_push_sender (shop, seen_at, waiting) VALUES (%s, %s, 0)", [name, NOON]
        )
    return shop


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(retail, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def place(
    shop: ShopOrders, number: int, delay: timedelta | None, late: timedelta = timedelta(0), **is_: Any
) -> None:
    """Write an order that came «late» after its event, and was accepted «delay» after it."""
    shop.place(number)
    event = is_.pop("event", shop.moment)
    values = {
        "status": 1 if delay is not None else 0,
        "event_time": event,
        "create_time": event + late,
        **is_,
    }
    values["accepted_at"] = event + delay if delay is not None else None
    columns = ", ".join(f"{name} = %({name})s" for name in values)
    shop.store.execute(f"UPDATE t_store_youshu_request SET {columns} WHERE order_id = {number}", values)


def test_an_empty_backlog_is_fine(shop):
    result = call("youshu", "backlog")
    assert result.exit_code == 0
    assert [line.split()[:7] for line in result.output.splitlines()[1:]] == [
        [SHOP, *"000000"],
        ["outlet", *"000000"],
    ]


def test_it_counts_what_waits_and_says_what_is_late(shop):
    place(shop, 1, None)
    place(shop, 2, None, status=2, push_num=1, response_info='{"retcode": 17, "errmsg": "system error"}')
    place(shop, 3, None, event=NOON, status=3)
    place(shop, 4, None, status=5)
    place(shop, 5, SECOND)
    result = call("youshu", "backlog", "--shop", SHOP)
    assert result.exit_code == 1
    _, counts = result.output.splitlines()
    assert counts.split()[:7] == [SHOP, "3", "1", "0", "1", "1", "1"]
    assert "orders of flagship: late at Youshu: order N1 waits with state 1110 for 10 min" in counts
    [row] = told_three_ways("youshu", "backlog", "--shop", SHOP)
    assert (row["waiting"], row["dead_lettered"], row["oldest_event"]) == (3, 1, "2026-11-23T11:50:00+08:00")
    assert row["wrong"][0] in counts


def test_without_a_sender_it_fails_though_nothing_waits(shop, simulated_clock):
    simulated_clock.advance(HOUR)
    result = call("youshu", "backlog")
    assert result.exit_code == 1
    assert "nobody sends orders: no sender was seen since 2026-11-23 12:00:00" in result.output


def test_delays_are_those_of_the_event_by_hour_with_the_share_in_time(shop):
    for number in range(1, 100):
        place(shop, number, number * SECOND, event=NOON - HOUR)
    place(shop, 100, 301 * SECOND, event=NOON - HOUR)
    place(shop, 101, SECOND, event=NOON - 25 * HOUR)  # too long ago
    [hour] = as_rows("youshu", "backlog", "--shop", SHOP, "--delays", "hours")[1:]
    assert (hour["shop"], hour["hour"]) == (SHOP, "2026-11-23T11:00:00+08:00")
    assert (hour["states"], hour["accepted"], hour["share_in_time"]) == (100, 100, 0.99)
    assert (hour["p50_seconds"], hour["longest_seconds"]) == (50.5, 301)
    assert 99 < hour["p99_seconds"] < 102


def test_what_waits_too_long_or_was_dead_lettered_is_late_and_what_came_late_is_counted_apart(shop):
    place(shop, 1, 10 * SECOND)
    place(shop, 2, None)
    place(shop, 3, None, status=5)
    place(shop, 4, 3 * HOUR, late=3 * HOUR - SECOND, event=NOON - 4 * HOUR)
    place(shop, 5, None, event=NOON)
    place(shop, 6, None, status=4)
    [day] = as_rows("youshu", "backlog", "--shop", SHOP, "--delays", "days")[1:]
    assert [day[name] for name in ("states", "accepted", "waiting", "dead_lettered", "came_late")] == [
        5,
        2,
        2,
        1,
        1,
    ]
    assert day["longest_seconds"] == 10
    assert round(day["share_in_time"], 4) == 0.3333


def test_the_table_of_delays_is_read_by_people(shop):
    place(shop, 1, 10 * SECOND, warning="sum_wrong: payment_amount (lines and freight) is 1, its parts are 2")
    lines = call("youshu", "backlog", "--shop", SHOP, "--delays", "hours").output.splitlines()
    assert lines[-1].split() == [
        SHOP,
        "2026-11-23",
        "11:00",
        "1",
        "1",
        "0",
        "0",
        "0",
        "1",
        "10.0",
        "10.0",
        "10.0",
        "100.00%",
    ]
    assert lines[-2].split()[-4:] == ["max", "s", "in", "time"]
    assert lines[2] == ""
    shown = without_styles(on_terminal("youshu", "backlog", "--shop", SHOP, "--delays", "hours")).splitlines()
    assert shown[-1].split() == lines[-1].split()


def test_dead_lettered_names_the_row_and_why_and_nothing_of_the_buyer(shop):
    reply = json.dumps({"no_answer": "HTTP 413", "sent": '{"open_id": "o1"}'})
    place(shop, 1, None, status=5, response_info=reply)
    result = call("youshu", "dead-letters")
    assert result.exit_code == 1
    assert result.output.splitlines()[1].split()[-4:] == ["N1", "1110", "HTTP", "413"]
    assert "open_id" not in result.output + on_terminal("youshu", "dead-letters")
    [row] = told_three_ways("youshu", "dead-letters")
    assert "open_id" not in str(row)
    assert (row["shop"], row["order_code"], row["why"]) == (SHOP, "N1", "HTTP 413")


def test_retry_makes_one_or_all_rows_wait_and_alert_again(shop):
    for number in (1, 2, 3):
        place(shop, number, None, status=5, push_num=4, alarmed_at=NOON, next_push_at=NOON)
    assert call("youshu", "retry", "--shop", SHOP, "N2").output == f"{SHOP}: 1 rows are sent again\n"
    [row] = shop.rows(order_id=2)
    assert (row["status"], row["push_num"], row["alarmed_at"], row["next_push_at"]) == (0, 0, None, None)
    assert call("youshu", "retry", "--shop", SHOP, "--all").output == f"{SHOP}: 2 rows are sent again\n"
    assert call("youshu", "dead-letters").exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["N1", "--all"]])
def test_retry_wants_to_know_what(shop, arguments):
    result = call("youshu", "retry", "--shop", SHOP, *arguments)
    assert result.exit_code == 2
    assert "name the orders, or say --all" in result.output


def test_enqueue_by_hand_says_why_an_order_cannot_be_and_keeps_nothing(shop):
    shop.place(1, enqueue=False)
    shop.store.execute("ALTER TABLE t_store_youshu_request ADD CONSTRAINT refuses CHECK (order_code <> 'N1')")
    result = CliRunner().invoke(retail, ["youshu", "enqueue", "--shop", SHOP, "N1"])
    assert isinstance(result.exception, CheckFailed)
    assert "refuses" in str(result.exception)
    assert shop.store.execute("SELECT FROM youshu_enqueue_fault").fetchall() == []


def test_enqueue_does_what_the_backend_forgot(shop):
    shop.place(1, "1150", enqueue=False)
    result = call("youshu", "enqueue", "--shop", SHOP, "N1", "N2")
    assert result.exit_code == 1
    assert "N1: 2 states are enqueued" in result.output
    assert "N2: is not in the view youshu_order_push" in result.output
    assert call("youshu", "enqueue", "--shop", SHOP, "N1").output == "N1: 0 states are enqueued\n"


def test_enqueue_of_many_says_how_far_it_is(shop, monkeypatch):
    monkeypatch.setattr("retail_pipeline.cli.progress.EVERY", timedelta())
    for number in (1, 2):
        shop.place(number, enqueue=False)
    result = call("youshu", "enqueue", "--shop", SHOP, "N1", "N2")
    assert result.stderr.splitlines() == ["orders enqueued: 0 of 2", "orders enqueued: 1 of 2"]
    assert result.stdout == "N1: 1 states are enqueued\nN2: 1 states are enqueued\n"


def test_enqueue_again_makes_every_state_once_more_in_order(shop):
    shop.place(1, "1150", "1160")
    shop.store.execute("UPDATE t_store_youshu_request SET status = 1")
    assert call("youshu", "enqueue", "--shop", SHOP, "N1").output == "N1: 0 states are enqueued\n"
    result = call("youshu", "enqueue", "--shop", SHOP, "--again", "N1", "N2")
    assert result.exit_code == 1
    assert "N1: 3 states are enqueued" in result.output
    assert "N2: is not in the view youshu_order_push" in result.output
    again = [(row["push_type"], row["course"], row["status"]) for row in shop.rows()[3:]]
    assert again == [("1110", 2, 0), ("1150", 2, 0), ("1160", 2, 0)]


def test_a_shop_that_is_not_there_is_named(shop):
    result = CliRunner().invoke(retail, ["youshu", "backlog", "--shop", "nowhere"])
    assert isinstance(result.exception, ConfigError)
    assert "nowhere" in str(result.exception)


def test_the_deadline_check_tells_of_orders_too_and_alerts_where_it_is_asked_to(shop, alerts):
    place(shop, 1, None)
    told = [
        line
        for line in call("deadlines", "check").output.splitlines()
        if line.startswith("youshu_order_push")
    ]
    assert told[0].split()[:3] == ["youshu_order_push", SHOP, "2026-11-23"]
    assert "2026-11-23  late at Youshu: order N1 waits" in told[0]
    rows = [row for row in told_three_ways("deadlines", "check") if row["check"] == "youshu_order_push"]
    assert [(row["subject"], row["fine"]) for row in rows] == [(SHOP, False), ("outlet", True)]
    assert told[1].endswith("none waits for long, 0 wait")
    assert alerts.titles == []
    for _ in range(2):
        call("deadlines", "check", "--alert")
    assert alerts.titles.count(f"late at Youshu: orders of {SHOP}") == 1


def test_a_shop_whose_database_is_down_is_not_taken_for_fine(shop, alerts, monkeypatch):
    nowhere = '{"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}'
    monkeypatch.setenv("AIRFLOW_CONN_STORE_POSTGRES", nowhere)
    result = call("deadlines", "check", "--alert")
    assert result.exit_code == 1
    assert "cannot be asked: connection 'store_postgres'" in result.output
    assert f"cannot be asked: watch of the outbox of {SHOP}" in alerts.titles
