"""No false alert: whatever a record holds, by whichever way it goes, both sides of a certificate say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from retail_pipeline.databases.target_session import change, transaction
from retail_pipeline.errors import CheckFailed
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.rows import FeedRows
from retail_pipeline.pipelines.jushita_sys_info.values import kept, row_of
from retail_pipeline.tables.stage import Stage
from retail_pipeline.tables.target_tables import ensure_tables, open_stage
from retail_pipeline.vendors.taobao.sys_info import SourceRow
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, FeedTable
from retail_pipeline.windows.source_side import SourceSide
from tests.vendors.taobao.unit.generated_answers import pages
from tests.vendors.taobao.unit.pushed_answers import KEY

STAMPS = ("2026-11-22 10:00:00", "2026-11-22 10:00:01", "2026-11-23 10:00:00")


class Load:
    """Loads pages of one pushed table as the load does, and compares."""

    def __init__(self, session: Any, table: FeedTable) -> None:
        ensure_tables(session, table.family)
        self.session = session
        self.stage: Stage = open_stage(session, table.family, batch_rows=2)
        self.rows = FeedRows(table, "rds", self.stage.zone)
        self.said = SourceSide(
            table.family, lambda records: self.rows.ready([*map(row_of, records)], STAMPS[0]).figures
        )
        self.table = table
        self.number = 0

    def window(self, read: list[list[SourceRow]]) -> Any:
        self.stage.clear()
        self.said.clear()
        staged: set[int] = set()
        for page in read:
            self.number += 1
            ready = self.rows.ready(page, f"2026-11-24 10:00:00.{self.number % 1000:03}")
            self.stage.forget([(row.key,) for row in page if row.key in staged])
            staged -= {row.key for row in page}
            for block in ready.blocks:
                for table in self.table.family:
                    self.stage.add(table, block[table.name].values, tuple(block[table.name].names))
            self.said.take([kept(row) for row in page if row.key in ready.row_hashes], ready.figures)
            staged |= ready.row_hashes.keys()
        with transaction(self.session):
            return self.rows.values.comparison().publish(
                self.session, self.stage, self.number, self.said, lambda: staged
            )


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def loads(request, bi, warehouse) -> Iterator[dict[str, Load]]:
    with open_target(request.param, stages=True) as session:
        for table in FEED_TABLES.values():
            for each in table.family:
                change(session, f"DROP TABLE IF EXISTS {each.name}")
        loads = {name: Load(session, table) for name, table in FEED_TABLES.items()}
        yield loads
        for load in loads.values():
            load.stage.close()
            load.said.close()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_both_sides_say_the_same_of_whatever_arrives(loads, data):
    table = data.draw(st.sampled_from([*FEED_TABLES.values()]), "table")
    read = []
    for answers in data.draw(st.lists(pages(table), min_size=1, max_size=3), "pages"):
        stamp = data.draw(st.sampled_from(STAMPS))
        deleted = data.draw(st.sampled_from([None, 0, 1]))
        first = data.draw(st.integers(0, 1))  # some come again, and some of these as they were before
        read.append([
            SourceRow(KEY + place, None if first else stamp, stamp, "哈希", deleted, answer)
            for place, answer in enumerate(answers)
        ])  # fmt: skip
    try:
        proof, compared = loads[table.name].window(read)
    except CheckFailed:
        assume(False)  # a value that only the database refuses
        return
    assert compared.differences == []
    assert proof.missing == []
    for figures in compared.told["tables"].values():
        assert all(source == target for source, target in figures.values())
