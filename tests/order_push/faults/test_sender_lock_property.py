"""Whatever order runs of the push come, restart and die in: one sends at most, and in the end it is the newest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.pipelines.order_push.sender_lock import Place, SenderLock
from tests.conftest import server_url
from tests.order_push.orders import SHOP
from tests.patience import PATIENCE

RUNS = 4
HOLDS_LOCK = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# Of a run, by its rank: it comes or comes back, does its next step, or dies.
EVENTS = st.lists(
    st.tuples(st.sampled_from(["start", "step", "step", "step", "kill"]), st.integers(1, RUNS)), max_size=25
)


@dataclass
class Run:
    """A run that is alive: it waits, or it holds the lock and looks now and then whether it is to leave it."""

    session: psycopg.Connection[Any]
    lock: SenderLock
    sends: bool = False

    @property
    def pid(self) -> int:
        return self.session.info.backend_pid


@dataclass
class Runs:
    """All runs of one shop, stepped one at a time."""

    store: psycopg.Connection[Any]
    living: dict[int, Run] = field(default_factory=dict)

    def start(self, rank: int) -> None:
        if rank not in self.living:
            session = psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True)
            self.living[rank] = Run(session, SenderLock(session, SHOP, rank))

    def kill(self, rank: int) -> None:
        """As kill -9 of the process does, or the database that ends its session."""
        if run := self.living.pop(rank, None):
            self.store.execute("SELECT pg_terminate_backend(%s, 10000)", [run.pid])
            run.session.close()

    def step(self, rank: int) -> None:
        run = self.living.get(rank)
        if run is None:
            return
        if run.sends:
            if run.lock.asked_to_leave():
                run.lock.release()
                run.sends = False
            return
        place = run.lock.look()
        run.sends = place is Place.HOLDS_LOCK
        if place is Place.LEAVES:
            self.living.pop(rank).session.close()

    def holds_lock(self) -> list[int]:
        return [pid for (pid,) in self.store.execute(HOLDS_LOCK).fetchall()]

    def until_quiet(self) -> None:
        """Notices take a moment, and longer on a busy machine."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for rank in sorted(self.living):
                self.step(rank)
            senders = [rank for rank, run in self.living.items() if run.sends]
            if senders == sorted(self.living)[-1:] and len(self.living) <= 2:
                return

    def end(self) -> None:
        for rank in list(self.living):
            self.kill(rank)


@pytest.fixture
def runs(store) -> Iterator[Runs]:
    with ExitStack() as opened:
        runs = Runs(store)
        opened.callback(runs.end)
        yield runs


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_at_any_time_one_sends_at_most_and_in_the_end_it_is_the_newest(runs, events):
    runs.end()
    for what, rank in events:
        getattr(runs, what)(rank)
        assert len(runs.holds_lock()) <= 1
        assert sum(run.sends for run in runs.living.values()) <= 1
    newest = max(runs.living, default=None)
    runs.until_quiet()
    assert max(runs.living, default=None) == newest
    assert [rank for rank, run in runs.living.items() if run.sends] == ([] if newest is None else [newest])
    assert runs.holds_lock() == ([] if newest is None else [runs.living[newest].pid])
    # A sender and its standby; so two old runs never keep the place of a third.
    assert len(runs.living) <= 2
