"""A shop with tables of its own maps them: what does not fit is told before a view is replaced, and then it works."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import yaml
from click.testing import CliRunner

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.cli.main import retail
from retail_pipeline.databases import view_changes
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.databases.view_contract import examine
from retail_pipeline.errors import ConfigError
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH, ORDERS, RETURN_PUSH
from retail_pipeline.settings.file import DEFAULT_PATH
from sandbox.shop.tables import Wish, fill_tables
from tests.conftest import SQL, server_url
from tests.order_push.orders import SHOP, ShopOrders

PAID = datetime(2026, 11, 22, 23, 30, tzinfo=SHANGHAI)

# A shop as many are: text keys, cents, times of the shop's own clock without a zone.
SALES = """
CREATE TABLE sales (
    sale_no text PRIMARY KEY, store text NOT NULL, channel text NOT NULL, placed timestamp NOT NULL, paid timestamp,
    cents bigint NOT NULL, changed timestamp NOT NULL
);
INSERT INTO sales VALUES
    ('SO-1', 'flagship', 'mini', '2026-11-22 23:10', '2026-11-22 23:30', 32181, '2026-11-22 23:30'),
    ('SO-2', 'flagship', 'mini', '2026-11-23 00:10', NULL, 9900, '2026-11-23 00:10');
"""
NAIVE = {
    "order_view": """
CREATE OR REPLACE VIEW youshu_order AS
SELECT store AS shop, sale_no AS order_id, 1 AS order_source, placed AS placed_at, paid AS paid_at,
       cents AS payment_amount FROM sales
""",
    "order_push_view": """
CREATE OR REPLACE VIEW youshu_order_push AS
SELECT store AS shop, sale_no AS order_id, sale_no AS order_code, 1 AS order_source, changed AS changed_at,
       cents AS total, placed AS created_at, NULL::timestamptz AS cancelled_unpaid_at, paid AS paid_at,
       NULL::timestamptz AS cancelled_paid_at, NULL::timestamptz AS shipped_at,
       jsonb_build_object('create_time', floor(extract(epoch FROM placed) * 1000)::bigint::text) AS detail
FROM sales
""",
    "return_push_view": """
CREATE OR REPLACE VIEW youshu_return_push AS
SELECT NULL::text AS shop, NULL::bigint AS return_id, NULL::text AS return_code, NULL::bigint AS order_id,
       NULL::text AS order_code, NULL::integer AS order_source, NULL::timestamptz AS changed_at,
       NULL::timestamptz AS finished_at, NULL::numeric AS total, NULL::jsonb AS detail
WHERE false
""",
}
MENDED = {
    **NAIVE,
    "order_view": """
CREATE OR REPLACE VIEW youshu_order AS
SELECT store AS shop, sale_no AS order_id, CASE channel WHEN 'mini' THEN 1 ELSE 3 END AS order_source,
       placed AT TIME ZONE 'Asia/Shanghai' AS placed_at, paid AT TIME ZONE 'Asia/Shanghai' AS paid_at,
       cents::numeric / 100 AS payment_amount FROM sales
""",
    "order_push_view": """
CREATE OR REPLACE VIEW youshu_order_push AS
SELECT store AS shop, youshu_key(sale_no) AS order_id, sale_no AS order_code, 1 AS order_source,
       changed AT TIME ZONE 'Asia/Shanghai' AS changed_at, cents::numeric / 100 AS total,
       placed AT TIME ZONE 'Asia/Shanghai' AS created_at, NULL::timestamptz AS cancelled_unpaid_at,
       paid AT TIME ZONE 'Asia/Shanghai' AS paid_at, NULL::timestamptz AS cancelled_paid_at,
       NULL::timestamptz AS shipped_at, NULL::timestamptz AS finished_at,
       jsonb_build_object('payment_amount', cents::numeric / 100, 'create_time',
           floor(extract(epoch FROM placed AT TIME ZONE 'Asia/Shanghai') * 1000)::bigint::text) AS detail
FROM sales
""",
}


@pytest.fixture
def shop(store, warehouse, tmp_path, monkeypatch) -> ShopOrders:
    """The shop that comes with the project, whose database has another one's tables too; no load is configured."""
    content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    del content["jushita"], content["wangdiantong_accounts"]
    path = tmp_path / "retail.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("RETAIL_CONFIG", str(path))
    store.execute(SALES)
    monkeypatch.setattr(clock, "now", lambda: PAID + timedelta(hours=1))
    return ShopOrders(store)


@pytest.fixture
def map_views(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Write the views as a shop does, in their files."""
    monkeypatch.setattr(view_changes, "SQL", tmp_path)
    (tmp_path / "youshu").mkdir()

    def write(views: dict[str, str]) -> Path:
        for name in NAIVE:
            text = views.get(name) or (SQL / "youshu" / f"{name}.sql").read_text(encoding="utf-8")
            (tmp_path / "youshu" / f"{name}.sql").write_text(text, encoding="utf-8")
        return tmp_path / "youshu"

    return write


def apply() -> str:
    result = CliRunner().invoke(retail, ["schema", "apply"])
    if result.exception:
        raise result.exception
    return result.output


def refused() -> list[str]:
    """Return what is wrong, in lines of their own."""
    with pytest.raises(ConfigError) as told:
        apply()
    return str(told.value).splitlines()


def columns(shop: ShopOrders, view: str) -> list[tuple[str, str]]:
    return shop.store.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass"
        " AND attnum > 0 ORDER BY attnum",
        [view],
    ).fetchall()


def test_cents_naive_times_text_keys_and_a_missing_column_are_refused_at_once(shop, map_views):
    before = columns(shop, "youshu_order_push")
    map_views(NAIVE)

    head, *lines = refused()

    assert head == "store_postgres: no view was replaced, mend them first:"
    assert [line.split(" ")[0] for line in lines] == [
        "youshu_order.placed_at", "youshu_order.paid_at", "youshu_order.payment_amount",
        "youshu_order_push.order_id", "youshu_order_push.changed_at", "youshu_order_push.total",
        "youshu_order_push.created_at", "youshu_order_push.paid_at", "youshu_order_push",
    ]  # fmt: skip
    assert lines[-1] == "youshu_order_push has no column finished_at (timestamp with time zone: " + (
        "when that state began; NULL: it has not)"
    )
    assert columns(shop, "youshu_order_push") == before
    assert shop.place(7) == 7
    assert shop.states(7) == [("1110", 0)]


def test_it_is_told_while_the_shop_uses_the_view_and_neither_waits_for_the_other(shop, map_views):
    map_views(NAIVE)
    with psycopg.connect(server_url("STORE_POSTGRES_URL")) as till:
        till.execute("SELECT FROM youshu_order, youshu_order_push, youshu_return_push")
        assert len(refused()) > 1


def test_written_as_the_sentences_say_orders_go_out_right(shop, map_views):
    map_views(MENDED)
    apply()

    added = shop.store.execute("SELECT youshu_enqueue_order('flagship', youshu_key('SO-1'))").fetchone()

    assert added == (2,)
    placed, paid = shop.rows()
    assert (paid["order_code"], paid["push_type"], paid["total"]) == ("SO-1", "1150", Decimal("321.81"))
    assert paid["event_time"] == PAID
    assert json.loads(placed["request_info"]) == {"payment_amount": 321.81, "create_time": "1795360200000"}


def test_text_keys_are_captured_and_summed_up_too(shop, map_views):
    map_views(MENDED)
    apply()

    read = OrderCapture(shop.store, SHOP, (1,), timedelta(minutes=5)).enqueue(
        PAID - timedelta(days=1), PAID + timedelta(hours=1)
    )
    assert read == 3
    assert [row["order_code"] for row in shop.rows()] == ["SO-1", "SO-1", "SO-2"]

    day = {"shop": SHOP, "from": PAID.replace(hour=0, minute=0), "to": PAID + timedelta(minutes=30)}
    [sums] = query(shop.store, "youshu/order_summary/compute", {**day, "order_sources": [1]})
    assert (sums["give_order_num_sum"], sums["payment_amount_sum"]) == (1, Decimal("321.81"))


def test_a_key_is_a_number_that_stays_the_same_whatever_the_server(shop):
    keys = [*(f"SO-{number}" for number in range(20)), "订单", None]
    [(numbers,)] = shop.store.execute(
        "SELECT array_agg(youshu_key(key)) FROM unnest(%s::text[]) AS key", [keys]
    ).fetchall()
    assert numbers == [key and _first_63_bits(key) for key in keys]
    shop.store.execute("CREATE INDEX ON sales (youshu_key(sale_no))")


def _first_63_bits(key: str) -> int:
    return int.from_bytes(sha256(key.encode()).digest()[:8]) & (2**63 - 1)


def test_a_column_of_the_shops_table_that_is_not_there_is_told_with_its_line(shop, map_views):
    folder = map_views({**MENDED, "order_view": MENDED["order_view"].replace("cents", "fen")})

    [told] = refused()

    assert told == (
        f'store_postgres: column "fen" does not exist (line 5); map your own order tables in {folder}/order_view.sql'
    )


def test_a_table_that_is_not_there_is_told(shop, map_views):
    map_views({**MENDED, "order_view": MENDED["order_view"].replace("sales", "orders")})
    [told] = refused()
    assert 'relation "orders" does not exist (line 5); map your own order tables in ' in told


def test_all_views_are_replaced_or_none(shop, map_views):
    """Something goes wrong with the last one only when it is replaced: another view depends on it."""
    shop.store.execute("CREATE VIEW reading AS SELECT finished_at FROM youshu_return_push")
    before = [columns(shop, view) for view in ("youshu_order", "youshu_order_push")]
    without = NAIVE["return_push_view"].replace("NULL::bigint AS return_id", "NULL::integer AS return_id")
    map_views({**MENDED, "return_push_view": without})

    [told] = refused()

    assert "view reading depends on view youshu_return_push" in told
    assert [columns(shop, view) for view in ("youshu_order", "youshu_order_push")] == before
    assert shop.place(7) == 7
    assert len(shop.rows()) == 1


def test_who_could_read_a_view_still_can_when_its_columns_have_changed(shop, map_views):
    shop.store.execute("GRANT SELECT ON youshu_order_push TO PUBLIC")
    map_views(MENDED)
    apply()
    assert ("order_code", "text") in columns(shop, "youshu_order_push")
    [(readable,)] = shop.store.execute(
        "SELECT has_table_privilege('pg_monitor', 'youshu_order_push', 'SELECT')"
    ).fetchall()
    assert readable


def test_the_demos_shop_keeps_the_contract(shop):
    fill_tables(shop.store, Wish(SHOP, PAID.date(), PAID.date(), orders_per_day=50, seed=1))
    for contract in (ORDERS, ORDER_PUSH, RETURN_PUSH):
        examined = examine(shop.store, "", contract, [SHOP], clock.now())
        assert examined.problems == []
        assert examined.rows > 0


def test_it_can_be_applied_again(shop, map_views):
    map_views(MENDED)
    assert apply() == apply()
