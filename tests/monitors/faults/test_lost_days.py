"""Days of a report that are not done, of a shop that the settings do not name: told, closed or handed over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import ConfigError
from tests.monitors.watched_settings import WatchedSettings, call
from tests.order_push.orders import NOON

VISITS, ORDERS = "wechat_youshu_report", "youshu_order_summary"
DAY = NOON.date() - timedelta(days=1)
KEYS = [f"report/{VISITS}/outlet", f"report/{ORDERS}/outlet"]


def visits(world: WatchedSettings, day: date, **statuses: int) -> None:
    for kind, status in statuses.items():
        world.store.execute(
            "INSERT INTO t_store_youshu_pv (shop, business_date, kind, status, last_modify_time)"
            " VALUES ('outlet', %s, %s, %s, %s)",
            [day, kind, status, world.clock.moment],
        )


def summary(world: WatchedSettings, day: date, status: int, shop: str = "outlet") -> None:
    world.store.execute(
        "INSERT INTO youshu_order_summary VALUES (%s, %s, 1, 1, 1, 1, NULL, NULL, %s)", [shop, day, status]
    )
    world.store.execute("UPDATE youshu_order_summary SET last_modify_time = %s", [world.clock.moment])


@pytest.fixture
def left(world: WatchedSettings) -> WatchedSettings:
    """Of each report a day is done and two are not; then the shop is renamed."""
    world.alerted()
    for ago, status in ((2, 1), (1, 2), (0, 0)):
        day = DAY - timedelta(days=ago)
        visits(world, day, visit_page=1, visit_distribution=status)
        summary(world, day, status)
    world.rename("shops", "factory")
    return world


def listed() -> list[str]:
    return [
        line.split()[0] for line in call("orphans", "list").output.splitlines() if line.startswith("report/")
    ]


def days(world: WatchedSettings, table: str, shop: str) -> list[date]:
    sql = f"SELECT DISTINCT business_date FROM {table} WHERE shop = %s ORDER BY 1"
    return [day for (day,) in world.store.execute(sql, [shop])]


@pytest.mark.long
def test_they_are_told_until_they_are_done_or_closed(left):
    titles = [title for title in left.alerted() if "orphan report/" in title]

    assert [title.rpartition("orphan ")[2] for title in titles] == [
        f"{key} in store_postgres" for key in KEYS
    ]
    assert f"2 days are not done: {DAY - timedelta(days=1)} to {DAY}\n" in call("orphans", "list").output
    assert listed() == KEYS
    for key in KEYS:
        assert call("orphans", "close", key).output == f"{key}: 2 days are closed, and are not reported\n"
    assert listed() == []
    assert sum("orphan report/" in title for title in left.alerted()) == 2, "recovered"


def test_those_of_a_shop_that_is_named_and_of_long_ago_are_nobodys_orphans(world):
    visits(world, DAY, visit_page=0)
    summary(world, DAY, 2)
    assert listed() == []
    world.rename("shops", "factory")
    assert listed() == KEYS
    world.clock.advance(timedelta(days=31))
    assert listed() == []


def test_a_day_that_is_tried_again_after_it_was_closed_is_open_again(left):
    for key in KEYS:
        call("orphans", "close", key)
    left.clock.advance(timedelta(minutes=1))
    left.store.execute("UPDATE youshu_order_summary SET last_modify_time = %s", [left.clock.moment])
    assert listed() == [KEYS[1]]


def test_a_shop_that_takes_no_part_in_a_report_any_more_leaves_its_days(world):
    visits(world, DAY, visit_page=0)
    summary(world, DAY, 0)
    world.content["shops"][1]["reports"] = [ORDERS]
    world.write()
    assert listed() == [KEYS[0]]


def test_a_renamed_shop_gets_its_days_with_those_that_are_done_but_none_that_it_has(left):
    summary(left, DAY, 0, shop="factory")
    told = [call("orphans", "hand-over", key, "factory").output for key in KEYS]
    assert told[0].startswith(f"{KEYS[0]}: 3 days are under factory now: run {VISITS} for those that")
    assert told[1].startswith(f"{KEYS[1]}: 2 days are under factory now")
    assert days(left, "t_store_youshu_pv", "outlet") == []
    assert days(left, "youshu_order_summary", "outlet") == [DAY]
    assert len(days(left, "youshu_order_summary", "factory")) == 3
    assert listed() == [KEYS[1]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reports": [ORDERS]}, f"takes no part in {VISITS}"),
        ({"store_conn_id": "warehouse_postgres"}, "are in"),
    ],
)
def test_days_go_to_no_shop_that_does_not_report_them_or_keeps_them_elsewhere(left, change, said):
    left.content["shops"][1] |= change
    left.write()
    refused = CliRunner().invoke(retail, ["orphans", "hand-over", KEYS[0], "factory"])
    assert isinstance(refused.exception, ConfigError)
    assert said in str(refused.exception)
    assert len(days(left, "t_store_youshu_pv", "outlet")) == 3
