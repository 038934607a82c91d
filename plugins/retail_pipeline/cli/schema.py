"""``retail schema``: the tables that the pipelines write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import click
import psycopg

from retail_pipeline.cli.order_tables import when_order_tables_are_there
from retail_pipeline.errors import OrderTablesMissing
from retail_pipeline.postgres_session import open_postgres
from retail_pipeline.settings import Settings, Shop
from retail_pipeline.settings_file import load_settings
from retail_pipeline.sinks.tables import complete_control_tables, ensure_tables
from retail_pipeline.statements import SQL
from retail_pipeline.table_description import TableFamily
from retail_pipeline.taobao.tables import PUSHED
from retail_pipeline.target_session import change, dialect, open_target
from retail_pipeline.wangdiantong.tables import AFTERSALES

VIEWS = SQL / "youshu"


@click.group()
def schema() -> None:
    """Create or complete the tables."""


@schema.command()
@click.option("--wait", default=0, metavar="SECONDS", help="Wait so long for the shops' order tables.")
def apply(wait: int) -> None:
    """Run every DDL file; each may be run again at any time.

    \b
    Example:
      retail schema apply
    """
    settings = load_settings()
    _run(settings.alarms.record_conn_id, ddl_files("warehouse"))
    for conn_id, families in families_by_target(settings).items():
        with open_target(conn_id) as session:
            for file in ddl_files(f"target/{dialect(session)}"):
                change(session, file.read_text(encoding="utf-8"))
                click.echo(f"{conn_id}: {file.relative_to(SQL)}")
            for done in complete_control_tables(session):
                click.echo(f"{conn_id}: {done}")
            for done in (done for family in families for done in ensure_tables(session, family)):
                click.echo(f"{conn_id}: {done}")
    for conn_id in sorted({shop.store_conn_id for shop in settings.shops}):
        shops = [shop for shop in settings.shops if shop.store_conn_id == conn_id]
        _run(conn_id, ddl_files("store"))
        views = partial(_run, conn_id, views_of(shops))
        when_order_tables_are_there(views, patience=timedelta(seconds=wait))


def views_of(shops: Sequence[Shop]) -> list[Path]:
    """Return the views that map these shops' own tables: those that are read."""
    needed = []
    if any("youshu_order_summary" in shop.reports for shop in shops):
        needed.append(VIEWS / "order_view.sql")
    if any(shop.orders != "none" for shop in shops):
        needed += [VIEWS / "order_push_view.sql", VIEWS / "return_push_view.sql"]
    return needed


def families_by_target(settings: Settings) -> dict[str, list[TableFamily]]:
    """Return the databases that loads write into, with the tables that each needs."""
    targets: dict[str, list[TableFamily]] = {
        conn_id: [AFTERSALES] for conn_id in settings.aftersales_targets()
    }
    if settings.jushita:
        families = targets.setdefault(settings.jushita.target_conn_id, [])
        families += [table.family for table in PUSHED.values()]
    return targets


def ddl_files(role: str) -> list[Path]:
    return sorted((SQL / "schema" / role).glob("*.sql"))


def _run(conn_id: str, files: list[Path]) -> None:
    with open_postgres(conn_id) as connection:
        for file in files:
            try:
                connection.execute(file.read_bytes())
            except psycopg.errors.UndefinedTable as fault:
                if file.parent != VIEWS:
                    raise
                raise OrderTablesMissing(
                    f"{conn_id}: {fault.diag.message_primary}; map your own order tables in {file}"
                ) from None
            click.echo(f"{conn_id}: {file.relative_to(SQL)}")
