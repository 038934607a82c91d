"""A shop's orders and its outbox, as its backend writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.order_push.outbox import Outbox
from retail_pipeline.settings.order_push import OrderPush

SHOP = "flagship"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
TIMES = {"1110": "create_time", "1150": "pay_time", "1160": "ship_time", "1180": "finish_time"}
CANCELLED = ("1130", "1140")


@dataclass
class ShopOrders:
    """Writes orders of one shop in the transactions of its backend."""

    store: psycopg.Connection[Any]
    shop: str = SHOP
    moment: datetime = NOON

    def place(self, number: int, *states: str, source: int = 1, enqueue: bool = True) -> int:
        """Write an order, and let it reach states, each a second after the one before."""
        with self.store.transaction():
            self.store.execute(
                "INSERT INTO t_store_order (id, shop, order_code, order_source, status, create_time, goods_amount,"
                " freight_amount, payable_amount, payment_amount, open_id, phone, pay_transaction_id,"
                " last_modify_time)"
                " VALUES (%s, %s, %s, %s, 'created', %s, 30, 5, 33.50, 33.50, 'o1', '10000000000', '42', %s)",
                [number, self.shop, f"N{number}", source, self.moment, self.moment],
            )
            lines = [(number * 10, number, 1, 10, "10.00"), (number * 10 + 1, number, 2, 10, "18.50")]
            for line in lines:
                self.store.execute(
                    "INSERT INTO t_store_order_item (id, order_id, sku_id, spu_id, sku_name, spu_name, colour, size,"
                    " goods_num, goods_price, payment_amount)"
                    " VALUES (%s, %s, 'S1-red', 'S1', '衫 红', '衫', 'red', 'M', %s, %s, %s)",
                    line,
                )
            self.enqueue(number) if enqueue else None
        for state in states:
            self.reach(number, state, enqueue=enqueue)
        return number

    def reach(self, number: int, state: str, *, enqueue: bool = True) -> None:
        """Let an order reach a state now."""
        self.moment += timedelta(seconds=1)
        column = "cancel_time" if state in CANCELLED else TIMES[state]
        with self.store.transaction():
            self.store.execute(
                f"UPDATE t_store_order SET {column} = %s, last_modify_time = %s WHERE id = %s",
                [self.moment, self.moment, number],
            )
            self.enqueue(number) if enqueue else None

    def move_house(self, number: int, freight: str, *, enqueue: bool = True) -> None:
        """Change something of an order within its state."""
        self.moment += timedelta(seconds=1)
        with self.store.transaction():
            self.store.execute(
                "UPDATE t_store_order SET payment_amount = payment_amount - freight_amount + %s,"
                " payable_amount = payable_amount - freight_amount + %s, freight_amount = %s, last_modify_time = %s"
                " WHERE id = %s",
                [freight, freight, freight, self.moment, number],
            )
            self.enqueue(number) if enqueue else None

    def give_back(self, number: int, order: int, *, enqueue: bool = True) -> int:
        """Finish a return of the first line of an order."""
        with self.store.transaction():
            self.store.execute(
                "INSERT INTO t_store_order_return (id, shop, return_code, order_id, create_time, finish_time,"
                " goods_amount, freight_amount, last_modify_time) VALUES (%s, %s, %s, %s, %s, %s, 10, 0, %s)",
                [number, self.shop, f"R{number}", order, self.moment, self.moment, self.moment],
            )
            self.store.execute(
                "INSERT INTO t_store_order_return_item (id, return_id, order_item_id, goods_num, amount)"
                " VALUES (%s, %s, %s, 1, 10)",
                [number * 10, number, order * 10],
            )
            if enqueue:
                self.store.execute("SELECT youshu_enqueue_return(%s, %s)", [self.shop, number])
        return number

    def enqueue(self, number: int) -> int:
        """Call what the backend calls; return how many rows it added."""
        [(added,)] = self.store.execute("SELECT youshu_enqueue_order(%s, %s)", [self.shop, number]).fetchall()
        return int(added)

    def outbox(self, session: psycopg.Connection[Any] | None = None, **settings: Any) -> Outbox:
        """Return the shop's outbox as a sender sees it."""
        return Outbox(session or self.store, self.shop, OrderPush(**settings), (1,))

    def rows(self, **where: Any) -> list[dict[str, Any]]:
        """Return what is in the outbox, in the order in which it came."""
        conditions = "".join(f" AND {name} = %({name})s" for name in where)
        with self.store.cursor(row_factory=dict_row) as cursor:
            sql = f"SELECT * FROM t_store_youshu_request WHERE true{conditions} ORDER BY id"
            return cursor.execute(sql, where).fetchall()

    def states(self, number: int) -> list[tuple[str, int]]:
        """Return an order's rows: state and status."""
        return [(row["push_type"], row["status"]) for row in self.rows(order_id=number)]
