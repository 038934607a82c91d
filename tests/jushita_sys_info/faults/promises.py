"""What every load of sys_info promises, whatever happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests.jushita_sys_info.runs import SysInfoRuns

FIRST = datetime(2026, 11, 22, tzinfo=SHANGHAI)  # load_from of the settings


def hold(runs: SysInfoRuns) -> None:
    """Rows come with their certificate or not at all, certificates add up, and watermarks tell no lie."""
    certificates = runs.certificates()
    assert [row["id"] for row in certificates if row["verdict"] == "complete" and not adds_up(row)] == []
    for name, table in FEED_TABLES.items():
        assert runs.watermark(name) in (None, read_without_gap(certificates, name))
        orphans = (
            f"SELECT {table.key} FROM {table.head.name} LEFT JOIN etl_window ON etl_window.id = etl_window_id"
            " AND verdict = 'complete' WHERE etl_window.id IS NULL"
        )
        assert runs.rows(orphans) == []


def adds_up(certificate: dict[str, Any]) -> bool:
    """Tell whether all that was read is there, was there in a newer version, or was set aside."""
    row = certificate
    return bool(
        row["source_keys"] == row["target_keys"] + row["refused"] + row["quarantined"]
        and row["source_checksum"] == (row["target_checksum"] + row["refused_checksum"]) % 2**63
        and not row["missing_keys"]
    )


def read_without_gap(certificates: list[dict[str, Any]], table: str) -> datetime:
    """Return up to where complete scheduled windows follow upon each other."""
    reached = FIRST
    windows = sorted(
        (local(row["window_from"]), local(row["window_to"]))
        for row in certificates
        if row["account"] == f"rds/{table}" and row["purpose"] == "scheduled" and row["filters"] == ""
        if row["verdict"] == "complete"
    )
    for start, end in windows:
        if start <= reached:
            reached = max(reached, end)
    return reached


def local(moment: datetime) -> datetime:
    """Return what a target says of a time with its zone, which one of the two leaves out."""
    return moment.replace(tzinfo=SHANGHAI)
