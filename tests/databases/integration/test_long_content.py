"""A row of which the server cannot put the text together is not believed to be as it was loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI, Window
from retail_pipeline.databases.target_session import change, query_text
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests.databases.conftest import Servers

MOMENT = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)
DAY = Window(MOMENT - timedelta(hours=9), MOMENT + timedelta(hours=9))
ITEM = FEED_TABLES["jdp_tb_item"]


@pytest.fixture
def packets(servers: Servers) -> Iterator[Any]:
    """Let new sessions have an answer's length of a mebibyte; afterwards what it was."""
    with servers.mysql_admin.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.max_allowed_packet")
        [before] = cursor.fetchone() or ()
        yield lambda size: cursor.execute("SET GLOBAL max_allowed_packet = %s", (size,))
        cursor.execute("SET GLOBAL max_allowed_packet = %s", (before,))


def test_what_is_longer_than_the_server_may_write_counts_as_altered(connect, packets):
    """Two texts of an item are less than that each, and more together."""
    with open_target("bi_mysql") as session:
        ensure_tables(session, ITEM.family)
        change(
            session,
            "INSERT INTO taobao_item (num_iid, instance, jdp_modified, read_at, description, wap_desc, line_count,"
            " content_digest) VALUES (7, 'rds', '2026-11-02 09:00:00', NOW(), REPEAT('x', 700000),"
            " REPEAT('y', 700000), 0, 1)",
        )
    packets(2**20)
    with open_target("bi_mysql") as session:
        assert query_text(session, "SELECT CONCAT(description, wap_desc) AS both_of_it FROM taobao_item") == [
            {"both_of_it": None}
        ]
        assert WarehouseTable(session, ITEM, "rds").altered_keys(DAY) == [(7, False)]
        for table in ITEM.family:
            change(session, f"DROP TABLE {table.name}")
