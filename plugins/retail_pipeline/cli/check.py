"""``retail check``: Airflow itself, every connection that the settings name, every view behind it, one line each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import click

from retail_pipeline import clock
from retail_pipeline.cli.progress import counted
from retail_pipeline.cli.schema_places import lacks
from retail_pipeline.cli.table import Column, Listing, Row, lists, ok, tell
from retail_pipeline.databases.view_contract import examine
from retail_pipeline.orchestration.airflow_checks import check_airflow
from retail_pipeline.orchestration.channel_checks import check_channels
from retail_pipeline.orchestration.connection_checks import (
    CheckResult,
    check_postgres,
    check_target,
    check_vendor,
    unread,
)
from retail_pipeline.orchestration.load_description import loads_of
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.jushita_monitor.source_clock import check_source
from retail_pipeline.pipelines.order_push.order_views import needed_by, shops_of
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings, Shop
from retail_pipeline.vendors.taobao.hook import TaobaoHook
from retail_pipeline.vendors.wechat.hook import WeChatHook
from retail_pipeline.vendors.youshu.hook import YoushuHook

_CHECKS = Listing(
    Column("state", "fine", ok),
    Column("connection", shown=lambda row: ".".join(filter(None, (row["connection"], row["view"])))),
    Column("clock", "clock_seconds", lambda seconds: "" if seconds is None else f"{seconds:+.0f} s"),
    "message",
    hidden="connection view",
)


@click.command()
@lists(_CHECKS)
def check() -> None:
    """Try Airflow itself and every connection that the settings name; exit 1 where one fails.

    Of Airflow (lines airflow.…): does it know our plugin, has it the pools, by which time zone does it read times.
    One line for each connection: is it reachable, are the credentials accepted, how far is its clock from ours. For a
    database also: does a session take the settings that we rely on, does a canary come back as it was sent, is a
    migration pending, and does the code need it; for an RDS: are its clock and its rows' time stamps in Beijing time;
    for the alert channels: which alerts have they not taken. An extra field that nothing reads is named. For each
    view of a shop's tables: does it have the columns, types and keys that are read, and an index for them.

    \b
    Example:
      retail check
    """
    with counted(_results(load_settings()), "connections and views tried") as results:
        rows = [_row(*each) for each in results]
    tell((_CHECKS, rows))
    sys.exit(0 if all(row["fine"] for row in rows) else 1)


def _row(conn_id: str, view: str | None, result: CheckResult) -> Row:
    drift = None if result.drift is None else result.drift.total_seconds()
    return _CHECKS.row(result.fine, drift, result.message, conn_id, view)


def _results(settings: Settings) -> Iterator[tuple[str, str | None, CheckResult]]:
    """Yield the results for Airflow, for each connection, and for each view behind it."""
    yield from (("airflow", name, result) for name, result in check_airflow(settings))
    for conn_id, examine_connection in _examinations(settings):
        result = examine_connection(conn_id)
        enough, lacking = lacks(conn_id, settings) if result.fine else (False, "")
        message = "; ".join(filter(None, (result.message, unread(conn_id), lacking)))
        yield conn_id, None, replace(result, fine=enough, message=message)
        shops = [shop for shop in settings.shops if shop.store_conn_id == conn_id]
        if shops and result.fine:
            yield from ((conn_id, view, found) for view, found in _views(conn_id, shops))


def _views(conn_id: str, shops: Sequence[Shop]) -> Iterator[tuple[str, CheckResult]]:
    with open_postgres(conn_id) as session:
        for contract in needed_by(shops):
            found = examine(session, conn_id, contract, shops_of(contract, shops), clock.now())
            told = "; ".join(found.problems) or f"fits, with the {found.rows} newest rows"
            yield contract.view, CheckResult(not found.problems, told)


def _examinations(settings: Settings) -> Iterator[tuple[str, Callable[[str], CheckResult]]]:
    """Pair each connection, once, with its examination."""
    pairs: dict[str, Callable[[str], CheckResult]] = {}
    for shop in settings.shops:
        pairs[shop.store_conn_id] = check_postgres
        pairs[shop.wechat_conn_id] = lambda conn_id: check_vendor(WeChatHook(conn_id))
        pairs[shop.youshu_conn_id] = lambda conn_id: check_vendor(YoushuHook(conn_id))
    for load in loads_of(settings):
        pairs |= {**dict.fromkeys(load.accounts(settings), check_target), **load.sources(settings)}
    if settings.jushita:
        for session in settings.jushita.sessions:
            pairs[session] = lambda conn_id: check_vendor(TaobaoHook(conn_id))
        for instance in settings.jushita.instances:
            pairs[instance.conn_id] = partial(check_source, instance)
    pairs.setdefault(settings.alerts.record_conn_id, check_postgres)
    pairs[settings.alerts.channels_conn_id] = lambda _conn_id: check_channels(settings.alerts)
    yield from pairs.items()
