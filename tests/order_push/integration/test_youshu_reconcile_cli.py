"""``retail youshu reconcile``: tells what lacks in the outbox, enqueues it where that is asked for."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import ConfigError
from tests.order_push.orders import SHOP, ShopOrders
from tests.three_ways import told_three_ways


@pytest.fixture
def shop(store) -> ShopOrders:
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at)"
        " SELECT shop, now(), 0, '-infinity' FROM unnest('{flagship,outlet}'::text[]) AS shop"
    )
    [(moment,)] = store.execute("SELECT statement_timestamp() - interval '2 hours'").fetchall()
    for number, name in ((8, SHOP), (9, "outlet")):
        ShopOrders(store, shop=name, moment=moment).place(number)
    return ShopOrders(store, moment=moment)


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(retail, ["youshu", "reconcile", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_it_tells_and_changes_nothing_until_it_is_asked_to(shop):
    shop.place(1, "1150", enqueue=False)
    result = call()
    assert result.exit_code == 1
    _, flagship, outlet, hint = result.output.splitlines()
    assert flagship.split()[:6] == [SHOP, "2", "1", "2", "0", "0"]
    assert flagship.endswith("N1 1110+1150")
    assert outlet.split() == ["outlet", "0", "0", "0", "0", "0"]
    assert hint == "enqueue them with --enqueue"
    assert shop.rows(order_id=1) == []
    result = call("--shop", SHOP, "--enqueue")
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "they are enqueued now")
    assert len(shop.rows(order_id=1)) == 2
    result = call("--shop", SHOP)
    assert (result.exit_code, len(result.output.splitlines())) == (0, 2)


def test_what_was_dead_lettered_and_is_mended_is_told_and_can_be_enqueued(shop):
    shop.place(1)
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5 WHERE order_id = 1")
    shop.move_house(1, "6.00", enqueue=False)
    result = call("--shop", SHOP)
    assert (result.exit_code, result.output.splitlines()[1].split()) == (1, [SHOP, "2", "0", "0", "0", "1"])
    assert call("--shop", SHOP, "--enqueue").exit_code == 1
    assert shop.states(1) == [("1110", 5), ("1110", 0)]
    assert call("--shop", SHOP).exit_code == 0


def test_as_json_it_is_an_object_a_shop(shop):
    shop.place(1, enqueue=False)
    [row] = told_three_ways("youshu", "reconcile", "--shop", SHOP)
    assert (row["records"], row["states"], row["named"], row["enqueued"]) == (1, 1, ["N1 1110"], False)
    assert datetime.fromisoformat(row["since"]) == shop.moment


def test_how_far_it_is_is_said_beside_the_rows(shop, monkeypatch):
    monkeypatch.setattr("retail_pipeline.cli.progress.EVERY", timedelta())
    shop.place(1)
    result = call("--shop", SHOP, "--json")
    assert result.stderr.splitlines() == [f"records of {SHOP} compared: {done}" for done in (1, 2)]
    assert json.loads(result.stdout)[0]["compared"] == 2


def test_a_shop_of_which_the_view_has_no_order_is_named(shop):
    shop.store.execute("UPDATE t_store_order SET shop = 'outlet-1' WHERE shop = 'outlet'")
    result = call()
    assert (result.exit_code, "no order of shop 'outlet'" in result.output) == (1, True)
    assert "did you mean 'outlet-1'?" in result.output
    [row] = told_three_ways("youshu", "reconcile", "--shop", "outlet")
    assert row["unknown_shop"].startswith("the view youshu_order_push has no order of shop 'outlet'")
    assert call("--shop", SHOP).exit_code == 0


def test_as_many_days_are_compared_as_are_asked_for(shop):
    shop.place(1, enqueue=False)
    shop.store.execute(
        "UPDATE t_store_order SET last_modify_time = last_modify_time - interval '3 days' WHERE id = 1"
    )
    assert call().exit_code == 0
    assert call("--days", "4").exit_code == 1


def test_a_view_that_is_gone_is_an_error_of_ours_and_no_traceback(shop):
    shop.store.execute("DROP VIEW youshu_return_push")
    result = CliRunner().invoke(retail, ["youshu", "reconcile"])
    assert isinstance(result.exception, ConfigError)
    assert 'relation "youshu_return_push" does not exist' in str(result.exception)
