"""Whatever is pushed while we read, wherever we are killed: in the end the warehouse has what sys_info has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.databases.target_session import change
from retail_pipeline.errors import PipelineError
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from sandbox.sys_info import nasty
from sandbox.sys_info import tables as source_tables
from sandbox.sys_info.tables import connect
from sandbox.sys_info.writer import KINDS, Writer
from tests.conftest import server_url
from tests.examples import examples
from tests.jushita_sys_info.faults import promises
from tests.jushita_sys_info.faults.feed_changes import push
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences
from tests.windows.sudden_death import SuddenDeath

# A commit may be as late as the overlap is long.
LATEST = timedelta(minutes=9)
TABLES = ["jdp_tb_trade", "jdp_tb_item", "jdp_tb_refund"]
CHANGES = st.lists(
    st.sampled_from(["insert", "move", "move", "lines", "twice", "late", "late", "late", "retire", "delete"])
    | st.sampled_from(["again", "again", "broken_json", "no_orders", "zero_date", "null_response"]),
    max_size=8,
)


@dataclass(frozen=True)
class Turn:
    """What is pushed, and a run with what befalls it.

    :param seconds: that pass before the run, and while it reads
    :param dies_after: steps
    :param meanwhile_at: reading of the source after which more is pushed
    :param overtaken: another run reads the same then, and publishes first
    """

    changes: list[str]
    table: str
    seconds: tuple[int, int]
    run_type: str
    hours_back: int
    dies_after: int | None
    step_is_done: bool
    meanwhile_at: int
    meanwhile: list[str]
    overtaken: bool


TURNS = st.builds(
    Turn,
    changes=CHANGES,
    table=st.sampled_from([TRADE, TRADE, *TABLES]),
    seconds=st.tuples(st.integers(0, 200), st.integers(0, 40)),
    run_type=st.sampled_from(["scheduled", "scheduled", "scheduled", "backfill", "manual"]),
    hours_back=st.integers(0, 4),
    dies_after=st.none() | st.none() | st.integers(0, 120),
    step_is_done=st.booleans(),
    meanwhile_at=st.integers(0, 12),
    meanwhile=CHANGES,
    overtaken=st.booleans(),
)


class Story:
    """One example, in the order in which hypothesis tells it."""

    def __init__(self, runs: SysInfoRuns, death: SuddenDeath, writer: Writer) -> None:
        self.runs = runs
        self.death = death
        self.writer = writer
        self.settled_at = runs.clock.moment
        self.spoilt: set[int] = set()

    def tell(self, turn: Turn) -> None:
        before, within = turn.seconds
        self.change(turn.changes, turn.table)
        self.wait(before)

        def meanwhile() -> None:
            with self.death.unwatched():
                self.change(turn.meanwhile, turn.table)
                self.wait(within)
                if turn.overtaken:
                    self.load("manual", turn.table, 0)

        with (
            suppress(PipelineError),
            self.death.after(turn.dies_after, step_is_done=turn.step_is_done),
            self.death.meanwhile(turn.meanwhile_at, meanwhile),
        ):
            self.load(turn.run_type, turn.table, turn.hours_back)
        promises.hold(self.runs)

    def load(self, run_type: str, table: str, hours_back: int) -> None:
        moment = self.runs.clock.moment
        start, asked = moment - timedelta(hours=hours_back, minutes=10), {}
        if run_type == "manual":
            asked = {"window_from": start.isoformat(), "window_to": moment.isoformat()}
        self.runs.run(table, run_type, logical_date=start, **asked)

    def change(self, kinds: list[str], table: str) -> None:
        for kind in kinds:
            if kind == "again":
                self.change_within_its_second()
            elif kind in KINDS:
                self.writer.step(kind, None if kind in ("lines", "delete") else table)
            else:
                nasty.insert(self.runs.owner, self.runs.naming, 1, self.free_second(), only=[kind])

    def change_within_its_second(self) -> None:
        """Change a young trade without a new jdp_modified: the second of two changes, committed late."""
        with self.runs.owner.cursor() as cursor:
            cursor.execute(
                "SELECT tid FROM jdp_tb_trade WHERE jdp_modified >= %s AND jdp_hashcode > '0'"
                " ORDER BY jdp_modified, tid LIMIT 1 FOR UPDATE SKIP LOCKED",
                [f"{self.runs.clock.moment - LATEST:%Y-%m-%d %H:%M:%S}"],
            )
            found = [tid for (tid,) in cursor.fetchall()]
        self.runs.owner.commit()
        for tid in found:
            with suppress(ValueError):  # it is one of the spoilt
                push(self.runs, tid, seller_memo=f"change {self.writer.steps}")
                self.writer.steps += 1

    def free_second(self) -> int:
        """Of two spoilt rows of one second both would have the same number."""
        second = int(self.runs.clock.moment.timestamp())
        while second in self.spoilt:
            second -= 1
        self.spoilt.add(second)
        return second

    def wait(self, seconds: int) -> None:
        if self.runs.clock.moment + timedelta(seconds=seconds) - self.settled_at > LATEST:
            self.settle()
        self.runs.clock.advance(timedelta(seconds=seconds))

    def settle(self) -> None:
        self.writer.settle()
        self.settled_at = self.runs.clock.moment

    def end(self) -> None:
        """The push is quiet, nothing breaks: one more run of every table."""
        self.settle()
        self.runs.clock.advance(timedelta(seconds=16))
        for table in TABLES:
            self.runs.run(table)
        promises.hold(self.runs)


@contextmanager
def told(runs: SysInfoRuns, death: SuddenDeath, seed: int) -> Iterator[Story]:
    """Yield a story whose tables hold a morning's pushes."""
    runs.clock.set(MONDAY_NOON)
    for table in ("etl_window", "etl_watermark", "etl_quarantine"):
        change(runs.target, f"DELETE FROM {table}")
    for pushed in FEED_TABLES.values():
        for table in pushed.family:
            change(runs.target, f"DELETE FROM {table.name}")
    runs.fill(230, MONDAY_NOON - timedelta(hours=2), MONDAY_NOON)
    source = server_url("JUSHITA_OWNER_MYSQL_URL")
    writer = Writer(lambda: connect(source), source_tables.Naming(), seed, lambda: runs.clock.moment)
    with closing(writer):
        yield Story(runs, death, writer)


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> SuddenDeath:
    steps = ((psycopg.Cursor, "execute"), (psycopg.Cursor, "copy"))
    return SuddenDeath(monkeypatch, (SysInfoTable, "_rows"), steps)


@settings(
    max_examples=examples(8, everything=40),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 999), turns=st.lists(TURNS, min_size=2, max_size=6))
def test_the_warehouse_equals_the_source_in_the_end(each_target, death, seed, turns):
    with told(each_target, death, seed) as story:
        for turn in turns:
            story.tell(turn)
        story.end()

    assert [found for found in differences(each_target, TABLES) if not found.endswith("too much")] == []
    last = each_target.clock.moment - timedelta(seconds=15)
    assert {each_target.watermark(table) for table in TABLES} == {last}
