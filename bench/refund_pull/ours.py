"""One run of the product's own code, in a process of its own: ``limit`` (fetching alone) or ``load``."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import partial
from typing import Any

import pymysql
import pymysql.cursors

from bench.measuring.meter import Meter
from bench.refund_pull.job import PAGE_SIZE, TARGET, VENDOR, RefundPull
from retail_pipeline import clock
from retail_pipeline.business_time import Window, from_local_time
from retail_pipeline.databases.migrations import migrate
from retail_pipeline.databases.mysql_session import query_text
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.pipelines.wangdiantong_aftersales.source import AftersalesSource
from retail_pipeline.settings.retail import PagedLoadSettings, WangdiantongAccount
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES, TABLES
from retail_pipeline.windows.ledger import COMPLETE, MANUAL, LoadKey
from retail_pipeline.windows.paged_load import PagedLoad

ACCOUNT = WangdiantongAccount(name="bench", conn_id=VENDOR, target_conn_id=TARGET)
PARTS = ("order", "detail_list", "amount_detail_list")


def main() -> None:
    job = RefundPull.told()
    hook = WangdiantongHook(VENDOR)
    if sys.argv[2:] == ["limit"]:
        _fetch(job, hook.get_conn())
    else:
        _load(job, hook)


def _fetch(job: RefundPull, client: WangdiantongClient) -> None:
    """All pages, one after the other; each is signed for, read and thrown away."""
    read = 0
    with Meter(job.servers) as meter:
        for index in range(job.orders // PAGE_SIZE):
            page = client.search_refunds(job.window(), page=index, page_size=PAGE_SIZE)
            read += len(page.records)
    job.check("orders fetched", read, job.orders)
    meter.tell()


def _load(job: RefundPull, hook: WangdiantongHook) -> None:
    """The window that holds all orders, as a task of the DAG would do it, into empty tables."""
    _create_tables()
    window = Window(*(from_local_time(datetime.fromisoformat(end)) for end in (job.start, job.end)))
    load_key = LoadKey("bench", ACCOUNT.name, window, MANUAL, run_id="bench")
    settings = PagedLoadSettings(page_size=PAGE_SIZE, fetchers=job.fetchers)
    client, pace, now = hook.get_conn(), hook.calls_per_minute(), clock.now()
    with Meter(job.servers) as meter:
        source = AftersalesSource(ACCOUNT.name)
        load = PagedLoad(
            source, client.search_refunds, settings, partial(open_target, TARGET), (VENDOR, pace), {}
        )
        load.load(load_key, now)
    _check(job, client)
    meter.tell()


def _create_tables() -> None:
    with open_mysql(TARGET) as session:
        list(migrate(session, TARGET, "target"))
        ensure_tables(session, AFTERSALES)


def _check(job: RefundPull, client: WangdiantongClient) -> None:
    """Compare with the vendor; neighbouring orders, a page of them, are of all sorts in the shares that all have."""
    page = client.search_refunds(job.window(), page=0, page_size=PAGE_SIZE)
    orders = [json.loads(record) for record in page.records]
    with open_mysql(TARGET) as session:
        others = _count(session, "etl_window", f"verdict <> '{COMPLETE}' OR quarantined > 0")
        job.check("certificates that do not say complete", others, 0)
        for part in PARTS:
            on_page = len(orders) if part == "order" else sum(len(order[part]) for order in orders)
            rows = _count(session, TABLES[part].name, f"account = '{ACCOUNT.name}'")
            job.check(f"rows of {part}", rows, on_page * job.orders // PAGE_SIZE)


def _count(session: pymysql.Connection[Any], table: str, condition: str) -> int:
    return int(query_text(session, f"SELECT COUNT(*) AS rows_ FROM {table} WHERE {condition}")[0]["rows_"])


if __name__ == "__main__":
    main()
