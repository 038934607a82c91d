"""A shop that the settings lose: it is told what waits for it, and somebody must confirm, hand over or close."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import ConfigError
from tests.monitors.watched_settings import AFTERSALES, HOUR, WatchedSettings, call, with_orders
from tests.order_push.orders import NOON
from tests.three_ways import told_three_ways


def test_settings_that_lose_nothing_are_applied_without_an_alert(world):
    assert world.alerted() == []
    world.content["shops"][0]["title"] = "旗舰"
    world.write()
    checked = call("config", "check")
    assert (checked.exit_code, "shops.flagship.title 花间集旗舰店 → 旗舰" in checked.output) == (0, True)
    assert world.alerted() == []
    assert "changed since" not in call("config", "check").output


@pytest.mark.long
def test_a_shop_that_is_gone_is_told_with_what_waits_until_somebody_confirms(world):
    world.alerted()
    with_orders(world)
    assert world.alerted() == []
    world.drop("shops")

    checked = call("config", "check")

    assert checked.exit_code == 1
    assert "shops.outlet is gone: 3 orders wait" in checked.output
    assert "guards end: wechat_youshu_report of outlet, youshu_order_push of outlet in" in checked.output
    assert "--apply" in checked.output
    titles = world.alerted()
    assert [title.rpartition(": ")[2] for title in titles] == [
        "ended guard wechat_youshu_report of outlet",
        "ended guard youshu_order_push of outlet in store_postgres",
        "ended guard youshu_order_summary of outlet",
        "orphan outbox/outlet in store_postgres",
    ]
    assert "3 orders wait" in world.alerts.messages[-1]["message"]
    assert world.alerted() == []
    assert call("config", "check", "--apply").exit_code == 0
    assert call("config", "check").exit_code == 0
    over = world.alerted()
    assert [title.partition(" at ")[0] for title in over] == ["recovered"] * 3
    assert not any("orphan" in title for title in over)


@pytest.mark.long
def test_a_shop_that_is_named_again_is_over(world):
    world.alerted()
    with_orders(world)
    world.rename("shops", "factory")
    assert len(world.alerted()) == 4
    world.rename("shops", "outlet")
    assert [title.partition(" at ")[0] for title in world.alerted()] == ["recovered"] * 4
    assert world.alerted() == []


def test_the_outbox_of_a_renamed_shop_is_handed_over_with_its_history(world):
    world.alerted()
    orders = with_orders(world)
    world.store.execute("INSERT INTO youshu_capture VALUES ('outlet', 'order', %s)", [NOON - HOUR])
    world.store.execute("INSERT INTO youshu_capture VALUES ('factory', 'order', %s)", [NOON])
    world.rename("shops", "factory")

    told = call("orphans", "hand-over", "outbox/outlet", "factory")

    assert told.output == "outbox/outlet: 3 orders wait under factory now\n"
    assert {row["shop"] for row in orders.rows()} == {"factory"}
    assert orders.states(1) == [("1110", 1), ("1150", 0), ("1160", 0)]
    reached = world.store.execute("SELECT read_until FROM youshu_capture WHERE shop = 'factory'").fetchone()
    assert reached == (NOON - HOUR,)
    assert "outbox" not in call("orphans", "list").output


def keep_out(world: WatchedSettings) -> None:
    """A fault of ours has kept an order of the outlet out of its outbox."""
    world.store.execute(
        "INSERT INTO youshu_enqueue_fault (shop, kind, source_id, code, error, since)"
        " VALUES ('outlet', 'order', 9, '42P01', 'x', now())"
    )


def kept_out(world: WatchedSettings) -> list[tuple[str]]:
    return world.store.execute("SELECT shop FROM youshu_enqueue_fault").fetchall()


def test_orders_that_were_kept_out_are_orphans_and_go_where_the_others_go(world):
    world.alerted()
    keep_out(world)
    world.rename("shops", "factory")
    assert "1 orders wait" in call("orphans", "list").output
    assert call("orphans", "hand-over", "outbox/outlet", "factory").exit_code == 0
    assert kept_out(world) == [("factory",)]

    world.rename("shops", "outlet")
    keep_out(world)
    world.drop("shops")
    assert call("orphans", "close", "outbox/outlet").exit_code == 0
    assert kept_out(world) == [("factory",)]


def test_what_is_closed_is_never_sent(world):
    world.alerted()
    orders = with_orders(world)
    world.store.execute("UPDATE t_store_youshu_request SET status = 5 WHERE order_id = 2")
    world.drop("shops")
    listed = call("orphans", "list")
    assert listed.exit_code == 1
    assert "outbox/outlet" in listed.output
    assert "2 orders wait, 1 are dead-lettered" in listed.output
    rows = told_three_ways("orphans", "list")
    assert ("outbox", "outbox/outlet", "store_postgres") in {
        (row["kind"], row["key"], row["connection"]) for row in rows
    }

    assert (
        call("orphans", "close", "outbox/outlet").output
        == "outbox/outlet: 3 rows are closed, and are never sent\n"
    )

    assert [row["status"] for row in orders.rows()] == [1, 4, 4, 4]
    assert call("config", "check", "--apply").exit_code == 0
    assert (call("orphans", "list").exit_code, world.alerted()) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["hand-over", "outbox/outlets", "factory"],
            "'outbox/outlets' is not known; did you mean 'outbox/outlet'",
        ),
        (["hand-over", "outbox/outlet", "nobody"], "no shop named 'nobody'"),
        (["hand-over", "outbox/outlet", "quiet"], "orders of shop 'quiet' are not pushed"),
        (["close", "outbox/flagship"], "'outbox/flagship' is not known"),
    ],
)
def test_what_cannot_be_meant_is_refused(world, arguments, said):
    with_orders(world)
    quiet = {**world.content["shops"][0], "name": "quiet", "orders": "none"}
    world.content["shops"].append(quiet)
    world.rename("shops", "factory")

    result = CliRunner().invoke(retail, ["orphans", *arguments])

    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)


def test_an_outbox_whose_sender_still_runs_is_left_alone(world):
    orders = with_orders(world)
    world.rename("shops", "factory")
    lock = "SELECT pg_advisory_lock(hashtextextended('youshu_push_post/outlet', 0))"
    world.store.execute(lock)

    for command in (["hand-over", "outbox/outlet", "factory"], ["close", "outbox/outlet"]):
        result = CliRunner().invoke(retail, ["orphans", *command])
        assert "a sender of outlet still runs" in str(result.exception)

    assert {row["shop"] for row in orders.rows()} == {"outlet"}


def test_a_shop_whose_orders_are_pushed_no_more_leaves_orphans_too(world):
    with_orders(world)
    world.content["shops"][1]["orders"] = "none"
    world.write()

    assert "outbox/outlet" in call("orphans", "list").output


def test_a_database_that_only_a_lost_shop_named_is_still_looked_into(world):
    world.content["shops"][1]["store_conn_id"] = "store_postgres"
    world.content["shops"][0]["store_conn_id"] = "warehouse_postgres"
    world.write()
    world.alerted()
    with_orders(world)
    world.drop("shops")

    assert "shops.outlet is gone: 3 orders wait" in call("config", "check").output


def test_a_shop_that_moves_to_another_database_is_not_forgotten_in_the_first(world):
    world.alerted()
    with_orders(world)
    world.content["shops"][1]["store_conn_id"] = "warehouse_postgres"
    world.content["shops"][0]["store_conn_id"] = "warehouse_postgres"
    world.write()
    titles = world.alerted()
    assert "orphan outbox/outlet in store_postgres" in "".join(titles)
    assert "ended guard youshu_order_push of outlet in store_postgres" in "".join(titles)
    assert world.alerted() == []


def test_a_database_that_is_silent_keeps_no_other_from_being_looked_into(world, monkeypatch):
    with_orders(world)
    world.content["shops"][0]["store_conn_id"] = "store_down"
    world.write()
    monkeypatch.setenv("AIRFLOW_CONN_STORE_DOWN", "postgres://x:y@127.0.0.1:1/nowhere")
    world.drop("shops")
    world.content["shops"].append(
        {**world.content["shops"][0], "name": "other", "store_conn_id": "store_postgres"}
    )
    world.write()

    listed = call("orphans", "list")

    assert listed.exit_code == 1
    assert "outbox/outlet" in listed.output
    assert "store_down cannot be asked" in listed.output


def test_the_command_for_cron_tells_what_is_lost(world):
    world.alerted()
    world.drop("wangdiantong_accounts")

    told = call("deadlines", "check")

    assert told.exit_code == 1
    assert f"ended guard {AFTERSALES} of outlet in bi_mysql: a guard has ended, and nobody" in told.output
