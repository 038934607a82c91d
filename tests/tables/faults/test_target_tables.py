"""Tables of the target that somebody has shaped his own way: loads are right on them, or say what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.cli.schema_places import families_by_target
from retail_pipeline.databases.target_session import change
from retail_pipeline.errors import ConfigError, WindowIncomplete
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import load_settings
from retail_pipeline.tables.target_tables import ensure_tables
from tests.jushita_sys_info.faults.feed_changes import push, trades
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, differences
from tests.wangdiantong_aftersales.runs import HEAD

ITEM = "jdp_tb_item"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def own_engine(runs) -> Iterator[None]:
    runs.rows(f"ALTER TABLE {HEAD} ENGINE = MyISAM")
    yield
    runs.rows(f"ALTER TABLE {HEAD} ENGINE = InnoDB")


@pytest.mark.long
def test_lines_in_partitions_are_replaced_and_no_others(sys_info):
    change(sys_info.target, "CREATE TABLE lines (LIKE taobao_order INCLUDING ALL) PARTITION BY HASH (tid)")
    change(sys_info.target, "DROP TABLE taobao_order")
    change(sys_info.target, "ALTER TABLE lines RENAME TO taobao_order")
    for n in range(4):
        values = f"FOR VALUES WITH (MODULUS 4, REMAINDER {n})"
        change(sys_info.target, f"CREATE TABLE taobao_order_{n} PARTITION OF taobao_order {values}")
    sys_info.fill(60, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    sys_info.run()

    for tid in trades(sys_info)[:10]:
        push(sys_info, tid, at=MONDAY_NOON + MINUTE, payment="1.00")
    sys_info.clock.advance(10 * MINUTE)
    sys_info.run()

    assert differences(sys_info, [TRADE]) == []


@pytest.mark.long
def test_lines_that_are_left_of_a_deleted_head_are_replaced(each_target):
    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    each_target.run(ITEM)
    [row] = each_target.rows("SELECT num_iid FROM taobao_item_sku ORDER BY num_iid LIMIT 1")
    change(each_target.target, f"DELETE FROM taobao_item WHERE num_iid = {row['num_iid']}")
    # The seller has made them anew: no key of theirs comes again.
    change(
        each_target.target, f"UPDATE taobao_item_sku SET sku_id = -sku_id WHERE num_iid = {row['num_iid']}"
    )
    each_target.write(
        f"UPDATE jdp_tb_item SET jdp_modified = '2026-11-23 12:03:00' WHERE num_iid = {row['num_iid']}"
    )
    each_target.clock.advance(10 * MINUTE)
    each_target.run(ITEM)

    assert each_target.certificates()[-1]["verdict"] == "complete"
    assert differences(each_target, [ITEM]) == []


@pytest.mark.long
def test_a_constraint_that_waits_for_the_commit_costs_the_row_that_breaks_it(sys_info):
    sys_info.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    unique = "UNIQUE (alipay_no, seller_nick, type) DEFERRABLE INITIALLY DEFERRED"
    change(sys_info.target, f"ALTER TABLE taobao_trade ADD CONSTRAINT mine {unique}")
    for tid in trades(sys_info)[:2]:
        push(sys_info, tid, alipay_no="same", seller_nick="s", type="fixed")

    sys_info.run()

    assert sys_info.rows("SELECT COUNT(*) AS n FROM taobao_trade")[0]["n"] == 29
    assert [row["reason"] for row in sys_info.quarantine()] == ["refused_by_database"]


@pytest.mark.long
def test_a_trigger_that_waits_for_the_commit_is_seen_by_the_certificate(sys_info):
    sys_info.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    change(
        sys_info.target,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE taobao_trade SET payment = payment + 1 WHERE tid = NEW.tid; RETURN NULL; END $$",
    )
    change(
        sys_info.target,
        "CREATE CONSTRAINT TRIGGER spoil AFTER INSERT ON taobao_trade DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION spoil()",
    )

    with pytest.raises(WindowIncomplete, match="payment"):
        sys_info.run()

    assert sys_info.certificates()[-1]["verdict"] == "incomplete"
    assert sys_info.rows("SELECT COUNT(*) AS n FROM taobao_trade")[0]["n"] == 0


def test_an_order_that_no_partition_takes_is_set_aside(runs):
    runs.fill(20, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    last = max(order["refund_id"] for order in runs.orders())
    ranges = f"(PARTITION low VALUES LESS THAN ({last}))"
    runs.rows(f"ALTER TABLE {HEAD} PARTITION BY RANGE (refund_id) {ranges}")
    try:
        runs.run()
        assert len(runs.heads()) == 19
        assert [row["source_key"] for row in runs.quarantine()] == [str(last)]
    finally:
        runs.rows(f"ALTER TABLE {HEAD} REMOVE PARTITIONING")


@pytest.mark.usefixtures("own_engine")
def test_a_table_without_transactions_is_named_before_anything_is_in_it(runs):
    runs.fill(5, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    with pytest.raises(
        AirflowFailException, match=f"table {HEAD} is MyISAM.*ALTER TABLE {HEAD} ENGINE = InnoDB"
    ):
        runs.run()
    assert runs.heads() == []

    [family] = families_by_target(load_settings())["bi_mysql"]
    with open_target("bi_mysql") as session, pytest.raises(ConfigError, match="MyISAM"):
        ensure_tables(session, family)
