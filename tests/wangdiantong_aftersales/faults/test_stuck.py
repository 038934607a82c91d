"""A chunk that cannot be loaded holds up no other, and what is complete behind it is not read at every run."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.business_time import Window
from retail_pipeline.errors import ChunksFailed, NoAnswer
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.vendors.attempts import ATTEMPTS
from retail_pipeline.windows.chunk_failures import IN_SUCCESSION
from retail_pipeline.windows.ledger import COMPLETE, SCHEDULED, Certificate, LoadKey, WindowLedger
from tests.examples import examples
from tests.wangdiantong_aftersales.runs import (
    MONDAY_NOON,
    PIPELINE,
    QIMEN,
    AftersalesRuns,
    differences,
    settings_file,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START = datetime(2026, 11, 22, tzinfo=MONDAY_NOON.tzinfo)
LOOKBACK, SAFETY_DELAY = 10 * MINUTE, MINUTE
POISON = 99


def poison(runs: AftersalesRuns, at: datetime, refund_id: int = POISON, refund_no: str = "") -> None:
    """Put an order without a number: no load of these settings takes it."""
    order = {"refund_id": refund_id, "refund_no": refund_no, "modified": int(at.timestamp() * 1000)}
    runs.put(order)


def mend(runs: AftersalesRuns, at: datetime) -> None:
    poison(runs, at, refund_no="TK99")


def run_all(runs: AftersalesRuns) -> list[str]:
    """Run as Airflow does: one task's failure stops no other. Return where the windows begin that were asked for."""
    asked, context = len(runs.searches()), runs.context()
    for part in runs.plan(context):
        with suppress(AirflowFailException, ChunksFailed):
            runs.load(part, context)
    return sorted({search["modified_from"] for search in runs.searches()[asked:]})


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


@pytest.fixture
def stuck(runs: AftersalesRuns, tmp_path: Path) -> AftersalesRuns:
    """Seven chunks of six hours; the first that holds orders cannot be loaded."""
    settings_file(tmp_path, chunk_hours=6, max_quarantined=0)
    runs.fill(40, START, MONDAY_NOON - HOUR)
    poison(runs, START + HOUR)
    return runs


@pytest.mark.long
def test_behind_a_stuck_chunk_only_what_may_still_come_late_is_read_again(stuck):
    chunks = [START - LOOKBACK + number * 6 * HOUR for number in range(7)]
    assert run_all(stuck) == [text(start) for start in chunks]
    for _ in range(4):
        end = stuck.clock.moment - SAFETY_DELAY
        stuck.clock.advance(15 * MINUTE)
        assert run_all(stuck) == [text(chunks[0]), text(end - LOOKBACK)]
        assert stuck.watermark() == START
    mend(stuck, START + HOUR)
    stuck.clock.advance(15 * MINUTE)
    run_all(stuck)
    assert stuck.watermark() == stuck.clock.moment - SAFETY_DELAY
    assert differences(stuck) == []


def test_a_chunk_that_is_mended_leads_the_watermark_to_the_end_at_once(stuck):
    run_all(stuck)
    mend(stuck, START + HOUR)
    context = stuck.context()
    stuck.clock.advance(15 * MINUTE)
    [part, _] = stuck.plan(context)
    stuck.load(part, context)
    assert stuck.watermark() == MONDAY_NOON - SAFETY_DELAY


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("late"), st.integers(0, 11 * 60)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
        st.just(("run", 0)),
    ),
    max_size=14,
)


@settings(max_examples=examples(12, everything=24), deadline=None, suppress_health_check=list(HealthCheck))
@given(before=EVENTS, after=EVENTS)
def test_no_order_that_is_committed_late_is_lost_behind_a_stuck_chunk(runs, tmp_path, before, after):
    settings_file(tmp_path, chunk_hours=12, max_quarantined=0)
    runs.sandbox.reset()
    for table in ("etl_window", "etl_watermark", "aftersales_refund_refund_search"):
        runs.rows(f"DELETE FROM {table}")
    runs.clock.set(MONDAY_NOON)
    runs.fill(9, START, MONDAY_NOON - HOUR)
    poison(runs, START + HOUR)
    number = 1000
    for events in ([("run", 0), *before], [("run", 0), *after]):
        for what, how_much in events:
            if what == "late":  # as late as lookback and safety delay allow
                number += 1
                poison(runs, runs.clock.moment - timedelta(seconds=how_much), number, f"TK{number}")
            elif what == "wait":
                runs.clock.advance(how_much * MINUTE)
            else:
                run_all(runs)
        mend(runs, START + HOUR)
    for _ in range(2):
        runs.clock.advance(15 * MINUTE)
        run_all(runs)

    there = {row["refund_id"] for row in runs.heads("refund_id")}
    assert {order["refund_id"] for order in runs.orders()} - there == set()
    assert runs.watermark() == runs.clock.moment - SAFETY_DELAY


# Inside one task


@pytest.fixture
def chunks(runs: AftersalesRuns, tmp_path: Path) -> AftersalesRuns:
    """A chunk that is cut into ten pieces of some hundred orders."""
    settings_file(tmp_path, page_size=50, chunk_orders=100, max_quarantined=0, fetchers=1)
    runs.fill(450, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    return runs


@pytest.mark.long
def test_chunks_behind_a_failed_chunk_are_loaded(chunks):
    poison(chunks, MONDAY_NOON - 8 * HOUR)
    with pytest.raises(AirflowFailException, match=r"1 of .* records cannot be used"):
        chunks.run()
    [failed] = [row for row in chunks.certificates() if row["verdict"] != "complete"]
    complete = [row for row in chunks.certificates() if row["verdict"] == "complete"]
    assert min(row["window_from"] for row in complete) < failed["window_from"]
    assert max(row["window_to"] for row in complete) == (MONDAY_NOON - SAFETY_DELAY).replace(tzinfo=None)
    inside = sum(
        failed["window_from"] <= modified.replace(tzinfo=None) < failed["window_to"]
        for _, modified in chunks.versions()
    )
    assert len(chunks.heads("refund_id")) == 451 - inside
    mend(chunks, MONDAY_NOON - 8 * HOUR)
    chunks.run()
    assert chunks.watermark() == MONDAY_NOON - SAFETY_DELAY
    assert differences(chunks) == []


@pytest.mark.long
def test_a_task_names_all_its_failed_chunks(chunks):
    for number, hours in enumerate((9, 5, 2)):
        poison(chunks, MONDAY_NOON - hours * HOUR + number * MINUTE, 90 + number)
    with pytest.raises(ChunksFailed, match=r"^3 chunks failed: .*") as caught:
        chunks.run()
    failed = [row for row in chunks.certificates() if row["verdict"] != "complete"]
    assert [row["error"] for row in failed] == [str(error) for error in caught.value.errors]
    for row in failed:
        assert f"{row['window_from']} to {row['window_to']}" in str(caught.value)


@pytest.mark.long
def test_an_unreachable_vendor_is_not_asked_for_each_chunk(chunks):
    context = chunks.context()
    *_, part = chunks.plan(context)
    chunks.sandbox.fault(QIMEN, "reset", after=8)
    with pytest.raises(ChunksFailed, match="and what comes behind was not tried") as caught:
        chunks.load(part, context)
    assert {type(error) for error in caught.value.errors} == {NoAnswer}
    # What each of the two buffers had read before may be published meanwhile, and the count begins anew.
    assert IN_SUCCESSION <= len(caught.value.errors) < 3 * IN_SUCCESSION
    *_, left = chunks.certificates()
    assert (left["verdict"], left["error"][:10]) == ("failed", "not tried:")
    assert (left["calls"], f"{left['window_to']}+08:00") == (0, part["window_to"].replace("T", " "))
    chunks.sandbox.mend()
    chunks.load(part, context)
    assert differences(chunks) == []


def test_windows_whose_first_page_is_lost_now_and_then_end_nothing(runs):
    """A run that was tried before has holes: three of them are lost, and each time the next one came."""
    runs.fill(40, START, MONDAY_NOON - HOUR)
    context = runs.context()
    *_, part = runs.plan(context)
    start = datetime.fromisoformat(part["window_from"])
    holes = [Window(start + number * HOUR, start + (number + 1) * HOUR) for number in range(0, 12, 2)]
    with open_target("bi_mysql") as session:
        ledger, run_id = WindowLedger(session), context["dag_run"].run_id
        for hole in holes:
            done = Window(hole.end, hole.end + HOUR if hole != holes[-1] else MONDAY_NOON)
            number = ledger.open(LoadKey(PIPELINE, "flagship", done, SCHEDULED, run_id), MONDAY_NOON)
            ledger.close(number, Certificate(COMPLETE))
    for number in range(3):
        runs.sandbox.fault(QIMEN, "reset", times=ATTEMPTS, after=number)
    with pytest.raises(ChunksFailed, match=r"^3 chunks failed: ") as caught:
        runs.load(part, context)
    assert {type(error) for error in caught.value.errors} == {NoAnswer}
    loaded = [
        row["window_from"] for row in runs.certificates() if row["calls"] and row["verdict"] == COMPLETE
    ]
    assert loaded == [holes[number].start.replace(tzinfo=None) for number in (1, 3, 5)]
