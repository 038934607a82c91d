"""A row and what belongs to it change together; what is gone from sys_info is not gone; sellers on their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.tables.table_statements import TableStatements
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests.jushita_sys_info.faults.feed_changes import orders, push, trade, trades
from tests.jushita_sys_info.faults.promises import hold
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file
from tests.windows.sudden_death import Died

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ITEM = "jdp_tb_item"


@pytest.fixture
def loaded(either_target: SysInfoRuns) -> SysInfoRuns:
    either_target.fill(90, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    either_target.run_all()
    either_target.clock.advance(5 * MINUTE)
    return either_target


def children(runs: SysInfoRuns, tid: int) -> dict[str, list[dict[str, Any]]]:
    """Return what the warehouse has of a trade in its three tables."""
    return {
        table.name: runs.rows(f"SELECT * FROM {table.name} WHERE tid = {tid} ORDER BY {table.key[-1]}")
        for table in FEED_TABLES[TRADE].family
    }


def of_several_orders(runs: SysInfoRuns) -> int:
    return next(tid for tid in trades(runs) if len(trade(runs, tid)["orders"]["order"]) > 1)


def lose_orders(runs: SysInfoRuns, tid: int) -> None:
    """Push a trade with one sub-order and no promotions."""
    gone = {"promotion_details": {"promotion_detail": []}}
    push(runs, tid, MONDAY_NOON + MINUTE, **orders(trade(runs, tid), 1), **gone)


def test_sub_orders_that_vanish_from_a_trade_vanish_with_its_new_version(loaded):
    tid = of_several_orders(loaded)
    others = len(loaded.rows("SELECT oid FROM taobao_order")) - len(children(loaded, tid)["taobao_order"])
    lose_orders(loaded, tid)

    loaded.run()

    [only] = children(loaded, tid)["taobao_order"]
    assert only["oid"] == int(trade(loaded, tid)["orders"]["order"][0]["oid"])
    assert children(loaded, tid)["taobao_promotion"] == []
    assert len(loaded.rows("SELECT oid FROM taobao_order")) == others + 1
    assert differences(loaded) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "statements",
    [("delete_children", "delete_all_children"), ("insert_children", "delete_all_children"), ("proof",)],
)
def test_a_run_that_dies_while_it_publishes_leaves_a_trade_and_its_sub_orders_as_they_were(
    loaded, monkeypatch, statements
):
    tid = of_several_orders(loaded)
    before = children(loaded, tid)
    lose_orders(loaded, tid)

    def dying(*_: Any) -> str:
        raise Died

    with monkeypatch.context() as patch:
        for statement in statements:  # of either dialect
            patch.setattr(TableStatements, statement, dying)
        with pytest.raises(Died):
            loaded.run()
    assert children(loaded, tid) == before

    loaded.run()
    assert differences(loaded, [TRADE]) == []
    hold(loaded)


@pytest.mark.long
def test_an_item_that_the_push_marks_as_deleted_is_marked(loaded):
    [item, *_] = [row["num_iid"] for row in loaded.rows("SELECT num_iid FROM taobao_item ORDER BY num_iid")]
    marked = "UPDATE jdp_tb_item SET jdp_delete = 1, jdp_modified = '2026-11-23 12:01:00' WHERE num_iid = %s"
    loaded.write(marked, item)

    loaded.run(ITEM)

    found = loaded.rows("SELECT num_iid, deleted FROM taobao_item")
    assert [row["num_iid"] for row in found if row["deleted"]] == [item]
    assert differences(loaded, [ITEM]) == []


@pytest.mark.long
def test_what_retention_removed_stays_as_it_was(loaded):
    tid = of_several_orders(loaded)
    before = children(loaded, tid)
    for table, key in ((TRADE, "tid"), (ITEM, "num_iid")):  # a table in use is never empty
        kept = f"SELECT * FROM (SELECT MAX({key}) FROM {table}) AS kept"
        loaded.write(f"DELETE FROM {table} WHERE {key} <> ({kept})")

    loaded.run_all()
    loaded.run(run_type="manual", window_from="2026-11-23 08:00:00", window_to="2026-11-23 12:00:00")

    assert children(loaded, tid) == before
    assert not any(row["deleted"] for row in loaded.rows("SELECT deleted FROM taobao_item"))
    assert len(loaded.rows("SELECT tid FROM taobao_trade")) == 90


def sellers_of(runs: SysInfoRuns) -> dict[str, int]:
    """Return how many trades in sys_info are of each seller."""
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT seller_nick, COUNT(*) FROM jdp_tb_trade GROUP BY seller_nick")
        found = dict(cursor.fetchall())
    runs.owner.commit()
    return found


def there_of(runs: SysInfoRuns) -> dict[str, int]:
    counted = "SELECT seller_nick, COUNT(*) AS count FROM taobao_trade GROUP BY seller_nick"
    return {row["seller_nick"]: row["count"] for row in runs.rows(counted)}


@pytest.mark.long
def test_the_param_sellers_loads_only_theirs_and_moves_no_watermark(sys_info):
    sys_info.fill(90, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    first, second, *others = sellers_of(sys_info).items()
    assert others

    sys_info.run(sellers=f"{first[0]}, {second[0]}")

    assert there_of(sys_info) == dict([first, second])
    assert sys_info.watermark() is None
    assert {row["filters"] for row in sys_info.certificates()} == {f"sellers={first[0]},{second[0]}"}
    assert {row["purpose"] for row in sys_info.certificates()} == {"manual"}
    sys_info.run()
    assert there_of(sys_info) == sellers_of(sys_info)
    assert differences(sys_info, [TRADE]) == []


@pytest.mark.long
def test_an_instance_of_some_sellers_loads_theirs_on_schedule(sys_info, tmp_path):
    sys_info.fill(90, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    first, *_ = sellers_of(sys_info).items()
    instance = {"name": "rds", "load_from": "2026-11-22", "sellers": [first[0]]}
    settings_file(tmp_path, jushita={"instances": [instance]})

    sys_info.run()

    assert there_of(sys_info) == dict([first])
    assert sys_info.watermark() == MONDAY_NOON - timedelta(seconds=15)
