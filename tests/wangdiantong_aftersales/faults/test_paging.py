"""Orders move between the pages while they are read, and pages lie: nothing is lost, or nothing is published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import local_time
from retail_pipeline.errors import TransientApiError
from tests.wangdiantong_aftersales.runs import MONDAY_NOON, QIMEN, AftersalesRuns, differences, settings_file

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
END = MONDAY_NOON - MINUTE
# 23 orders on pages of 5: the first page tells the total, then pages 4 to 0.
ORDERS, PAGES = 23, 5


@pytest.fixture
def part(runs: AftersalesRuns) -> dict[str, Any]:
    """The chunk that holds all orders; the one before it, which holds none, is loaded."""
    runs.fill(ORDERS, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.this = runs.context()
    before, part = runs.plan(runs.this)
    runs.load(before, runs.this)
    return part


def last_certificate(runs: AftersalesRuns) -> dict[str, Any]:
    return runs.certificates()[-1]


def not_there(runs: AftersalesRuns) -> list[int]:
    """Orders whose present version belongs to the window, and is not in the table."""
    there = {(row["refund_id"], row["modified_date"]) for row in runs.heads("refund_id, modified_date")}
    wanted = {(order["refund_id"], datetime.fromisoformat(order["modified_date"])) for order in runs.orders()}
    return [number for number, modified in wanted - there if modified <= local_time(END)]


def test_pages_are_read_from_the_last_to_the_first(runs, part, tmp_path):
    settings_file(tmp_path, fetchers=1)
    asked = len(runs.searches())
    runs.load(part, runs.this)
    assert [search["page"] for search in runs.searches()[asked:]] == [0, 4, 3, 2, 1, 0]
    row = last_certificate(runs)
    assert (row["pages"], row["passes"], row["calls"]) == (PAGES, 1, PAGES + 1)


@pytest.mark.parametrize("orders", [0, 1, 4])
def test_a_window_of_one_page_needs_one_call(runs, orders):
    runs.fill(orders, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    row = last_certificate(runs)
    assert (row["source_keys"], row["pages"], row["calls"]) == (orders, 1, 1)
    assert differences(runs) == []


@pytest.mark.parametrize("orders", [5, 6, 10, 11])
def test_several_pages_need_one_call_more_and_a_look_behind_a_full_last_one(runs, orders):
    runs.fill(orders, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    row = last_certificate(runs)
    assert row["calls"] == row["pages"] + 1 == orders // 5 + 2
    assert differences(runs) == []


@pytest.mark.parametrize(("after", "fetchers"), [*((after, 4) for after in range(6)), (3, 1)])
def test_orders_that_move_once_are_not_lost(runs, part, tmp_path, after, fetchers):
    settings_file(tmp_path, fetchers=fetchers)
    runs.sandbox.fault(QIMEN, "orders_move", count=3, times=1, after=after)
    runs.load(part, runs.this)
    row = last_certificate(runs)
    # Before the first call they are gone already; while it pages, the window is read again.
    assert (row["verdict"], row["passes"]) == ("complete", 1 if after == 0 else 2)
    assert row["source_total"] == ORDERS - 3
    assert not_there(runs) == []
    runs.run_until_current()
    assert differences(runs) == []


@pytest.mark.parametrize("count", [1, 2])
def test_orders_that_move_at_every_call_are_not_lost(runs, part, count):
    runs.sandbox.fault(QIMEN, "orders_move", count=count, times=11)
    runs.load(part, runs.this)
    row = last_certificate(runs)
    assert (row["verdict"], row["passes"]) == ("complete", 2)
    assert row["missing_keys"] is None
    assert not_there(runs) == []
    runs.sandbox.mend()
    runs.run_until_current()
    assert differences(runs) == []


@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_orders_that_arrive_once_are_read(runs, part, after):
    runs.sandbox.fault(QIMEN, "orders_arrive", count=2, times=1, after=after)
    runs.load(part, runs.this)
    row = last_certificate(runs)
    assert (row["verdict"], row["source_keys"]) == ("complete", ORDERS + 2)
    assert row["passes"] == (1 if after == 0 else 2)
    assert differences(runs) == []


def nothing_is_published(runs: AftersalesRuns, error: Exception) -> bool:
    row = last_certificate(runs)
    assert (row["verdict"], row["error"]) == ("failed", str(error))
    assert runs.heads() == []
    assert runs.rows("SELECT * FROM aftersales_refund_refund_search_detail") == []
    return runs.watermark() == END.replace(day=22, hour=23, minute=50)


def test_a_window_that_never_holds_still_fails_loudly_and_is_bounded(runs, part, tmp_path):
    settings_file(tmp_path, max_attempts=3)
    runs.sandbox.fault(QIMEN, "orders_arrive", count=1)
    with pytest.raises(TransientApiError, match="kept moving while the window was read 3 times") as caught:
        runs.load(part, runs.this)
    assert nothing_is_published(runs, caught.value)
    assert last_certificate(runs)["calls"] < 3 * (PAGES + 6)
    runs.sandbox.mend()
    runs.load(part, runs.this)
    assert differences(runs) == []


LIES = [
    {"kind": "empty_page"},
    {"kind": "short_page", "count": 1},
    {"kind": "duplicate_record"},
    {"kind": "duplicate_page"},
    {"kind": "wrong_total", "by": 1},
    {"kind": "wrong_total", "by": -1},
    {"kind": "wrong_total", "by": 5},
    {"kind": "wrong_total", "by": -5},
    {"kind": "wrong_total", "by": -23},
]


def named(lie: dict[str, Any]) -> str:
    return "".join(str(value) for value in lie.values())


@pytest.mark.parametrize("after", [1, 5])
@pytest.mark.parametrize("lie", LIES, ids=named)
def test_a_page_that_lies_once_is_read_again(runs, part, lie, after):
    runs.sandbox.fault(QIMEN, times=1, after=after, **lie)
    runs.load(part, runs.this)
    row = last_certificate(runs)
    assert (row["verdict"], row["passes"], row["source_keys"]) == ("complete", 2, ORDERS)
    assert differences(runs) == []


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie["kind"] == "wrong_total"], ids=named)
def test_a_first_total_that_lies_is_not_believed(runs, part, lie):
    runs.sandbox.fault(QIMEN, times=1, **lie)
    runs.load(part, runs.this)
    row = last_certificate(runs)
    assert (row["verdict"], row["source_total"], row["source_keys"]) == ("complete", ORDERS, ORDERS)
    assert differences(runs) == []


@pytest.mark.parametrize("lie", LIES, ids=named)
def test_pages_that_always_lie_fail_loudly(runs, part, lie):
    runs.sandbox.fault(QIMEN, **lie)
    with pytest.raises(TransientApiError, match="wangdiantong") as caught:
        runs.load(part, runs.this)
    assert nothing_is_published(runs, caught.value)


@pytest.mark.parametrize("lie", [*LIES[:3], *LIES[4:6]], ids=named)
def test_a_single_page_that_always_lies_fails_loudly(runs, lie):
    runs.fill(4, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    runs.sandbox.fault(QIMEN, **lie)
    with pytest.raises(TransientApiError) as caught:
        runs.load(part, context)
    assert nothing_is_published(runs, caught.value)


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie["kind"] != "wrong_total"], ids=named)
def test_pages_that_lie_while_orders_move_are_not_believed(runs, part, lie):
    """One page at a time, orders may leave the window, but a page may still not lack what it must have."""
    runs.sandbox.fault(QIMEN, "orders_move", count=1, times=1, after=2)
    runs.sandbox.fault(QIMEN, times=1, after=9, **lie)
    runs.load(part, runs.this)
    assert last_certificate(runs)["passes"] >= 2
    assert not_there(runs) == []
    runs.run_until_current()
    assert differences(runs) == []
