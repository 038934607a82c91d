"""Settings that another release has applied, and that this one cannot read: they lose nothing in silence either."""

from __future__ import annotations

from tests.monitors.watched_settings import WatchedSettings, call


def make_unreadable(world: WatchedSettings, warehouse) -> None:
    world.alerted()
    [count] = warehouse.execute("SELECT count(*) FROM etl_applied_settings").fetchone()
    assert count == 1
    warehouse.execute("UPDATE etl_applied_settings SET content = content || '{\"of_before\": 5}'")


def applied(warehouse) -> int:
    [count] = warehouse.execute("SELECT count(*) FROM etl_applied_settings").fetchone()
    return count


def test_a_shop_that_is_gone_is_told_and_applied_by_nobody_but_a_person(world, warehouse):
    make_unreadable(world, warehouse)
    world.drop("shops")

    [title] = world.alerted()

    assert title.startswith(
        "a guard has ended, and nobody has confirmed that (守护已失效, 未确认): ended guard "
    )
    assert "shops.outlet is gone (another release applied it" in title
    assert "confirm: `retail config check --apply`" in world.alerts.messages[0]["message"]
    assert applied(warehouse) == 1
    checked = call("config", "check")
    assert checked.exit_code == 1
    assert "confirm with --apply" in checked.output
    assert call("config", "check", "--apply").exit_code == 0
    assert [each.partition(" at ")[0] for each in world.alerted()] == ["recovered"]


def test_a_report_that_a_shop_has_lost_is_told_too(world, warehouse):
    make_unreadable(world, warehouse)
    world.content["shops"][1]["reports"] = ["wechat_youshu_report"]
    world.write()

    [title] = world.alerted()

    assert (
        "shops.outlet.reports [wechat_youshu_report, youshu_order_summary] → [wechat_youshu_report]" in title
    )
    assert applied(warehouse) == 1


def test_where_nothing_is_gone_they_are_applied_by_themselves(world, warehouse):
    make_unreadable(world, warehouse)

    assert world.alerted() == []
    assert applied(warehouse) == 2
    assert call("config", "check").exit_code == 0
