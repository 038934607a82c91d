"""A failure is open until later certificates cover its window."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.windows.open_failures import open_failures

NOON = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001 (as the column shows it)
SINCE = datetime(2026, 11, 21, 12, 0, tzinfo=SHANGHAI)
NUMBERS = count(1)


def row(start: float, end: float, verdict: str = "complete", **changes: Any) -> dict[str, Any]:
    """Return a certificate, of hours since noon."""
    return {
        "id": next(NUMBERS), "account": "flagship", "filters": "", "purpose": "scheduled", "run_id": "r1",
        "verdict": verdict, "window_from": NOON + timedelta(hours=start),
        "window_to": NOON + timedelta(hours=end), **changes,
    }  # fmt: skip


@pytest.mark.parametrize("verdict", ["failed", "stopped", "incomplete"])
def test_what_is_not_complete_is_open(verdict):
    failed = row(0, 1, verdict)

    assert open_failures([row(0, 1, id=0), failed], SINCE) == {failed["id"]}


@pytest.mark.parametrize("later", [[(0, 1)], [(-1, 3)], [(0.5, 2), (-1, 0.5)]])
def test_what_later_ones_cover_is_not_open(later):
    failed = row(0, 1, "failed")

    assert open_failures([failed, *(row(*window) for window in later)], SINCE) == set()


@pytest.mark.parametrize(
    "later",
    [
        (0, 0.9, {}),
        (0, 1, {"account": "outlet"}),
        (0, 1, {"filters": "shop_nos=1"}),
        (0, 1, {"purpose": "reconcile"}),
        (0, 1, {"verdict": "failed"}),
        (0, 1, {"id": 0}),
    ],
    ids=["a part", "another account", "some shops", "a comparison", "failed", "earlier"],
)
def test_what_does_not_load_all_of_it_leaves_it_open(later):
    start, end, changes = later
    failed = row(0, 1, "failed")

    assert failed["id"] in open_failures([failed, row(start, end, **changes)], SINCE)


def test_a_comparison_that_failed_is_made_up_for_by_a_comparison_alone():
    failed = row(0, 1, "failed", purpose="reconcile")

    assert open_failures([failed, row(0, 1)], SINCE) == {failed["id"]}
    assert open_failures([failed, row(0, 1, purpose="reconcile")], SINCE) == set()


def test_a_part_is_covered_by_the_whole_and_by_itself():
    failed = row(0, 1, "failed", filters="shop_nos=1")

    assert open_failures([failed, row(0, 1)], SINCE) == set()
    assert open_failures([failed, row(0, 1, filters="shop_nos=1")], SINCE) == set()


def test_a_run_that_never_knew_its_window_is_covered_by_what_was_read_over_its_moment():
    failed = row(0, 0, "failed")

    assert open_failures([failed, row(-1, 0)], SINCE) == {failed["id"]}
    assert open_failures([failed, row(-1, 1)], SINCE) == set()


def test_a_single_order_is_covered_by_no_window():
    failed = row(0, 0, "failed", filters="refund_no=TK1")

    assert open_failures([failed, row(-1, 1)], SINCE) == {failed["id"]}


def test_but_by_a_later_try_of_the_same_run():
    failed = row(0, 0, "failed", filters="keys")
    again, of_others = row(1, 1, filters="keys"), row(1, 1, filters="keys", run_id="r2")

    assert open_failures([failed, of_others], SINCE) == {failed["id"]}
    assert open_failures([failed, again], SINCE) == set()


def test_what_lies_before_is_not_asked_for():
    failed = row(-50, -47, "failed")

    assert open_failures([failed, row(-48, -47)], SINCE) == set()


WINDOWS = st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(WINDOWS, st.lists(WINDOWS, max_size=6))
def test_it_is_open_just_as_long_as_an_hour_of_it_is_not_covered(window, later):
    failed = row(*window, "failed")
    hours = {hour for start, end in later for hour in range(start, end)}

    covered = set(range(*window)) <= hours
    assert (open_failures([failed, *(row(*each) for each in later)], SINCE) == set()) is covered
