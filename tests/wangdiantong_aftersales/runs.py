"""Loads of aftersales orders as Airflow would run them, and the comparison of the tables with the vendor's truth."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from psycopg.types.string import TextLoader

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI, local_time
from retail_pipeline.databases.target_session import dialect, query_text
from retail_pipeline.orchestration.dag_defaults import LOAD_PARAMS
from retail_pipeline.pipelines.wangdiantong_aftersales.operators import (
    AftersalesToTargetOperator,
    PlanAftersalesOperator,
)
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES, TABLES
from tests.conftest import SimulatedClock
from tests.patience import PATIENCE
from tests.sandbox_control import SandboxControl
from tests.windows.load_runs import LOAD_FROM, MONDAY_NOON, LoadRuns, Row, write_settings

PIPELINE, DAG_ID = "wangdiantong_aftersales", "wangdiantong_aftersales_load"
HEAD = "aftersales_refund_refund_search"
QIMEN, DIRECT = "/router/qm", "/openapi"


MYSQL, POSTGRES = "bi_mysql", "warehouse_postgres"


def settings_file(folder: Path, accounts: int = 1, **load: Any) -> Path:
    """Write settings with small pages and windows: page edges are where orders get lost."""

    def change(content: Row) -> None:
        chosen = content["wangdiantong_accounts"][:accounts]
        content["wangdiantong_accounts"] = [{**account, "load_from": LOAD_FROM} for account in chosen]
        content["loads"][PIPELINE] = {"page_size": 5, "batch_rows": 7, **load}

    return write_settings(folder, change)


@dataclass
class AftersalesRuns(LoadRuns):
    """Runs the two tasks of the load.

    :ivar target: a session of its owner with the target
    """

    dag_id, params = DAG_ID, LOAD_PARAMS

    sandbox: SandboxControl
    target: Any

    def run(
        self, run_type: str = "scheduled", logical_date: datetime | None = None, **params: Any
    ) -> list[Row]:
        """Plan and load; return what each chunk came to."""
        context = self.context(run_type, logical_date, **params)
        return [self.load(chunk, context) for chunk in self.plan(context)]

    def plan(self, context: Row) -> list[Row]:
        return PlanAftersalesOperator(task_id="plan_chunks").execute(context)

    def load(self, chunk: Row, context: Row) -> Row:
        return AftersalesToTargetOperator(task_id="load_chunk", chunk=chunk).execute(context)

    def run_until_current(self) -> None:
        """Let the schedule go on until it has read past the present moment."""
        self.clock.advance(timedelta(minutes=15))
        self.run()

    def orders(self, account: str = "flagship", *, direct: bool = False) -> list[Row]:
        """Return the vendor's truth, numbers to their last digit.

        :param direct: only what the direct gateway shows
        """
        reply = requests.get(f"{self.sandbox.url}/_control/refunds?account={account}", timeout=PATIENCE)
        entries = json.loads(reply.text, parse_float=Decimal)
        return [entry["order"] for entry in entries if entry["direct"] or not direct]

    def searches(self) -> list[Row]:
        """Return what the vendor was asked, in order: the filters, and the page, counted from 0."""
        return [_search(entry) for entry in self.sandbox.journal() if entry["path"] in (QIMEN, DIRECT)]

    def versions(self, account: str = "flagship") -> list[tuple[int, datetime]]:
        """Return each order of the vendor with the time of its last change."""
        entries = self.sandbox.ask(f"refunds?account={account}")
        return [(e["refund_id"], datetime.fromtimestamp(e["modified"] / 1000, SHANGHAI)) for e in entries]

    def put(self, *orders: Row, account: str = "flagship") -> None:
        self.sandbox.tell("refunds_put", account=account, orders=list(orders))

    def fill(self, count: int, start: datetime, end: datetime, account: str = "flagship") -> None:
        ends = {"from": start.isoformat(), "to": end.isoformat()}
        self.sandbox.tell("refunds_fill", account=account, count=count, **ends)

    def rows(self, sql: str, values: Any = None) -> list[Row]:
        """Ask the target; whichever it is, times are as clocks in Shanghai show them, and documents are text."""
        if dialect(self.target) == "postgres":
            self.target.adapters.register_loader("jsonb", TextLoader)
        single = values is None or isinstance(values, (tuple, list, dict))
        found = query_text(self.target, sql, values if single else (values,))
        return [{name: _without_zone(value) for name, value in row.items()} for row in found]

    def heads(self, columns: str = "*") -> list[Row]:
        return self.rows(f"SELECT {columns} FROM {HEAD} ORDER BY account, refund_id")

    def watermark(self) -> datetime | None:
        return self.watermark_of("flagship")


def runs_on_monday_noon(
    simulated_clock: SimulatedClock,
    sandbox: SandboxControl,
    target: Any,
    folder: Path,
    patch: pytest.MonkeyPatch,
) -> AftersalesRuns:
    """Return runs with small pages; waiting takes no time.

    Where the target is PostgreSQL, the connection of the BI database leads there, whatever its name says.
    """
    if dialect(target) == "postgres":
        patch.setenv(f"AIRFLOW_CONN_{MYSQL.upper()}", os.environ[f"AIRFLOW_CONN_{POSTGRES.upper()}"])
        ensure_tables(target, AFTERSALES)
    patch.setenv("RETAIL_CONFIG", str(settings_file(folder)))
    patch.setattr(clock, "pause", lambda _seconds: None)
    simulated_clock.set(MONDAY_NOON)
    return AftersalesRuns(simulated_clock, sandbox, target)


def change_connection(patch: pytest.MonkeyPatch, conn_id: str, **changes: Any) -> None:
    """Change fields of a connection; those of ``extra`` one by one."""
    name = f"AIRFLOW_CONN_{conn_id.upper()}"
    known = json.loads(os.environ[name])
    extra = {**known.get("extra", {}), **changes.pop("extra", {})}
    patch.setenv(name, json.dumps({**known, **changes, "extra": extra}))


def _without_zone(value: Any) -> Any:
    return local_time(value) if isinstance(value, datetime) and value.tzinfo else value


def _search(entry: Row) -> Row:
    if entry["path"] == DIRECT:
        return {**json.loads(entry["body"])[0], "page": int(dict(parse_qsl(entry["query"]))["page_no"])}
    form = dict(parse_qsl(entry["body"]))
    return {**json.loads(form["params"]), "page": json.loads(form["pager"])["page_no"] - 1}


def differences(
    runs: AftersalesRuns, account: str = "flagship", *, gone: str = "wms_code", direct: bool = False
) -> list[str]:
    """Compare every field of every order with the tables; [] where they hold just the vendor's state.

    :param gone: field that the account's gateway leaves out
    :param direct: that gateway is the direct one, which leaves out orders
    """
    orders = {order["refund_id"]: order for order in runs.orders(account, direct=direct)}
    found = []
    for chunk, table in TABLES.items():
        rows = runs.rows(f"SELECT * FROM {table.name} WHERE account = %s ORDER BY refund_id", account)
        got: dict[int, list[Row]] = {}
        for row in sorted(rows, key=lambda row: (row["refund_id"], row.get("line_no", 1))):
            got.setdefault(row["refund_id"], []).append(row)
        for refund_id in sorted(orders.keys() | got.keys()):
            wanted = _parts(orders.get(refund_id), chunk)
            there = got.get(refund_id, [])
            if len(wanted) != len(there):
                found.append(f"{refund_id}: {len(wanted)} of {chunk} wanted, {len(there)} there")
                continue
            for record, row in zip(wanted, there, strict=True):
                found += [f"{refund_id} {chunk}: {what}" for what in _unequal(record, row, gone)]
    return found


def _parts(order: Row | None, chunk: str) -> list[Row]:
    if order is None:
        return []
    if chunk == "order":
        return [order]
    if chunk == "swap_order_detail_list":
        return list((order.get("swap_order") or {}).get(chunk) or [])
    value = order.get(chunk) or []
    return value if isinstance(value, list) else [value]


def _unequal(record: Row, row: Row, gone: str) -> list[str]:
    extra = json.loads(row["extra"] or "{}", parse_float=Decimal)
    fields = {name: value for name, value in record.items() if name not in TABLES and name != gone}
    got = {
        name: _same_form(row.get(name), value) if name in row else extra.get(name)
        for name, value in fields.items()
    }
    return [
        f"{name} is {got[name]!r}, not {value!r}"
        for name, value in fields.items()
        if got[name] != _plain(value)
    ]


def _plain(value: Any) -> Any:
    return None if value == "" else value


def _same_form(got: Any, value: Any) -> Any:
    """Bring a column's value into the form in which the vendor sends it."""
    if isinstance(got, datetime):
        return (
            round(got.replace(tzinfo=SHANGHAI).timestamp() * 1000)
            if isinstance(value, int)
            else f"{got:%Y-%m-%d %H:%M:%S}"
        )
    if isinstance(got, int) and isinstance(value, str):
        return str(got)
    return _plain(got)
