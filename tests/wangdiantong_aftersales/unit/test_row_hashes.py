"""The fingerprint of an order: of account, key and version."""

from __future__ import annotations

import hashlib

import pytest

from retail_pipeline.pipelines.wangdiantong_aftersales.rows import AftersalesRows
from tests.wangdiantong_aftersales.unit.test_rows import order, rows


def row_hash(account: str, refund_id: int, modified: str) -> int:
    return int(hashlib.sha256(f"{account}|{refund_id}|{modified}".encode()).hexdigest()[:16], 16) % 2**63


@pytest.mark.parametrize(
    ("modified", "shown"),
    [
        ("2026-11-22 10:00:00", "2026-11-22 10:00:00.000000"),
        ("2026-11-22 10:00:00.123", "2026-11-22 10:00:00.123000"),
        (1795312800000, "2026-11-22 10:00:00.000000"),
        (1795312800123, "2026-11-22 10:00:00.123000"),
        ("1795312800120", "2026-11-22 10:00:00.120000"),
        ("2026-11-22", "2026-11-22 00:00:00.000000"),
    ],
)
@pytest.mark.parametrize("refund_id", [7, "7", "007"])
def test_a_row_hash_covers_account_key_and_version_to_the_microsecond(modified, shown, refund_id):
    ready = rows().ready([order(refund_id, modified=modified)])

    assert ready.row_hashes == {7: row_hash("flagship", 7, shown)}


def test_prints_differ_by_account_key_and_version():
    row_hashes = [
        AftersalesRows(account).ready([order(refund_id, modified=modified)]).row_hashes
        for account in ("flagship", "outlet")
        for refund_id in (7, 8)
        for modified in ("2026-11-22 10:00:00", "2026-11-22 10:00:01")
    ]

    assert len({value for each in row_hashes for value in each.values()}) == 8
