"""Whatever happens in whatever order, in the end the tables hold just what the vendor has."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import PipelineError
from retail_pipeline.vendors.wangdiantong.tables import TABLES
from tests.examples import examples
from tests.wangdiantong_aftersales.runs import HEAD, MONDAY_NOON, QIMEN, AftersalesRuns, differences
from tests.windows.sudden_death import SuddenDeath

# What may befall the calls of one run: from which call on, and how many of them.
FAULTS = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                ["orders_arrive", "throttle", "truncate", "reset", "empty_page", "short_page",
                 "duplicate_record", "duplicate_page"]
            ),
            "times": st.integers(1, 3),
            "after": st.integers(0, 8),
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("orders_move"), "times": st.integers(1, 60), "after": st.integers(0, 4)}
    ),
)  # fmt: skip
ORDERS = 37
COUNTS = {"orders_move": 1, "orders_arrive": 2, "short_page": 2}


@dataclass(frozen=True)
class Run:
    """A run with what befalls it.

    :param dies_after: steps
    :param overtaken_at: call to the vendor at which another run loads what has changed since
    """

    run_type: str
    hours_back: int
    faults: list[dict[str, Any]]
    dies_after: int | None
    step_is_done: bool
    overtaken_at: int | None


RUNS = st.builds(
    Run,
    run_type=st.sampled_from(["scheduled", "scheduled", "scheduled", "backfill", "manual"]),
    hours_back=st.integers(1, 20),
    faults=st.lists(FAULTS, max_size=2),
    dies_after=st.none() | st.integers(0, 90),
    step_is_done=st.booleans(),
    overtaken_at=st.none() | st.integers(1, 12),
)
CHANGES = st.one_of(
    st.tuples(st.just("move"), st.integers(1, 6)),
    st.tuples(st.just("come"), st.integers(1, 6)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)


class Story:
    """One example: changes and runs in the order in which hypothesis tells them."""

    def __init__(self, runs: AftersalesRuns, death: SuddenDeath) -> None:
        self.runs = runs
        self.death = death
        self.next_id = 9_000_000
        self.stamps_are_honest = True

    def begin(self) -> None:
        runs = self.runs
        runs.sandbox.reset()
        tables = (table.name for table in TABLES.values())
        for name in ("etl_window", "etl_watermark", "etl_quarantine", "etl_call_budget", *tables):
            runs.rows(f"DELETE FROM {name}")
        runs.clock.set(MONDAY_NOON)
        runs.fill(ORDERS, MONDAY_NOON - timedelta(hours=20), MONDAY_NOON)

    def tell(self, event: Any) -> None:
        if isinstance(event, Run):
            self.run(event)
            self.hold_what_was_promised()
            return
        what, count = event
        if what == "move":
            self.runs.sandbox.tell("refunds_move", account="flagship", count=count)
        elif what == "come":
            self.runs.put(*({"refund_id": self.next_id + place} for place in range(count)))
            self.next_id += count
        else:
            self.runs.clock.advance(timedelta(minutes=count))

    def run(self, run: Run) -> None:
        self.befall(run)
        moment, asked = self.runs.clock.moment, {}
        if run.run_type == "manual":
            start = moment - timedelta(hours=run.hours_back)
            asked = {"window_from": start.isoformat(), "window_to": (start + timedelta(hours=1)).isoformat()}
        logical_date = moment - timedelta(hours=run.hours_back) if run.run_type == "backfill" else moment
        with (
            suppress(PipelineError),
            self.death.after(run.dies_after, step_is_done=run.step_is_done),
            self.death.meanwhile(run.overtaken_at or 0, self.overtake),
        ):
            self.runs.run(run.run_type, logical_date, **asked)
        self.runs.sandbox.mend()

    def befall(self, run: Run) -> None:
        for fault in run.faults:
            arrives = fault["kind"] == "orders_arrive"
            if arrives and run.run_type != "scheduled":
                continue  # what appears with an old stamp is the schedule's to find, not a window's of long ago
            self.stamps_are_honest = self.stamps_are_honest and not arrives
            count = {"count": COUNTS[fault["kind"]]} if fault["kind"] in COUNTS else {}
            self.runs.sandbox.fault(QIMEN, app="flagship", **fault, **count)

    def overtake(self) -> None:
        """All orders change, and other runs load them before the first one goes on."""
        self.runs.sandbox.mend()
        self.runs.sandbox.tell("refunds_move", account="flagship", count=ORDERS)
        for minutes in (2, 15):  # later than any overlap could mend
            self.runs.clock.advance(timedelta(minutes=minutes))
            self.runs.run()

    def hold_what_was_promised(self) -> None:
        """Rows come with their certificate or not at all, and all before the watermark is there."""
        orphans = self.runs.rows(
            f"SELECT refund_id FROM {HEAD} LEFT JOIN etl_window ON id = etl_window_id AND verdict <> 'failed'"
            " WHERE id IS NULL"
        )
        assert orphans == []
        watermark = self.runs.watermark()
        if watermark and self.stamps_are_honest:
            there = {row["refund_id"] for row in self.runs.rows(f"SELECT refund_id FROM {HEAD}")}
            before = [id_ for id_, modified in self.runs.versions() if modified < watermark]
            assert set(before) <= there

    def end(self) -> None:
        """Nothing changes any more, nothing breaks: the schedule goes on until it has read past the last change."""
        self.runs.run_until_current()
        self.runs.run_until_current()


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> SuddenDeath:
    return SuddenDeath(monkeypatch)


@settings(max_examples=examples(20, everything=120), deadline=None, suppress_health_check=list(HealthCheck))
@given(events=st.lists(st.one_of(CHANGES, RUNS, RUNS), min_size=2, max_size=9))
def test_the_tables_equal_the_vendors_state_in_the_end(runs, death, events):
    story = Story(runs, death)
    story.begin()
    for event in events:
        story.tell(event)
    story.end()

    assert differences(runs) == []
    assert runs.rows("SELECT * FROM etl_quarantine") == []
    assert runs.watermark() == runs.clock.moment - timedelta(seconds=60)
    last = runs.rows("SELECT verdict FROM etl_window ORDER BY id DESC LIMIT 1")
    assert last == [{"verdict": "complete"}]
