"""Calls that get lost cost calls, and no window; what is lost and what moves together still loses no order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline import clock
from retail_pipeline.cli.main import retail
from retail_pipeline.errors import NoAnswer
from retail_pipeline.vendors.attempts import ATTEMPTS
from tests.examples import examples
from tests.wangdiantong_aftersales.runs import MONDAY_NOON, QIMEN, AftersalesRuns, differences, settings_file

HOUR = timedelta(hours=1)
LOSSES = [
    {"kind": "reset"},
    {"kind": "reset", "after_accept": True},
    {"kind": "truncate"},
    {"kind": "http_status", "status": 502},
    {"kind": "http_status", "status": 200, "body": "<html>gateway</html>"},
    {"kind": "gateway_failure"},
]


def lose(runs: AftersalesRuns, calls: Iterable[int], losses: Iterable[dict[str, Any]]) -> None:
    """Lose these calls, counted from 0: a fault counts those that none before it took."""
    for number, (call, loss) in enumerate(zip(sorted(calls), losses, strict=False)):
        runs.sandbox.fault(QIMEN, times=1, after=call - number, **loss)


def last(runs: AftersalesRuns) -> dict[str, Any]:
    return runs.certificates()[-1]


@pytest.fixture
def part(runs: AftersalesRuns) -> dict[str, Any]:
    """The chunk of a hundred pages: what lies before is loaded."""
    runs.fill(500, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.this = runs.context()
    before, part = runs.plan(runs.this)
    runs.load(before, runs.this)
    return part


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_a_window_with_five_percent_lost_calls_loads_in_one_try_and_one_attempt(runs, part, seed):
    random = Random(seed)
    lost = [call for call in range(120) if random.random() < 0.05]
    lose(runs, lost, random.choices(LOSSES, k=len(lost)))
    told = runs.load(part, runs.this)
    row = last(runs)
    assert (row["verdict"], row["passes"], row["pages"]) == ("complete", 1, 101)
    needed = row["pages"] + 1
    assert row["calls"] == told["calls"] == needed + sum(call < row["calls"] for call in lost)
    assert told["pages"] == 101
    assert differences(runs) == []


@settings(max_examples=examples(25, everything=50), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    calls=st.sets(st.integers(0, 12), max_size=ATTEMPTS - 1),
    losses=st.lists(st.sampled_from(LOSSES), min_size=6, max_size=6),
    moves=st.none() | st.integers(0, 8),
)
def test_whichever_calls_are_lost_the_window_loads_in_one_try(runs, calls, losses, moves):
    """As many as one page may be lost in succession; orders move between the calls, or do not."""
    runs.sandbox.reset()
    for table in ("etl_window", "etl_watermark", "aftersales_refund_refund_search"):
        runs.rows(f"DELETE FROM {table}")
    runs.clock.set(MONDAY_NOON)
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    there = {refund_id for refund_id, _ in runs.versions()}
    lose(runs, calls, losses)
    if moves is not None:
        runs.sandbox.fault(QIMEN, "orders_move", count=2, times=2, after=moves)
    runs.load(part, context)
    assert last(runs)["verdict"] == "complete"
    if moves is None:
        assert last(runs)["passes"] == 1
    runs.sandbox.mend()
    runs.run_until_current()
    assert {row["refund_id"] for row in runs.heads("refund_id")} == there
    assert differences(runs) == []


@pytest.mark.long
def test_a_page_that_is_always_lost_is_given_up_after_a_few_attempts(runs, part, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(clock, "pause", waits.append)
    runs.sandbox.fault(QIMEN, "reset", after=50)
    with pytest.raises(NoAnswer, match="no answer"):
        runs.load(part, runs.this)
    row = last(runs)
    assert (row["verdict"], "no answer" in row["error"]) == ("failed", True)
    # Eight were in flight; each was asked for as often as any.
    assert 50 + ATTEMPTS <= row["calls"] <= 50 + 8 * ATTEMPTS
    pauses = [wait for wait in waits if wait >= 1]  # the others are the rate limiter's
    assert min(pauses) < 2
    assert 29 < max(pauses) <= 30


@pytest.mark.long
def test_the_command_shows_the_calls_made_beside_the_pages_needed(runs, part, tmp_path: Path):
    settings_file(tmp_path)
    lose(runs, [3, 30, 70], LOSSES)
    runs.load(part, runs.this)
    heading, line, *_ = CliRunner().invoke(retail, ["windows", "wangdiantong_aftersales"]).output.splitlines()
    assert heading.split()[-3:] == ["pages", "calls", "by"]
    assert line.split()[-3:-1] == ["101", "105"]
