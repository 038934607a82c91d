"""Order days that look wrong, and what a person says to them."""

from __future__ import annotations

from datetime import date, datetime

import psycopg
from click.testing import CliRunner, Result

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.cli.main import retail
from tests.daily_reports.faults.morning import Morning

REPORT, DAY = "youshu_order_summary", date(2026, 11, 22)
NAME = f"{REPORT} of 花间集旗舰店 for 2026-11-22"
DOUBTFUL = f"looks wrong, waits for a person (数据可疑, 待人工确认): {NAME}"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}:00").replace(tzinfo=SHANGHAI)


def sell(
    store: psycopg.Connection, orders: int, shop: str = "flagship", day: date = DAY, amount: int = 100
) -> None:
    store.execute(
        "INSERT INTO t_store_order (id, shop, order_code, order_source, status, create_time, pay_time, goods_amount,"
        " freight_amount, payable_amount, payment_amount, last_modify_time)"
        " SELECT known + n, %(shop)s, 'N' || known + n, 1, 'paid', t, t, 1, 0, 1, %(amount)s, t"
        " FROM (SELECT count(*) AS known, %(day)s::date + time '12:00' AS t FROM t_store_order) AS before,"
        " generate_series(1, %(orders)s) AS n",
        {"shop": shop, "orders": orders, "day": day, "amount": amount},
    )


def reported_before(store: psycopg.Connection, orders: int, days: int = 7, amount: int = 100) -> None:
    store.execute(
        "INSERT INTO youshu_order_summary (shop, business_date, give_order_amount_sum, give_order_num_sum,"
        " payment_amount_sum, payed_num_sum, status, reported_at)"
        " SELECT 'flagship', %(day)s::date - n, %(orders)s * %(amount)s, %(orders)s, %(orders)s * %(amount)s,"
        " %(orders)s, 1, now() FROM generate_series(1, %(days)s) AS n",
        {"orders": orders, "days": days, "day": DAY, "amount": amount},
    )


def confirm(day: date = DAY) -> Result:
    result = CliRunner().invoke(retail, ["youshu", "confirm", "flagship", str(day)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def states(morning: Morning) -> list[str]:
    return [task.state for task in morning.tasks]
