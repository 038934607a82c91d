"""Which windows of time a run loads, how they are cut, and what moves the watermark."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import TransientApiError
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from tests.wangdiantong_aftersales.runs import MONDAY_NOON, QIMEN, AftersalesRuns, differences, settings_file

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START = datetime(2026, 11, 22, tzinfo=SHANGHAI)  # from where on the settings say nothing may be missed
END = MONDAY_NOON - MINUTE  # the settle delay
Span = tuple[datetime, datetime]


def spans(parts: list[dict[str, Any]]) -> list[Span]:
    ends = ("window_from", "window_to")
    return [(datetime.fromisoformat(part[ends[0]]), datetime.fromisoformat(part[ends[1]])) for part in parts]


def certified(runs: AftersalesRuns) -> list[Span]:
    return sorted(
        (row["window_from"].replace(tzinfo=SHANGHAI), row["window_to"].replace(tzinfo=SHANGHAI))
        for row in runs.certificates()
        if row["verdict"] == "complete"
    )


def is_chain(found: list[Span], start: datetime, end: datetime) -> bool:
    """No gap and no overlap from start to end."""
    starts, ends = zip(*found, strict=True)
    return (starts[0], ends[-1]) == (start, end) and starts[1:] == ends[:-1]


def asked_windows(searches: list[dict[str, Any]]) -> set[str]:
    return {search["modified_from"] for search in searches}


@pytest.mark.long
def test_a_window_of_several_chunks_is_one_part_each_and_leaves_no_gap(runs, tmp_path):
    settings_file(tmp_path, chunk_hours=6)
    runs.fill(60, START, MONDAY_NOON - HOUR)
    context = runs.context()
    parts = runs.plan(context)
    found = spans(parts)
    assert len(parts) == 7
    assert is_chain(found, START - 10 * MINUTE, END)
    assert {end - start for start, end in found[:-1]} == {6 * HOUR}
    assert parts[0]["shown"].startswith("flagship 11-21 23:50")
    for part in parts:
        runs.load(part, context)
    assert certified(runs) == found
    assert differences(runs) == []


@pytest.mark.long
def test_the_next_window_begins_before_the_last_one_ended(runs, tmp_path):
    settings_file(tmp_path, lookback_minutes=25, safety_delay_seconds=300)
    runs.run()
    assert runs.watermark() == MONDAY_NOON - 5 * MINUTE
    runs.clock.advance(15 * MINUTE)
    [part] = runs.plan(runs.context())
    assert spans([part]) == [(MONDAY_NOON - 30 * MINUTE, MONDAY_NOON + 10 * MINUTE)]


def test_the_lookback_finds_an_order_that_was_committed_late(runs):
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    runs.put({"refund_id": 7, "modified": int((END - 2 * MINUTE).timestamp() * 1000)})
    runs.run_until_current()
    assert differences(runs) == []


def test_an_order_that_changed_a_moment_ago_is_left_to_the_next_run(runs):
    runs.fill(0, START, MONDAY_NOON)
    runs.put({"refund_id": 7, "modified": int((END + timedelta(seconds=1)).timestamp() * 1000)})
    runs.run()
    assert runs.heads() == []
    runs.run_until_current()
    assert differences(runs) == []


@pytest.mark.long
def test_a_chunk_of_too_many_orders_is_cut_into_smaller_chunks(runs, tmp_path):
    settings_file(tmp_path, page_size=50, chunk_orders=100)
    runs.fill(250, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    parts = runs.plan(context)
    for part in parts:
        runs.load(part, context)
    assert is_chain(certified(runs), START - 10 * MINUTE, END)
    assert len(runs.certificates()) > 4
    assert max(row["source_total"] for row in runs.certificates()) <= 100
    assert runs.watermark() == END
    assert differences(runs) == []


@pytest.mark.long
def test_every_call_and_throttle_is_told_on_some_certificate(runs, tmp_path):
    settings_file(tmp_path, page_size=50, chunk_orders=100)
    runs.fill(250, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.sandbox.fault(QIMEN, "throttle", times=1, after=1)
    runs.run()
    told = [(row["calls"], row["throttles"]) for row in runs.certificates()]
    assert sum(throttles for _, throttles in told) == 1
    assert sum(calls for calls, _ in told) == len(runs.searches())


@pytest.mark.long
def test_more_orders_in_one_second_than_a_piece_should_hold_are_loaded_all_the_same(runs, tmp_path):
    settings_file(tmp_path, page_size=50, chunk_orders=100)
    runs.fill(110, MONDAY_NOON - HOUR, MONDAY_NOON - HOUR + timedelta(seconds=1))
    runs.run()
    assert is_chain(certified(runs), START - 10 * MINUTE, END)
    assert differences(runs) == []
    assert len(runs.searches()) < 60


@pytest.mark.long
def test_a_run_that_failed_half_way_goes_on_where_it_was(runs, tmp_path):
    settings_file(tmp_path, page_size=50, chunk_orders=100, fetchers=1)
    runs.fill(250, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    part = runs.plan(context)[-1]
    runs.sandbox.fault(QIMEN, "http_status", status=502, after=11)
    with pytest.raises(TransientApiError):
        runs.load(part, context)
    runs.sandbox.mend()
    done = certified(runs)
    assert len(done) >= 2
    asked = len(runs.searches())
    runs.load(part, context)
    again = runs.searches()[asked:]
    assert not asked_windows(again) & {f"{start:%Y-%m-%d %H:%M:%S}" for start, _ in done}
    assert is_chain(certified(runs), *spans([part])[0])
    assert differences(runs) == []


def test_parts_that_are_done_are_not_read_again_by_the_next_try(runs, tmp_path):
    settings_file(tmp_path, chunk_hours=6)
    context = runs.context()
    parts = runs.plan(context)
    runs.load(parts[2], context)
    asked = len(runs.searches())
    assert runs.load(parts[2], context)["windows"] == 0
    assert len(runs.searches()) == asked


def test_a_run_that_is_cleared_as_a_whole_loads_its_window_again(runs):
    """Airflow keeps its run_id; who clears a run wants it loaded, e.g. after rows were lost."""
    runs.fill(9, MONDAY_NOON - 14 * MINUTE, MONDAY_NOON - 2 * MINUTE)
    context = runs.context("backfill")
    for part in runs.plan(context):
        runs.load(part, context)
    assert differences(runs) == []
    runs.rows("DELETE FROM aftersales_refund_refund_search WHERE refund_id = 51000003")
    runs.clock.advance(HOUR)
    for part in runs.plan(context):
        runs.load(part, context)
    assert differences(runs) == []


def test_a_cleared_scheduled_run_reads_the_lookback_too(runs):
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    for part in runs.plan(context):
        runs.load(part, context)
    runs.put({"refund_id": 7, "modified": int((END - 2 * MINUTE).timestamp() * 1000)})
    runs.clock.advance(15 * MINUTE)
    for part in runs.plan(context):
        runs.load(part, context)
    assert differences(runs) == []


def test_the_watermark_moves_only_along_the_unbroken_chain(runs, tmp_path):
    settings_file(tmp_path, chunk_hours=10)
    runs.fill(30, START, MONDAY_NOON - HOUR)
    context = runs.context()
    parts = runs.plan(context)
    reached = []
    for number in (3, 1, 0, 2):
        runs.load(parts[number], context)
        reached.append(runs.watermark())
    ends = [end for _, end in spans(parts)]
    assert reached == [START, START, ends[1], ends[3]]
    assert differences(runs) == []


def test_parts_that_several_workers_load_at_once_make_one_chain(runs, tmp_path):
    settings_file(tmp_path, chunk_hours=6)
    runs.fill(60, START, MONDAY_NOON - HOUR)
    context = runs.context()
    parts = runs.plan(context)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda part: runs.load(part, context), reversed(parts)))
    assert runs.watermark() == END
    assert certified(runs) == spans(parts)
    assert differences(runs) == []


def test_a_chunk_that_another_scheduled_run_has_loaded_since_is_left_alone(runs):
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    slow = runs.context()
    parts = runs.plan(slow)
    runs.clock.advance(MINUTE)
    runs.run()
    asked = len(runs.searches())
    assert [runs.load(part, slow)["windows"] for part in parts] == [0, 0]
    assert len(runs.searches()) == asked


def test_a_backfill_run_loads_its_own_quarter_of_an_hour_and_leaves_the_watermark(runs):
    runs.fill(40, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    logical = MONDAY_NOON - 2 * HOUR
    runs.run("backfill", logical)
    assert certified(runs) == [(logical - 15 * MINUTE, logical)]
    assert {row["purpose"] for row in runs.certificates()} == {"backfill"}
    assert runs.watermark() is None
    runs.run()
    before = runs.watermark()
    runs.run("backfill", logical)
    runs.run("backfill", MONDAY_NOON)
    assert runs.watermark() == before
    assert differences(runs) == []


def test_an_older_version_never_overwrites_a_newer_one(runs):
    """What a backfill reads may be older than what is there, e.g. of a replica at the vendor's."""
    runs.fill(0, START, MONDAY_NOON)
    newer = {"refund_id": 7, "remark": "newer", "detail_list": [{"goods_no": "N"}] * 2}
    runs.put({**newer, "modified": int((MONDAY_NOON - HOUR).timestamp() * 1000)})
    runs.run()
    older = {"refund_id": 7, "remark": "older", "detail_list": [{"goods_no": "O"}]}
    logical = MONDAY_NOON - 5 * HOUR
    runs.put({**older, "modified": int((logical - MINUTE).timestamp() * 1000)})
    runs.run("backfill", logical)
    assert [row["remark"] for row in runs.heads("remark")] == ["newer"]
    lines = runs.rows("SELECT goods_no FROM aftersales_refund_refund_search_detail")
    assert [row["goods_no"] for row in lines] == ["N", "N"]
    last = runs.certificates()[-1]
    assert (last["verdict"], last["source_keys"], last["target_keys"]) == ("complete", 1, 0)
    assert (last["refused"], last["refused_checksum"]) == (1, last["source_checksum"])


@pytest.mark.parametrize("hours", [-8, 8])
def test_a_vendor_that_reads_our_times_in_another_zone_is_found(runs, monkeypatch, hours):
    search = WangdiantongClient.search_refunds

    def elsewhere(client: WangdiantongClient, filters: dict[str, Any], **paging: int) -> Any:
        moved = {
            name: f"{datetime.fromisoformat(value) + hours * HOUR:%Y-%m-%d %H:%M:%S}"
            for name, value in filters.items()
        }
        return search(client, moved, **paging)

    runs.fill(40, MONDAY_NOON - 30 * HOUR, MONDAY_NOON - 10 * MINUTE)
    monkeypatch.setattr(WangdiantongClient, "search_refunds", elsewhere)
    window = {"window_from": "2026-11-22 18:00:00", "window_to": "2026-11-23 00:00:00"}
    with pytest.raises(AirflowFailException, match="reads its times in another zone; nothing is published"):
        runs.run(run_type="manual", **window)

    assert runs.heads() == []
    assert runs.certificates()[-1]["verdict"] == "failed"
