"""What only rows and plans show of a view: NULLs, keys that come twice, shifted times, an index that lacks."""
# ruff: noqa: F401, F811 (fixtures of another file)

from __future__ import annotations

import pytest

from retail_pipeline import clock
from retail_pipeline.databases.view_contract import examine
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH
from tests.order_push.integration.test_view_contracts import MENDED, apply, map_views, refused, shop
from tests.order_push.orders import SHOP

ROWS = {
    "a key twice": (
        "order_push_view", ("FROM sales", "FROM sales, generate_series(1, 2)"),
        "youshu_order_push.order_id comes twice in 2 of the 4 newest rows of flagship: a join multiplies rows",
    ),
    "no amount": (
        "order_view", ("cents::numeric / 100", "NULL::numeric"),
        "youshu_order.payment_amount is NULL in 2 of the 2 newest rows of flagship (in yuan)",
    ),
    "no time of change": (
        "order_push_view", ("changed AT TIME ZONE 'Asia/Shanghai' AS", "paid AT TIME ZONE 'Asia/Shanghai' AS"),
        "youshu_order_push.changed_at is NULL in some rows, which are never found by it",
    ),
    "a naive time in the document": (
        "order_push_view", ("FROM placed AT TIME ZONE 'Asia/Shanghai'", "FROM placed"),
        "youshu_order_push: in 2 of the 2 newest rows of flagship detail.create_time is not created_at in 13 digits",
    ),
    "a text that is no number": (
        "order_view", ("cents::numeric", "sale_no::numeric"),
        "youshu_order cannot be read: connection 'store_postgres': [22P02] the database refuses a value of",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ROWS)
def test_what_only_rows_show_is_told_too_and_no_value_of_them(shop, map_views, what):
    file, (written, instead), told = ROWS[what]
    assert written in MENDED[file]
    map_views({**MENDED, file: MENDED[file].replace(written, instead)})

    _, line = refused()

    assert line.startswith(told)
    assert "SO-1" not in line


MANY = """
INSERT INTO sales SELECT 'X-' || n, 'flagship', 'mini', t, t, 100, t FROM generate_series(1, 12000) AS n,
    LATERAL (SELECT timestamp '2026-11-22' - n * interval '1 minute' AS t) AS moment;
ANALYZE sales;
"""
INDEXES = {
    "youshu_order.placed_at": "(placed AT TIME ZONE 'Asia/Shanghai')",
    "youshu_order.paid_at": "(paid AT TIME ZONE 'Asia/Shanghai')",
    "youshu_order_push.order_id": "youshu_key(sale_no)",
    "youshu_order_push.changed_at": "(changed AT TIME ZONE 'Asia/Shanghai')",
}


def test_of_many_rows_those_that_are_asked_for_need_an_index(shop, map_views):
    shop.store.execute(MANY)
    map_views(MENDED)

    _, *lines = refused()

    assert [line.split(" ")[0] for line in lines] == list(INDEXES)
    assert all(
        "CREATE INDEX CONCURRENTLY ON sales ((…)), where … is what the view writes" in line for line in lines
    )
    for expression in INDEXES.values():
        shop.store.execute(f"CREATE INDEX ON sales ({expression})")
    apply()
    # All of them changed a moment ago, so that no index would be used this time.
    shop.store.execute("UPDATE sales SET changed = '2026-11-23 00:30'")
    shop.store.execute("UPDATE sales SET paid = changed, placed = changed; ANALYZE sales")
    apply()


def test_a_column_made_from_several_tables_can_have_no_index(shop, map_views):
    shop.store.execute(MANY + "CREATE TABLE parcels AS SELECT sale_no, changed FROM sales; ANALYZE parcels")
    for expression in INDEXES.values():
        shop.store.execute(f"CREATE INDEX ON sales ({expression})")
    joined = (
        MENDED["order_push_view"]
        .replace("changed AT TIME ZONE", "greatest(sales.changed, p.changed) AT TIME ZONE")
        .replace("sale_no", "sales.sale_no")
        .replace("FROM sales", "FROM sales JOIN parcels AS p ON p.sale_no = sales.sale_no")
    )
    map_views({**MENDED, "order_push_view": joined})

    _, line = refused()

    assert line.startswith("youshu_order_push.changed_at is looked up in about ")
    assert line.endswith("let it be made from columns of one table, and index what it is made from")


def test_the_views_that_come_with_the_project_are_answered_by_their_indexes(shop):
    shop.store.execute(
        "INSERT INTO t_store_order (id, shop, order_code, order_source, status, create_time, pay_time, goods_amount,"
        " freight_amount, payable_amount, payment_amount, last_modify_time)"
        " SELECT n, 'flagship', 'N' || n, 1, 'paid', t, t, 30, 0, 30, 30, t FROM generate_series(1, 12000) AS n,"
        " LATERAL (SELECT timestamptz '2026-11-22' - n * interval '1 minute' AS t) AS moment;"
        "INSERT INTO t_store_order_return"
        " SELECT id, shop, 'R' || id, id, create_time, create_time, 10, 0, last_modify_time FROM t_store_order;"
        "ANALYZE"
    )
    apply()
    shop.store.execute("DROP INDEX t_store_order_last_modify_time_idx")
    [problem] = examine(shop.store, "", ORDER_PUSH, [SHOP], clock.now()).problems
    assert "CREATE INDEX CONCURRENTLY ON t_store_order" in problem
