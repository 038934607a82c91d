"""What a target must hold in the end, told by the tables as they are."""

from __future__ import annotations

import json

import pytest

from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.tables import TABLES, connect
from sandbox.sys_info.truth import Expected, expected, truth
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE

FIRST, LAST = 1795276800, 1795363200
TO_RECORD = {
    TRADE: ("trade",),
    ITEM: ("item",),
    FX: ("purchase_orders", "purchase_order", 0),
    JX: ("dealer_orders", "dealer_order", 0),
}
LISTS = {
    (TRADE, "orders"): ("order", "oid"),
    (TRADE, "promotion_details"): ("promotion_detail", "promotion_id"),
    (ITEM, "skus"): ("sku", "sku_id"),
    (FX, "sub_purchase_orders"): ("sub_purchase_order", "id"),
    (JX, "dealer_order_details"): ("dealer_order_detail", "dealer_detail_id"),
}


def test_what_is_not_committed_is_not_told(sys_info, sys_info_url, naming):
    other = connect(sys_info_url)
    with other.cursor() as cursor:
        cursor.execute(f"INSERT INTO `{naming.of(TRADE)}` (tid) VALUES (1)")
    assert truth(sys_info, naming)[TRADE] == expected(sys_info, naming)[TRADE] == {}
    other.commit()
    other.close()
    assert list(truth(sys_info, naming)[TRADE]) == [1]
    assert expected(sys_info, naming)[TRADE] == {1: Expected(None, None, False, None)}


def test_every_row_is_told_with_its_stamp_its_hash_and_its_mark(sys_info, naming):
    fill(sys_info, Wish(2000, FIRST, LAST), naming)
    held, told = truth(sys_info, naming), expected(sys_info, naming)
    assert told.keys() == TABLES.keys()
    for table, rows in held.items():
        assert rows
        assert {number: it[:3] for number, it in told[table].items()} == {
            number: (row["jdp_modified"], row["jdp_hashcode"], row.get("jdp_delete") == 1)
            for number, row in rows.items()
        }
    assert {it.deleted for it in told[ITEM].values()} == {False, True}


@pytest.mark.parametrize(("table", "name"), LISTS)
def test_the_elements_of_a_list_are_told_by_their_keys(sys_info, naming, table, name):
    fill(sys_info, Wish(300, FIRST, LAST), naming)
    told = expected(sys_info, naming, [table])[table]
    element, key = LISTS[table, name]
    for number, row in truth(sys_info, naming, [table])[table].items():
        (record,) = json.loads(row["jdp_response"]).values()
        for step in TO_RECORD[table]:
            record = record[step]
        children = record.get(name, {element: []})[element]
        assert told[number].children[name] == tuple(child[key] for child in children)
    assert any(len(it.children[name]) > 1 for it in told.values())


@pytest.mark.parametrize("table", [REFUND, EXCHANGE])
def test_refunds_and_exchanges_have_no_lists(sys_info, naming, table):
    fill(sys_info, Wish(300, FIRST, LAST), naming)
    assert {str(it.children) for it in expected(sys_info, naming)[table].values()} == {"{}"}
