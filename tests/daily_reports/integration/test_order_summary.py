"""The day's sums: definitions, edges, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI, day_window
from retail_pipeline.databases.postgres_session import query
from sandbox.shop.tables import Wish, fill_tables
from tests.examples import examples

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Order:
    placed_at: datetime
    paid_at: datetime | None
    amount: Decimal
    source: int = 1
    shop: str = "flagship"
    status: str = "created"


def insert(store: psycopg.Connection, orders: list[Order]) -> None:
    store.execute("DROP VIEW IF EXISTS youshu_order")
    store.execute("DROP TABLE IF EXISTS own_orders")
    store.execute(
        "CREATE TABLE own_orders (shop text, order_id bigint, order_source int, placed_at timestamptz,"
        " paid_at timestamptz, payment_amount numeric(19,4))"
    )
    with store.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO own_orders VALUES (%s, %s, %s, %s, %s, %s)",
            [(o.shop, n, o.source, o.placed_at, o.paid_at, o.amount) for n, o in enumerate(orders)],
        )
    store.execute("CREATE VIEW youshu_order AS SELECT * FROM own_orders")


def sums(store: psycopg.Connection, sources: tuple[int, ...] = (1,)) -> dict[str, Any]:
    window = day_window(DAY)
    asked = {"shop": "flagship", "from": window.start, "to": window.end, "order_sources": list(sources)}
    return query(store, "youshu/order_summary/compute", asked)[0]


def test_a_day_is_half_open_in_shanghai(store: psycopg.Connection) -> None:
    second = timedelta(microseconds=1)
    moments = [
        MIDNIGHT - second,
        MIDNIGHT,
        MIDNIGHT + timedelta(days=1) - second,
        MIDNIGHT + timedelta(days=1),
    ]
    insert(store, [Order(moment, moment, Decimal(10) ** n) for n, moment in enumerate(moments)])
    assert sums(store) == {
        "give_order_amount_sum": Decimal("110.0000"),
        "give_order_num_sum": 2,
        "payment_amount_sum": Decimal("110.0000"),
        "payed_num_sum": 2,
    }


def test_placed_yesterday_and_paid_today_counts_as_paid_today_only(store: psycopg.Connection) -> None:
    insert(store, [Order(MIDNIGHT - timedelta(hours=1), MIDNIGHT + timedelta(hours=1), Decimal("9.90"))])
    found = sums(store)
    assert (found["give_order_num_sum"], found["payed_num_sum"]) == (0, 1)
    assert found["payment_amount_sum"] == Decimal("9.90")


def test_a_day_without_orders_is_zeros(store: psycopg.Connection) -> None:
    insert(store, [])
    assert set(sums(store).values()) == {0}


def test_the_demo_view_counts_cancelled_and_refunded_orders(store: psycopg.Connection) -> None:
    """Through the shipped view and the demo's own order table."""
    fill_tables(store, Wish("flagship", DAY, DAY, orders_per_day=200, seed=1))
    expected = store.execute(
        "SELECT sum(payment_amount), count(*), count(*) FILTER (WHERE status LIKE 'cancel%%' OR status = 'refunded')"
        " FROM t_store_order WHERE order_source = 1 AND create_time >= %s AND create_time < %s",
        day_window(DAY),
    ).fetchone()
    assert expected
    assert expected[2] > 0
    found = sums(store)
    assert (found["give_order_amount_sum"], found["give_order_num_sum"]) == expected[:2]


moments = st.datetimes(
    min_value=datetime(2026, 11, 21, 12),  # noqa: DTZ001
    max_value=datetime(2026, 11, 23, 12),  # noqa: DTZ001
    timezones=st.just(UTC),
)
orders = st.lists(
    st.builds(
        Order,
        placed_at=moments,
        paid_at=st.none() | moments,
        amount=st.decimals(min_value=0, max_value=10**9, places=2),
        source=st.sampled_from([1, 2, 3]),
        shop=st.sampled_from(["flagship", "outlet"]),
    ),
    max_size=30,
)


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(orders=orders, sources=st.sampled_from([(1,), (1, 2), (3,)]))
def test_sums_equal_a_plain_count(
    store: psycopg.Connection, orders: list[Order], sources: tuple[int, ...]
) -> None:
    insert(store, orders)
    ours = [order for order in orders if order.shop == "flagship" and order.source in sources]
    placed = [o for o in ours if o.placed_at.astimezone(SHANGHAI).date() == DAY]
    paid = [o for o in ours if o.paid_at and o.paid_at.astimezone(SHANGHAI).date() == DAY]
    assert sums(store, sources) == {
        "give_order_amount_sum": sum((o.amount for o in placed), Decimal(0)),
        "give_order_num_sum": len(placed),
        "payment_amount_sum": sum((o.amount for o in paid), Decimal(0)),
        "payed_num_sum": len(paid),
    }


def store_sums(store: psycopg.Connection, amount: str) -> None:
    values = {"give_order_amount_sum": Decimal(amount), "give_order_num_sum": 1}
    paid = {"payment_amount_sum": Decimal(amount), "payed_num_sum": 1}
    key = {"shop": "flagship", "business_date": DAY, "now": clock.now()}
    query(store, "youshu/order_summary/store", {**key, **values, **paid})


def status(store: psycopg.Connection) -> int:
    found = store.execute("SELECT status FROM youshu_order_summary").fetchone()
    assert found
    return int(found[0])


def test_only_sums_that_changed_make_a_reported_day_pending(store: psycopg.Connection) -> None:
    store_sums(store, "10.00")
    store.execute("UPDATE youshu_order_summary SET status = 1")
    store_sums(store, "10.0")
    assert status(store) == 1
    store_sums(store, "10.01")
    assert status(store) == 0
