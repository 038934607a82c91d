"""Counts what a runner has brought into the target, whatever it says itself."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from bench.sys_info_load.job import ORDER, PROMOTION, TRADE

_COUNTS = {
    TRADE: "SELECT COUNT(*), COUNT(DISTINCT tid) FROM {}",
    ORDER: "SELECT COUNT(*), COUNT(DISTINCT oid) FROM {}",
    PROMOTION: "SELECT COUNT(*) FROM {}",
}


def shortcomings(url: str, tables: Mapping[str, str], expected: Mapping[str, int]) -> list[str]:
    """Return what is missing, or there twice, a sentence each.

    :param tables: names by part, as the runner told them
    """
    with psycopg.connect(url) as target:
        return [
            f"{found} rows of {part} in {tables[part]} instead of {count}"
            for part, count in expected.items()
            for found in target.execute(_COUNTS[part].format(tables[part]).encode()).fetchone() or ()
            if found != count
        ]
