"""What the demo prints at its end: per DAG and shop what was read, stored and reported, and where to find more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from demo import order_summary, sys_info_summary
from demo.aftersales_summary import certificates
from devstack.place import Place
from devstack.runs import Run, TaskView
from devstack.services import Services
from devstack.session import login

Row = dict[str, Any]


@dataclass(frozen=True)
class Day:
    """The results of a business day: rows of a shop's database, and what the sandbox received."""

    connection: psycopg.Connection[Row]
    reports: list[Row]
    orders: list[Row]
    date: date

    def rows(self, sql: str, shop: str) -> list[Row]:
        return self.connection.execute(sql, {"shop": shop, "day": self.date}).fetchall()

    def received(self, shop: str, kind: str) -> Row | None:
        found = [each for each in self.reports if (each["app"], each["kind"]) == (shop, kind)]
        return next((each for each in found if each["day"] == str(self.date)), None)


def show(console: Console, place: Place, runs: list[Run], day: date, stays: bool) -> None:
    services = Services.at(place)
    reports, orders = services.sandbox.control("reports"), services.sandbox.control("orders")
    with psycopg.connect(services.postgres.url("store"), row_factory=dict_row) as connection:
        for run in runs:
            console.print()
            if run.dag_id in _CERTIFIED:
                console.print(*_CERTIFIED[run.dag_id](run, services), sep="\n")
            else:
                console.print(_table(run, Day(connection, reports, orders, day)))
    console.print(f"\n{_verdict(runs)}\n")
    address = login(place) if stays else f"{login(place)}   (script/server starts it again)"
    console.print(f"Airflow  {address}", soft_wrap=True)
    begin = "" if stays else "script/services start; "
    console.print(f'Tables   {begin}eval "$(script/services env)"', soft_wrap=True)
    for command in _LOOK:
        console.print(f"         {command}", soft_wrap=True)
    if stays:
        console.print("Stop     script/services stop")


AFTERSALES = "wangdiantong_aftersales_load"
ORDER_PUSH = "youshu_order_push"
SYS_INFO, RECONCILE = "jushita_sys_info_load", "jushita_sys_info_reconcile"
_LOOK = (
    """.local/bin/psql "$STORE_POSTGRES_URL" -c \\
           'SELECT shop, business_date, kind, row_count, status, reported_at FROM t_store_youshu_pv'""",
    """.local/bin/psql "$STORE_POSTGRES_URL" -c \\
           'SELECT shop, business_date, payed_num_sum, payment_amount_sum, status FROM youshu_order_summary'""",
    """.local/bin/psql "$STORE_POSTGRES_URL" -c \\
           'SELECT shop, order_code, push_type, status, push_num, accepted_at FROM t_store_youshu_request LIMIT 9'""",
    """.local/bin/mysql "$BI_MYSQL_URL" -e \\
           'SELECT refund_no, status, modified, etl_window_id FROM aftersales_refund_refund_search LIMIT 9'""",
    """.local/bin/psql "$WAREHOUSE_POSTGRES_URL" -c \\
           'SELECT tid, status, payment, jdp_modified, etl_window_id FROM taobao_trade LIMIT 9'""",
    ".local/venv/bin/retail windows wangdiantong_aftersales",
    ".local/venv/bin/retail windows jushita_sys_info",
)


def _table(run: Run, day: Day) -> Table:
    table = Table(title=run.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("shop", "read", "stored", "Youshu received"):
        table.add_column(heading)
    table.add_column("took", justify="right", no_wrap=True)
    tell = _TELLERS.get(run.dag_id, _nothing_known)
    for shop in dict.fromkeys(task.shop for task in run.tasks if task.shop):
        tasks = [task for task in run.tasks if task.shop == shop]
        table.add_row(shop, *tell(day, shop), _took(tasks))
    return table


def _took(tasks: list[TaskView]) -> str:
    ran = [task for task in tasks if task.began]
    seconds = max(task.ended for task in ran) - min(task.began for task in ran) if ran else 0.0
    failed = "" if all(task.state == "success" for task in tasks) else "[red]failed[/] after "
    return f"{failed}{seconds:.1f} s"


_VISITS = """
SELECT kind, row_count, octet_length(weixin_response_info) AS bytes, status, last_error
FROM t_store_youshu_pv WHERE shop = %(shop)s AND business_date = %(day)s ORDER BY kind DESC"""


def _visits(day: Day, shop: str) -> tuple[str, str, str]:
    names = {"visit_page": "pages", "visit_distribution": "indexes"}
    rows = day.rows(_VISITS, shop)
    told = {row["kind"]: day.received(shop, row["kind"]) for row in rows}
    return (
        "\n".join(f"{row['row_count'] or 0:,} {names[row['kind']]}" for row in rows),
        "\n".join(f"{row['bytes'] or 0:,} bytes" for row in rows),
        "\n".join(
            _at(told[row["kind"]]) + (f"  {row['last_error']}" if row["last_error"] else "") for row in rows
        ),
    )


_ORDERS = """
SELECT give_order_num_sum, give_order_amount_sum, payed_num_sum, payment_amount_sum, last_error,
       (SELECT count(*) FROM youshu_order
         WHERE shop = %(shop)s AND (placed_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s) AS orders
FROM youshu_order_summary WHERE shop = %(shop)s AND business_date = %(day)s"""


def _orders(day: Day, shop: str) -> tuple[str, str, str]:
    rows = day.rows(_ORDERS, shop)
    told = day.received(shop, "order_sum")
    return (
        "\n".join(f"{row['orders']:,} orders" for row in rows),
        "\n".join(
            f"{row['give_order_num_sum']:,} placed, ¥{row['give_order_amount_sum']:,.2f}\n"
            f"{row['payed_num_sum']:,} paid, ¥{row['payment_amount_sum']:,.2f}"
            for row in rows
        ),
        "\n".join([_at(told), *(row["last_error"] for row in rows if row["last_error"])]),
    )


def _nothing_known(_day: Day, _shop: str) -> tuple[str, str, str]:
    return "", "", ""


_CERTIFIED: dict[str, Callable[[Run, Services], tuple[Table | str, ...]]] = {
    AFTERSALES: lambda run, services: certificates(run, services.mariadb.url("bi")),
    SYS_INFO: lambda run, services: sys_info_summary.loaded(run, services.postgres.url("warehouse")),
    RECONCILE: lambda run, services: sys_info_summary.compared(run, services.postgres.url("warehouse")),
}
_TELLERS: dict[str, Callable[[Day, str], tuple[str, str, str]]] = {
    "wechat_youshu_report": _visits,
    "youshu_order_summary": _orders,
    ORDER_PUSH: lambda day, shop: order_summary.pushed(day.connection, day.orders, shop),
}


def _at(report: Row | None) -> str:
    return f"[green]✔[/] {report['received_at'][11:19]}" if report else "[red]✘ nothing[/]"


def _verdict(runs: list[Run]) -> str:
    failed = [run.dag_id for run in runs if run.state != "success"]
    if failed:
        return f"[red]✘ failed: {', '.join(failed)}[/]"
    return f"[green]✔ {len(runs)} DAGs succeeded[/], {sum(len(run.tasks) for run in runs)} tasks."
