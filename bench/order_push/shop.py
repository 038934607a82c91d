"""The shop of the bench: its orders, and an outbox that is filled as a case needs it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg

from bench.measuring.own_postgres import OwnPostgres
from bench.order_push.job import SHOP
from devstack.steps import ROOT

ONE_STATE, FOUR_STATES = ("1110",), ("1110", "1150", "1160", "1180")
_TABLES = (
    ROOT / "sandbox/shop_tables.sql",
    *sorted((ROOT / "include/sql/schema/store").glob("*.sql")),
    *sorted((ROOT / "include/sql/schema/store/functions").glob("*.sql")),
    *sorted((ROOT / "include/sql/youshu").glob("*_view.sql")),
)
_ORDERS = """
INSERT INTO t_store_order (id, shop, order_code, order_source, status, create_time, goods_amount, freight_amount,
    payable_amount, payment_amount, pay_transaction_id, open_id, union_id, phone, last_modify_time)
SELECT n, %(shop)s, 'B' || lpad(n::text, 18, '0'), 1, 'created', clock_timestamp(), 747, 12, 698.50, 698.50,
       lpad(n::text, 28, '4200001'), left(encode(sha256(convert_to('open' || n, 'UTF8')), 'hex'), 32),
       left(encode(sha256(convert_to('union' || n, 'UTF8')), 'hex'), 32), (10000000000 + n)::text, clock_timestamp()
FROM generate_series(%(first)s::bigint, %(last)s) AS n
"""
_LINES = """
INSERT INTO t_store_order_item (id, order_id, sku_id, spu_id, sku_name, spu_name, colour, size, goods_num,
    goods_price, payment_amount)
SELECT n * 3 + line, n, 'HJ2611-' || line || '-M', 'HJ2611-' || line, '真丝印花连衣裙 藏青 M', '真丝印花连衣裙',
       '藏青', 'M', line + 1, 124.50, CASE line WHEN 2 THEN 343 ELSE 114.50 * (line + 1) END
FROM generate_series(%(first)s::bigint, %(last)s) AS n, generate_series(0, 2) AS line
"""
_BACKLOG = """
INSERT INTO t_store_youshu_request (shop, order_id, order_code, order_source, push_type, event_time, total,
    request_info)
SELECT shop, order_id, order_code, order_source, push_type, created_at, total, detail::text
FROM youshu_order_push, unnest(%(states)s::text[]) AS push_type ORDER BY order_id, push_type
"""
# Four states of each order; below zero, so that orders of before and of now are told apart.
_DONE = """
INSERT INTO t_store_youshu_request (shop, order_id, order_code, order_source, push_type, status, push_num,
    request_info, response_info, create_time, event_time, accepted_at, total)
SELECT %(shop)s, -(n / 4) - 1, 'D' || n / 4, 1, (ARRAY['1110', '1150', '1160', '1180'])[n %% 4 + 1], 1, 1,
       '{"external_order_id": "D' || n / 4 || '"}', '{"retcode":0}', t.at, t.at, t.at, 698.50
FROM generate_series(0, %(rows)s::bigint - 1) AS n,
     LATERAL (SELECT now() - (%(rows)s - n) * interval '1 second' AS at) AS t
"""


class OrderShop:
    """:param database: is emptied, and given a shop's tables"""

    def __init__(self, database: OwnPostgres) -> None:
        database.fresh()
        self._url = database.url
        for file in _TABLES:
            self._run(file.read_text(encoding="utf-8"))

    def session(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._url, autocommit=True)

    def pile_up(self, rows: int, *, states: Sequence[str] = ONE_STATE) -> None:
        """Let so many rows wait, in an outbox that holds nothing else: of each order all these states."""
        self._run("TRUNCATE t_store_order, t_store_order_item, t_store_youshu_request")
        self.place(1, rows // len(states))
        if states != ONE_STATE:
            self._run("UPDATE t_store_order SET pay_time = create_time")
        self._run(_BACKLOG, {"states": list(states)})

    def place(self, first: int, last: int) -> None:
        """Write orders that nobody has enqueued yet."""
        with self.session() as session:
            place(session, first, last)

    def fill_done(self, rows: int) -> None:
        """Put rows of orders that are done into the outbox; what the database keeps itself busy with then is over."""
        self._run(_DONE, {"shop": SHOP, "rows": rows})
        self._run("VACUUM ANALYZE")
        self._run("CHECKPOINT")

    def accepted(self) -> int:
        return self.counted("status = 1 AND accepted_at IS NOT NULL")

    def counted(self, condition: str) -> int:
        [(rows,)] = self.asked(f"SELECT count(*) FROM t_store_youshu_request WHERE {condition}")
        return int(rows)

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(self.session()) as session:
            return session.execute(sql.encode()).fetchall()

    def _run(self, sql: str, values: dict[str, Any] | None = None) -> None:
        with closing(self.session()) as session:
            session.execute(sql.encode(), values)


def place(session: psycopg.Connection[Any], first: int, last: int) -> None:
    """Write orders with three lines each, created now."""
    for sql in (_ORDERS, _LINES):
        session.execute(sql, {"shop": SHOP, "first": first, "last": last})


def enqueue(session: psycopg.Connection[Any], order: int) -> None:
    """Call what a shop's backend calls."""
    session.execute("SELECT youshu_enqueue_order(%s, %s)", [SHOP, order]).fetchall()
