"""Windows of sys_info from a real MariaDB into a real PostgreSQL: all of it, just so, and certified."""

from __future__ import annotations

from datetime import timedelta

from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests.jushita_sys_info.runs import MONDAY_NOON, differences

HOUR = timedelta(hours=1)


def test_every_field_of_every_row_arrives(sys_info):
    sys_info.fill(300, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    sys_info.run_all()
    assert differences(sys_info) == []
    assert {row["verdict"] for row in sys_info.certificates()} == {"complete"}
    assert all(sys_info.watermark(table) == MONDAY_NOON - timedelta(seconds=15) for table in FEED_TABLES)
