"""The nightly comparison sees what the columns hold: whatever was changed in the warehouse is found, and mended."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import Window
from retail_pipeline.databases.target_session import change, dialect
from retail_pipeline.errors import WindowIncomplete
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests.jushita_sys_info.faults.feed_changes import push, trade, trades
from tests.jushita_sys_info.faults.test_reconcile import purposes, reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences

HOUR = timedelta(hours=1)
DAY = Window(MONDAY_NOON - 24 * HOUR, MONDAY_NOON)
# What a text may be in which the ways of writing it differ.
TEXTS = [
    "".join(map(chr, range(1, 32))), "\x7f\u0085\u2028\ufeff", 'a "quoted" \\ slash / \\N \\u0041', ',null,"x":null',
    "😀 𠮷 山与海", "  spaces at both ends  ", "", "100%% %s %(x)s {x} {{", "'; --",
]  # fmt: skip


@pytest.fixture
def filled(either_target) -> SysInfoRuns:
    """Some hours are there to be loaded, into either database."""
    either_target.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    return either_target


@pytest.fixture
def loaded(filled) -> SysInfoRuns:
    """Its trades are loaded."""
    filled.run()
    return filled


def altered(runs: SysInfoRuns, table: str = TRADE) -> list[tuple[int, bool]]:
    return WarehouseTable(runs.target, FEED_TABLES[table], "rds").altered_keys(DAY)


def two_orders(runs: SysInfoRuns) -> dict[str, Any]:
    """Return the number of a trade, and its last sub-order's; it has several."""
    sql = (
        "SELECT tid, MAX(oid) AS oid FROM taobao_order GROUP BY tid HAVING COUNT(*) > 1 ORDER BY tid LIMIT 1"
    )
    return runs.rows(sql)[0]


@pytest.mark.long
@pytest.mark.parametrize("nasty", [False, True])
def test_what_was_loaded_gives_its_digest_again(either_target, nasty):
    either_target.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR, nasty=nasty)
    either_target.run_all()

    for name, table in FEED_TABLES.items():
        rows = either_target.rows(f"SELECT line_count, content_digest FROM {table.head.name}")
        assert rows
        assert all(0 < row["content_digest"] < 2**63 for row in rows)
        assert any(row["line_count"] > 0 for row in rows) == bool(table.children)
        assert altered(either_target, name) == []


@pytest.mark.long
def test_both_databases_write_every_value_as_the_record_has_it(loaded):
    for number, text in enumerate(TEXTS):
        fields = {"seller_memo": text, "orders": trade(loaded, trades(loaded)[number])["orders"]}
        fields["orders"]["order"][0]["title"] = text
        push(loaded, trades(loaded)[number], None, **fields)
    amounts = ["88.1", "88", "-0.00", "0.1250", "0", "-3.10", "123456789012345.1234", "007.50"]
    for number, amount in enumerate(amounts, len(TEXTS)):
        push(loaded, trades(loaded)[number], None, payment=amount, price=amount)
    times = ["2026-11-22 10:00:00", "2026-11-22", "2026-11-22T10:00:00.250", "2026-11-22 10:00:00.007000"]
    for number, moment in enumerate(times, len(TEXTS) + len(amounts)):
        push(loaded, trades(loaded)[number], None, pay_time=moment)

    loaded.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 11:59:00")

    assert altered(loaded) == []
    assert loaded.quarantine() == []


@pytest.mark.long
def test_in_a_session_that_lost_its_zone_all_is_written_as_before(sys_info):
    """What Shanghai's clocks showed, whatever clock a session has; also before 1992, with its summer times."""
    sys_info.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    for tid, moment in zip(trades(sys_info), ["1988-07-01 12:00:00", "1991-12-31 23:59:59"], strict=False):
        push(sys_info, tid, created=moment)
    sys_info.run_all()

    def told() -> dict[str, Any]:
        found = {}
        for name, table in FEED_TABLES.items():
            here = WarehouseTable(sys_info.target, table, "rds")
            listed = sorted(row for rows in here.listing(DAY) for row in rows)
            keys = [row.key for row in listed]
            found[name] = (here.version_tally(DAY), listed, here.versions(keys), here.altered_keys(DAY))
        return found

    before = told()
    change(sys_info.target, "SET timezone = 'UTC'")

    assert told() == before
    assert all(listed and content == [] for _, listed, _, content in before.values())


CHANGES = {
    "an amount": "UPDATE taobao_trade SET payment = payment + 0.01 WHERE tid = {tid}",
    "a status": "UPDATE taobao_trade SET status = 'TRADE_CLOSED_BY_HAND' WHERE tid = {tid}",
    "a text that is taken away": "UPDATE taobao_trade SET title = NULL WHERE tid = {tid}",
    "a text in capitals": "UPDATE taobao_trade SET shipping_type = UPPER(shipping_type) WHERE tid = {tid}",
    "a space behind a text": "UPDATE taobao_trade SET shipping_type = 'express ' WHERE tid = {tid}",
    "a time": "UPDATE taobao_trade SET created = created + interval '8' hour WHERE tid = {tid}",
    "a thousandth of a second": "UPDATE taobao_trade SET created = '2026-11-23 00:00:00.001' WHERE tid = {tid}",
    "a flag": "UPDATE taobao_trade SET is_daixiao = true WHERE tid = {tid}",
    "a number": "UPDATE taobao_trade SET num = num + 1 WHERE tid = {tid}",
    "a value that was not there": "UPDATE taobao_trade SET app_name = 'x' WHERE tid = {tid}",
    "a sub-order's text": "UPDATE taobao_order SET title = 'other' WHERE tid = {tid} AND oid = {oid}",
    "a sub-order's number": "UPDATE taobao_order SET oid = oid + 77 WHERE tid = {tid} AND oid = {oid}",
    "a sub-order too few": "DELETE FROM taobao_order WHERE tid = {tid} AND oid = {oid}",
    "all sub-orders": "DELETE FROM taobao_order WHERE tid = {tid}",
    "a sub-order too many": "INSERT INTO taobao_order (tid, oid) VALUES ({tid}, 1)",
    "a promotion too many": "INSERT INTO taobao_promotion (tid, line_no) VALUES ({tid}, 99)",
    "the number of lines": "UPDATE taobao_trade SET line_count = line_count + 1 WHERE tid = {tid}",
    "the digest": "UPDATE taobao_trade SET content_digest = content_digest - 1 WHERE tid = {tid}",
}


@pytest.mark.long
@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_found_and_replaced(loaded, what):
    row = two_orders(loaded)
    assert change(loaded.target, CHANGES[what].format(**row)) > 0

    told = reconcile(loaded)

    assert (told["altered"], told["pulled_again"], told["later_here"]) == (1, 1, 0)
    assert told["same"] == told["source_keys"]
    assert differences(loaded, [TRADE]) == []
    assert [entry["verdict"] for entry in purposes(loaded, "reconcile")] == ["complete"]
    assert reconcile(loaded)["pulled_again"] == 0


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("jdp_tb_refund", "UPDATE taobao_refund SET refund_fee = 0.07"),
        ("jdp_tb_item", "DELETE FROM taobao_item_sku"),
        ("jdp_fx_trade", "UPDATE taobao_fx_order_line SET num = 77"),
        ("jdp_jx_trade", "DELETE FROM taobao_jx_order_line"),
        ("jdp_exchange_refund", "UPDATE taobao_exchange SET status = 'by hand'"),
    ],
)
def test_it_is_so_for_each_table(filled, table, sql):
    filled.run(table)
    assert change(filled.target, sql) > 0

    told = reconcile(filled, table)

    assert told["altered"] == told["pulled_again"] > 0
    assert differences(filled, [table]) == []


@pytest.mark.long
def test_a_row_that_was_read_in_the_future_is_replaced_as_well(loaded):
    row = two_orders(loaded)
    change(
        loaded.target, f"UPDATE taobao_trade SET read_at = '2099-01-01', payment = 1 WHERE tid = {row['tid']}"
    )

    assert reconcile(loaded)["altered"] == 1
    assert differences(loaded, [TRADE]) == []


@pytest.mark.long
def test_rows_without_a_digest_are_counted_and_not_pulled(loaded):
    change(loaded.target, "UPDATE taobao_trade SET line_count = NULL, content_digest = NULL")

    told = reconcile(loaded)

    assert told["without_digest"] == told["same"] == told["source_keys"]
    assert told["pulled_again"] == 0
    assert [entry["verdict"] for entry in purposes(loaded, "reconcile")] == ["complete"]


@pytest.mark.long
def test_what_is_loaded_again_is_known(loaded):
    change(loaded.target, "UPDATE taobao_trade SET line_count = NULL, content_digest = NULL")
    loaded.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 11:59:00")

    assert reconcile(loaded)["without_digest"] == 0


@pytest.mark.long
def test_what_cannot_be_mended_is_named(loaded, monkeypatch):
    """The columns hold something else, however often it is loaded: a conversion is wrong."""
    from retail_pipeline.pipelines.jushita_sys_info import rows as sys_info_rows

    tid = two_orders(loaded)["tid"]
    make = sys_info_rows.FeedRows.ready

    def spoilt(rows: Any, *given: Any) -> Any:
        found = make(rows, *given)
        for block in found.blocks:
            block["taobao_trade"].put("payment", ["7.77" for _ in block["taobao_trade"].values[0]])
        return found

    monkeypatch.setattr(sys_info_rows.FeedRows, "ready", spoilt)
    change(loaded.target, f"UPDATE taobao_trade SET payment = 1 WHERE tid = {tid}")

    with pytest.raises(WindowIncomplete, match=str(tid)):
        reconcile(loaded)
    assert purposes(loaded, "reconcile")[0]["verdict"] == "incomplete"


@pytest.mark.long
def test_a_field_that_lost_its_column_is_found_in_extra_after_the_night(loaded):
    """As an earlier version has it: in a column of its own, and its digest counts it."""
    tid = trades(loaded)[0]
    push(loaded, tid, None, hk_gender="M")
    loaded.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 11:59:00")
    kind = "text" if dialect(loaded.target) == "postgres" else "MEDIUMTEXT"
    change(loaded.target, f"ALTER TABLE taobao_trade ADD COLUMN hk_gender {kind}")
    earlier = "hk_gender = 'M', extra = NULL, content_digest = content_digest / 2"
    change(loaded.target, f"UPDATE taobao_trade SET {earlier} WHERE tid = {tid}")

    assert reconcile(loaded)["altered"] == 1

    [row] = loaded.rows(f"SELECT extra FROM taobao_trade WHERE tid = {tid}")
    extra = json.loads(row["extra"]) if isinstance(row["extra"], str) else row["extra"]
    assert extra["hk_gender"] == "M"
    assert reconcile(loaded)["altered"] == 0
