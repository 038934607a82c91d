"""What the demo shows of Taobao's data feed: the certificates of the load, and what the comparison found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.box import SIMPLE_HEAD
from rich.table import Table

from devstack.runs import Run

Row = dict[str, Any]
_LOADED = """
SELECT split_part(account, '/jdp_', 2) AS "table", sum(source_keys) FILTER (WHERE filters <> '') AS ahead,
       count(*) FILTER (WHERE filters = '') AS chunks, sum(source_keys) FILTER (WHERE filters = '') AS source,
       sum(target_keys) FILTER (WHERE filters = '') AS here, sum(refused) AS older, sum(quarantined) AS aside,
       bool_and(verdict = 'complete') AS complete,
       bool_and(source_checksum - target_checksum IN (refused_checksum, refused_checksum - 9223372036854775807 - 1))
           AS same_sum
FROM etl_window WHERE run_id = %(run_id)s GROUP BY account ORDER BY account"""
_SAMPLED = "SELECT sum((compared ->> 'sampled')::int) AS count FROM etl_window WHERE run_id = %(run_id)s"
_COMPARED = """
SELECT split_part(account, '/jdp_', 2) AS "table", source_keys AS source, target_keys AS here, quarantined AS aside,
       refused + (rule_counts ->> 'only_here')::int AS moved, (rule_counts ->> 'pulled_again')::int AS pulled,
       verdict = 'complete' AS complete,
       source_checksum = target_checksum AS same_sum
FROM etl_window WHERE run_id = %(run_id)s AND purpose = 'reconcile' ORDER BY account"""
_TABLES = {
    "trades": "taobao_trade", "sub-orders": "taobao_order", "promotions": "taobao_promotion",
    "refunds": "taobao_refund", "items": "taobao_item", "exchanges": "taobao_exchange",
}  # fmt: skip


def loaded(run: Run, url: str) -> tuple[Table, str]:
    """One row per table, its chunks summed up, and a line about what the tables hold now.

    A row that was changed meanwhile may have been read in two chunks.
    """
    table = _table(run, "ahead", "chunks", "sys_info", "here", "older", "aside", "sums")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        for row in connection.execute(_LOADED, {"run_id": run.run_id}):
            counts = [row[name] for name in ("ahead", "chunks", "source", "here", "older", "aside")]
            table.add_row(row["table"], *_numbers(counts), _verdict(row))
        held = ", ".join(f"{_count(connection, name):,} {what}" for what, name in _TABLES.items())
        sampled = connection.execute(_SAMPLED, {"run_id": run.run_id}).fetchone()
    count = (sampled and sampled["count"]) or 0
    return table, f"In the tables: {held}. Sums of all values are equal; {count:,} rows also field by field."


def compared(run: Run, url: str) -> tuple[Table, str]:
    """One row per table, and a line about the rows that make the sums of a table that still changes unequal."""
    table = _table(run, "sys_info", "same", "moved on", "aside", "pulled", "sums")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        for row in connection.execute(_COMPARED, {"run_id": run.run_id}):
            counts = [row[name] for name in ("source", "here", "moved", "aside", "pulled")]
            table.add_row(row["table"], *_numbers(counts), _verdict(row))
    return table, "Moved on: changed, or removed by retention, after the load had read them. No difference."


def _table(run: Run, *headings: str) -> Table:
    table = Table(title=run.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("table", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "sums" else "right", no_wrap=True)
    return table


def _numbers(counts: list[Any]) -> Iterator[str]:
    return (f"{count or 0:,}" for count in counts)


def _verdict(row: Row) -> str:
    if not row["complete"]:
        return "[red]✘ not complete[/]"
    return "[green]✔ equal[/]" if row["same_sum"] else "[green]✔ rest equal[/]"


def _count(connection: psycopg.Connection[Row], table: str) -> int:
    row = connection.execute(f"SELECT count(*) AS count FROM {table}".encode()).fetchone()
    return int(row["count"]) if row else 0
