"""What the demo shows of the aftersales load: its certificates, and what the tables hold."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.cursors import DictCursor
from rich.box import SIMPLE_HEAD
from rich.table import Table

from devstack.runs import Run

_CERTIFICATES = """
SELECT account, window_from, window_to, verdict, source_keys, target_keys, refused, quarantined, passes,
       source_checksum - target_checksum IN (refused_checksum, refused_checksum - 9223372036854775807 - 1)
           AS same_sum,
       JSON_EXTRACT(compared, '$.sampled') AS sampled
FROM etl_window WHERE run_id = %(run_id)s ORDER BY account, window_from"""
_TABLES = {
    "orders": "aftersales_refund_refund_search",
    "lines": "aftersales_refund_refund_search_detail",
    "money lines": "aftersales_refund_refund_search_amount_detail",
    "exchanges": "aftersales_refund_refund_search_swap_order",
}
_HEADINGS = ("account", "changed in", "vendor", "here", "older", "aside", "read", "sums")


def certificates(run: Run, url: str) -> tuple[Table, str]:
    """One row per certificate of the run, and a line about what the tables hold now."""
    with _connected(url) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute(_CERTIFICATES, {"run_id": run.run_id})
        rows = list(cursor.fetchall())
        counts = [f"{_count(cursor, table):,} {name}" for name, table in _TABLES.items()]
    table = Table(title=run.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for heading in _HEADINGS:
        is_text = heading in ("account", "changed in", "sums")
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row))
    sampled = sum(int(row["sampled"] or 0) for row in rows)
    held = f"In the tables: {', '.join(counts)}."
    return table, f"{held} Sums of all values are equal; {sampled:,} orders also field by field."


def _cells(row: dict[str, Any]) -> list[str]:
    start, end = row["window_from"], row["window_to"]
    day_long = start.time() == end.time() and (end - start).days == 1
    window = f"{start:%m-%d}" if day_long else f"{start:%m-%d %H:%M}–{end:%H:%M}"
    counts = [f"{row[name] or 0:,}" for name in ("source_keys", "target_keys", "refused", "quarantined")]
    read = "once" if row["passes"] == 1 else f"{row['passes']}×"
    fine = row["verdict"] == "complete" and row["same_sum"]
    verdict = "[green]✔ equal[/]" if fine else f"[red]✘ {row['verdict']}[/]"
    return [row["account"], window, *counts, read, verdict]


def _count(cursor: DictCursor, table: str) -> int:
    cursor.execute(f"SELECT COUNT(*) AS count FROM {table}")
    found = cursor.fetchone()
    return int(found["count"]) if found else 0


def _connected(url: str) -> pymysql.Connection[Any]:
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        charset="utf8mb4",
    )
