"""``retail youshu rehearse``: the checklist on a real shop, and samples at the sandbox."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import ConfigError
from tests.order_push.orders import NOON, SHOP, ShopOrders
from tests.three_ways import told_three_ways


@pytest.fixture
def shop(store, sandbox, simulated_clock) -> ShopOrders:
    simulated_clock.set(NOON)
    shop = ShopOrders(store, moment=NOON.replace(hour=9))
    for number in range(10):
        shop.place(100 + number, "1130", enqueue=False)
        shop.place(200 + number, "1150", "1140", enqueue=False)
        shop.place(300 + number, "1150", "1160", "1180", enqueue=False)
    return shop


def call(*arguments: str) -> Result:
    return CliRunner().invoke(retail, ["youshu", "rehearse", "--shop", SHOP, *arguments])


def lines(result: Result) -> list[str]:
    """Return the lines, with one blank between words."""
    return [" ".join(line.split()) for line in result.output.splitlines()]


def lacking(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if line.startswith("LACKING")]


def test_it_says_what_lacks_and_sends_nothing(shop, sandbox):
    result = call()
    assert result.exit_code == 1
    [returns] = lacking(result)
    assert "0 returns, 10 are wanted" in returns
    assert sandbox.ask("orders") == []
    result = call("--without-returns")
    assert (result.exit_code, lacking(result)) == (0, [])


def test_the_outbox_is_not_touched_and_samples_arrive_in_order(shop, sandbox):
    for number in range(10):
        shop.give_back(500 + number, 300 + number)
    shop.store.execute("TRUNCATE t_store_youshu_request")
    result = call("--send")
    assert (result.exit_code, lacking(result)) == (0, []), result.output
    assert "ok sent: 1180 10 of 10 accepted" in lines(result)
    assert "ok sent: 1290 10 of 10 accepted" in lines(result)
    [totals] = sandbox.ask("order_totals")
    assert (totals["orders"], totals["regressions"], totals["duplicates"]) == (40, 0, 0)
    assert shop.rows() == []


def test_amounts_and_delays_of_the_shop_are_told(shop):
    told = lines(call("--without-returns"))
    amounts = "30 orders: median 33.50, largest 33.50, smallest 33.50 yuan; 0% are whole yuan"
    assert f"ok payment_amount {amounts}" in told
    assert any(line.startswith("ok from 1150 to 1160 10 orders: median 1 s") for line in told)
    [row] = [
        row
        for row in told_three_ways("youshu", "rehearse", "--shop", SHOP, "--without-returns")
        if row["point"] == "payment_amount"
    ]
    assert row == {"verdict": "ok", "point": "payment_amount", "found": amounts, "fine": True}


def test_a_view_in_cents_whose_times_are_of_another_zone_is_not_all_green(shop):
    """As a new user maps a shop of his own: amounts in cents, times of UTC read as Shanghai's."""
    shop.store.execute(
        "UPDATE t_store_order SET (goods_amount, freight_amount, payable_amount, payment_amount)"
        " = (goods_amount * 100, freight_amount * 100, payable_amount * 100, payment_amount * 100);"
        "UPDATE t_store_order_item SET payment_amount = payment_amount * 100, goods_price = goods_price * 100;"
        "UPDATE t_store_order SET pay_time = pay_time - interval '8 hours'"
    )
    result = call("--without-returns")
    assert result.exit_code == 1
    told = "\n".join(lines(result))
    assert "\nodd amounts look like cents all are whole, and half are 500 or more" in told
    assert "\nLACKING states are not in order paid up to 8 h before created in 20 of 20 orders" in told


def test_what_youshu_refuses_is_told_in_its_words(shop, sandbox):
    sandbox.fault("/data-api/v1/order", "poison_order", ids=["N300"], code=13)
    result = call("--without-returns", "--send")
    assert result.exit_code == 1
    assert any("9 of 10 accepted; retcode 13: " in line for line in lacking(result))


def test_a_state_that_begins_never_is_not_reached(shop):
    shop.store.execute("UPDATE t_store_order SET finish_time = 'infinity' WHERE id = 100")
    result = call("--without-returns")
    assert (result.exit_code, lacking(result)) == (0, []), result.output


def test_times_that_youshu_cannot_be_told_are_named_and_the_others_are_sent(shop, sandbox):
    for number in range(11):
        shop.give_back(500 + number, 300 + number % 10)
    shop.place(400, "1150", "1160", "1180", enqueue=False)
    shop.store.execute(
        "UPDATE t_store_order SET ship_time = '-infinity', finish_time = '20261-01-01' WHERE id = 400;"
        "UPDATE t_store_order_return SET finish_time = '-infinity' WHERE id = 510"
    )
    result = call("--send")
    [wrong] = lacking(result)
    assert wrong.startswith("LACKING  fields and sums")
    assert "N400: not_millis: status_change_time of 1160, 1180" in wrong
    assert "return R510: not_millis: status_change_time of 1290" in wrong
    for state in ("1180", "1290"):
        assert f"ok sent: {state} 10 of 10 accepted" in lines(result)


def test_orders_that_the_view_cannot_show_are_named_and_the_others_are_looked_at(shop):
    shop.place(400, "1150", enqueue=False)
    shop.give_back(500, 300)
    shop.store.execute(
        "UPDATE t_store_order SET create_time = 'infinity' WHERE id = 400;"
        "UPDATE t_store_order SET last_modify_time = 'infinity' WHERE id = 309;"
        "UPDATE t_store_order_return SET create_time = 'infinity' WHERE id = 500"
    )
    unread, *others = lacking(call())
    assert " ".join(unread.split()).startswith("LACKING orders and returns cannot be read: ")
    assert {told.split(" [")[0] for told in unread.partition("read: ")[2].split("; ")} == {
        "order 309",
        "order 400",
        "return 500",
    }
    assert not any("1130" in line for line in others)


def test_production_is_never_sent_samples(shop, sandbox, monkeypatch):
    connection = json.loads(os.environ["AIRFLOW_CONN_YOUSHU_DEFAULT"])
    connection["extra"]["environment"] = "production"
    monkeypatch.setenv("AIRFLOW_CONN_YOUSHU_DEFAULT", json.dumps(connection))
    before = len(sandbox.journal())
    result = call("--send")
    assert isinstance(result.exception, ConfigError)
    assert "is of production: samples go to the test environment only" in str(result.exception)
    assert len(sandbox.journal()) == before


def test_credentials_of_another_environment_lack(shop, sandbox, monkeypatch):
    connection = json.loads(os.environ["AIRFLOW_CONN_YOUSHU_DEFAULT"])
    monkeypatch.setenv("AIRFLOW_CONN_YOUSHU_DEFAULT", json.dumps({**connection, "password": "of-production"}))
    result = call("--without-returns", "--send")
    [line] = lacking(result)
    assert "connection youshu_default" in line
    assert "[15]" in line
    assert sandbox.ask("orders") == []
