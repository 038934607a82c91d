"""Plays Taobao's data feed for the demo: fills sys_info anew, and keeps writing while it is loaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import psycopg
from psycopg import sql

from devstack.steps import ROOT

TRADES = 20_000
_CHANGES_A_SECOND = 20
# Rows that an earlier demo loaded do not belong to the data that is filled in now.
_LOADED = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename ^@ 'taobao_'"
_LEDGER = ("etl_window", "etl_watermark", "etl_quarantine")
_PIPELINE = "jushita_sys_info"


def fill_command(url: str, first: date) -> list[str]:
    """:param first: from the beginning of this day on until now"""
    return [
        sys.executable, "-m", "sandbox.sys_info", "fill", "--dsn", url, "--trades", str(TRADES),
        "--from", f"{first} 00:00:00",
    ]  # fmt: skip


def forget_loaded(warehouse: str) -> None:
    """Empty the tables of the load, and delete its entries from the ledger."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for (table,) in connection.execute(_LOADED).fetchall():
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
        for table in _LEDGER:
            forget = sql.SQL("DELETE FROM {} WHERE pipeline = %s").format(sql.Identifier(table))
            connection.execute(forget, [_PIPELINE])


@contextmanager
def pushing(url: str, env: Mapping[str, str]) -> Iterator[None]:
    """Keep adding, changing and removing rows."""
    command = [
        sys.executable, "-m", "sandbox.sys_info", "live", "--dsn", url, "--rate", str(_CHANGES_A_SECOND)
    ]  # fmt: skip
    with subprocess.Popen(command, env=dict(env), cwd=ROOT, stdout=subprocess.DEVNULL) as writer:
        try:
            yield
        finally:
            writer.terminate()
