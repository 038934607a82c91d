"""Whatever is pushed while we read, wherever we are killed: in the end the warehouse has what sys_info has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import PipelineError
from retail_pipeline.taobao.sys_info import SysInfoTable
from retail_pipeline.taobao.tables import PUSHED
from retail_pipeline.target_session import change
from sandbox.sys_info import nasty
from sandbox.sys_info import tables as source_tables
from sandbox.sys_info.connection import connect
from sandbox.sys_info.writer import Writer
from tests.conftest import server_url
from tests.faults import sys_info_promises as promises
from tests.faults.sudden_death import SuddenDeath
from tests.sys_info import MONDAY_NOON, SysInfoRuns, differences

# A commit may be as late as the overlap is long.
LATEST = timedelta(minutes=9)
USUAL = ["jdp_tb_trade", "jdp_tb_trade", "jdp_tb_trade", "jdp_tb_item", "jdp_tb_refund"]


@dataclass(frozen=True)
class Run:
    """A run with what befalls it.

    :param dies_after: steps
    :param meanwhile_at: reading of the source after which the writer goes on, and time
    """

    run_type: str
    table: str
    hours_back: int
    dies_after: int | None
    step_is_done: bool
    meanwhile_at: int
    changes: int
    seconds: int


RUNS = st.builds(
    Run,
    run_type=st.sampled_from(["scheduled", "scheduled", "scheduled", "backfill", "manual"]),
    table=st.sampled_from(USUAL),
    hours_back=st.integers(0, 9),
    dies_after=st.none() | st.integers(0, 120),
    step_is_done=st.booleans(),
    meanwhile_at=st.integers(0, 12),
    changes=st.integers(1, 12),
    seconds=st.integers(0, 40),
)
PUSHES = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 12)),
    st.tuples(st.just("wait"), st.integers(1, 500)),
    st.tuples(st.just("spoil"), st.sampled_from(["broken_json", "no_orders", "zero_date", "null_response"])),
)


class Story:
    """One example: what is pushed and what is loaded, in the order in which hypothesis tells it."""

    def __init__(self, runs: SysInfoRuns, death: SuddenDeath, writer: Writer) -> None:
        self.runs = runs
        self.death = death
        self.writer = writer
        self.settled_at = runs.clock.moment
        self.spoilt: set[int] = set()

    def tell(self, event: Any) -> None:
        if isinstance(event, Run):
            self.run(event)
            promises.hold(self.runs)
            return
        what, how = event
        if what == "change":
            self.change(how)
        elif what == "wait":
            self.wait(how)
        else:
            nasty.insert(self.runs.owner, self.runs.naming, 1, self.free_second(), only=[how])

    def free_second(self) -> int:
        """Of two spoilt rows of one second both would have the same number."""
        second = int(self.runs.clock.moment.timestamp())
        while second in self.spoilt:
            second -= 1
        self.spoilt.add(second)
        return second

    def change(self, count: int) -> None:
        for _ in range(count):
            self.writer.step()

    def wait(self, seconds: int) -> None:
        self.runs.clock.advance(timedelta(seconds=seconds))
        if self.runs.clock.moment - self.settled_at > LATEST:
            self.settle()

    def settle(self) -> None:
        self.writer.settle()
        self.settled_at = self.runs.clock.moment

    def run(self, run: Run) -> None:
        moment, asked = self.runs.clock.moment, {}
        start = moment - timedelta(hours=run.hours_back, minutes=30)
        if run.run_type == "manual":
            asked = {"window_from": start.isoformat(), "window_to": moment.isoformat()}

        def meanwhile() -> None:
            with self.death.unwatched():
                self.change(run.changes)
                self.wait(run.seconds)

        with (
            suppress(PipelineError),
            self.death.after(run.dies_after, step_is_done=run.step_is_done),
            self.death.meanwhile(run.meanwhile_at, meanwhile),
        ):
            self.runs.run(run.table, run.run_type, logical_date=start, **asked)

    def end(self) -> None:
        """The push is quiet, nothing breaks: one more run of every table."""
        self.settle()
        self.runs.clock.advance(timedelta(seconds=16))
        self.runs.run_all()
        promises.hold(self.runs)


@contextmanager
def told(runs: SysInfoRuns, death: SuddenDeath, seed: int) -> Iterator[Story]:
    """Yield a story whose tables hold a morning's pushes."""
    runs.clock.set(MONDAY_NOON)
    for table in ("etl_window", "etl_watermark", "etl_quarantine"):
        change(runs.target, f"DELETE FROM {table}")
    for pushed in PUSHED.values():
        for table in pushed.family:
            change(runs.target, f"DELETE FROM {table.name}")
    runs.fill(230, MONDAY_NOON - timedelta(hours=4), MONDAY_NOON)
    source = server_url("JUSHITA_OWNER_MYSQL_URL")
    writer = Writer(lambda: connect(source), source_tables.Naming(), seed, lambda: runs.clock.moment)
    with closing(writer):
        yield Story(runs, death, writer)


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> SuddenDeath:
    steps = ((psycopg.Cursor, "execute"), (psycopg.Cursor, "copy"))
    return SuddenDeath(monkeypatch, (SysInfoTable, "_rows"), steps)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 999), events=st.lists(st.one_of(PUSHES, RUNS, RUNS), min_size=3, max_size=9))
def test_the_warehouse_equals_the_source_in_the_end(each_target, death, seed, events):
    with told(each_target, death, seed) as story:
        for event in events:
            story.tell(event)
        story.end()

    assert [found for found in differences(each_target) if not found.endswith("too much")] == []
    last = each_target.clock.moment - timedelta(seconds=15)
    assert {each_target.watermark(table) for table in PUSHED} == {last}
