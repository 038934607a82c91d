from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.windows.rate_limit import RECOVERY, SLOWEST_SHARE, STALE, Bucket
from tests.examples import examples

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta()


def full(budget: float) -> Bucket:
    """The budget of a connection that has not been used for long."""
    return Bucket(budget, budget, NOW - timedelta(days=1))


def calls(bucket: Bucket, arrivals: Iterable[datetime]) -> list[datetime]:
    """Return when calls go out that are wanted at these moments."""
    out = []
    for now in arrivals:
        bucket, wait = bucket.take(now)
        assert wait >= NOTHING
        out.append(now + wait)
    return out


def max_in_a_minute(moments: list[datetime]) -> int:
    return max(sum(start <= other < start + MINUTE for other in moments) for start in moments)


def arrivals_of(bursts: list[tuple[int, int]]) -> list[datetime]:
    """Return moments: so many calls at once, after so many milliseconds."""
    moments, now = [], NOW
    for pause, count in bursts:
        now += timedelta(milliseconds=pause)
        moments += [now] * count
    return moments


BURSTS = st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 40)), min_size=1, max_size=5)
BUDGETS = st.integers(1, 40)


@settings(max_examples=examples(150))
@given(BUDGETS, BURSTS)
@example(60, [(0, 200)])
@example(36, [(0, 100)])
def test_no_minute_has_more_calls_than_the_budget_however_they_come(budget, bursts):
    assert max_in_a_minute(calls(full(budget), arrivals_of(bursts))) <= budget


def test_no_minute_of_a_rush_has_more_calls_than_the_budget_whatever_that_is():
    budgets = range(1, 101)

    most = [max_in_a_minute(calls(full(budget), [NOW] * (budget + 5))) for budget in budgets]

    assert [budget for budget, count in zip(budgets, most, strict=True) if count > budget] == []


@pytest.mark.parametrize("budget", [60, 600, 1200])
def test_turns_that_were_taken_together_and_used_late_do_not_exceed_the_budget_either(budget):
    """The worst case: one bunch is used as late as may be, and all others are taken just then."""
    bucket, first = full(budget), []
    for _ in range(bucket.at_once):
        bucket, wait = bucket.take(NOW)
        first.append(NOW + wait + STALE)

    assert max_in_a_minute(first + calls(bucket, [NOW + STALE] * 2 * budget)) <= budget


def test_nearly_all_of_the_budget_can_be_used():
    out = calls(full(60), [NOW] * 600)

    assert max_in_a_minute(out) >= 55
    assert out[-1] - out[0] < timedelta(minutes=14)


def test_after_a_calm_time_some_calls_may_go_out_at_once():
    out = calls(full(60), [NOW] * 60)

    assert 10 <= out.count(NOW) <= 16


def test_after_that_calls_go_out_evenly():
    out = [moment for moment in calls(full(60), [NOW] * 60) if moment > NOW]

    gaps = {later - earlier for earlier, later in pairwise(out)}
    assert max(gaps) - min(gaps) < timedelta(milliseconds=1)


def test_calls_that_come_slowly_never_wait():
    arrivals = [NOW + timedelta(seconds=2) * number for number in range(100)]

    assert calls(full(60), arrivals) == arrivals


def test_one_call_a_minute_is_the_smallest_budget():
    out = calls(full(1), [NOW] * 5)

    assert out[0] == NOW
    assert max_in_a_minute(out) == 1


def test_a_vendor_that_says_it_was_too_much_gets_half_the_calls():
    assert full(60).slowed(NOW, NOTHING, None).per_minute == 30


@pytest.mark.parametrize("pause", [timedelta(seconds=5), timedelta(minutes=5)])
def test_nothing_goes_out_while_the_vendor_wants_its_pause(pause):
    _, wait = full(60).slowed(NOW, pause, None).take(NOW)

    assert wait == pause


def test_a_pause_does_not_shorten_a_wait_that_is_longer_already():
    busy = Bucket(60, 60, NOW + timedelta(minutes=2))

    assert busy.slowed(NOW, timedelta(seconds=5), None).free_at == busy.free_at


def test_half_the_speed_is_twice_the_gap_between_calls():
    def gap(per_minute: float) -> timedelta:
        first, second = calls(Bucket(60, per_minute, NOW), [NOW - timedelta(hours=1)] * 2)
        return second - first

    assert abs(gap(30) - 2 * gap(60)) < timedelta(milliseconds=1)


@given(BUDGETS, st.lists(st.booleans(), max_size=60))
def test_the_speed_stays_between_the_least_and_the_budget(budget, throttled):
    bucket = full(budget)

    for slow in throttled:
        bucket = bucket.slowed(NOW, NOTHING, bucket.throttled_at) if slow else bucket.take(NOW)[0]
        assert budget * SLOWEST_SHARE <= bucket.per_minute <= budget


def test_the_least_speed_is_reached_and_not_left_downwards():
    bucket = full(64)
    for _ in range(20):
        bucket = bucket.slowed(NOW, NOTHING, bucket.throttled_at)

    assert bucket.per_minute == 64 * SLOWEST_SHARE


def test_the_speed_recovers_with_each_call_until_it_is_the_budget_again():
    bucket, speeds = full(60).slowed(NOW, NOTHING, None), []
    for _ in range(50):
        bucket, _ = bucket.take(NOW)
        speeds.append(bucket.per_minute)

    assert speeds[0] == pytest.approx(30 * RECOVERY)
    assert speeds == sorted(speeds)
    assert speeds[-1] == 60


@settings(max_examples=examples(150))
@given(BUDGETS, BURSTS, st.sets(st.integers(0, 100), max_size=6), st.integers(0, 90))
def test_no_minute_has_more_calls_than_the_budget_while_a_vendor_slows_us_down(
    budget, bursts, throttled, pause
):
    bucket, out = full(budget), []
    for number, now in enumerate(arrivals_of(bursts)):
        if number in throttled:
            bucket = bucket.slowed(now, timedelta(seconds=pause), bucket.throttled_at)
        bucket, wait = bucket.take(now)
        assert number not in throttled or wait >= timedelta(seconds=pause)
        out.append(now + wait)

    assert max_in_a_minute(out) <= budget


def test_a_higher_budget_is_used_after_some_calls():
    bucket = replace(full(30), budget=60)
    for _ in range(50):
        bucket, _ = bucket.take(NOW)

    assert bucket.per_minute == 60


def test_a_lower_budget_is_kept_to_from_the_next_call_on():
    bucket, _ = replace(full(60), budget=10).take(NOW)

    assert bucket.per_minute == 10


def test_a_bucket_is_not_changed_by_who_takes_from_it():
    bucket = full(60)
    before = replace(bucket)

    bucket.take(NOW)
    bucket.slowed(NOW, MINUTE, None)

    assert bucket == before


def test_all_calls_that_went_out_before_a_slowdown_count_once_and_the_longest_pause_holds():
    bucket = full(64)
    for seconds in (5, 70, 5):
        bucket = bucket.slowed(NOW, timedelta(seconds=seconds), None)

    assert (bucket.per_minute, bucket.free_at) == (32, NOW + timedelta(seconds=70))
    again = bucket.slowed(NOW + MINUTE, timedelta(seconds=5), bucket.throttled_at)
    assert (again.per_minute, again.throttled_at) == (16, NOW + MINUTE)
