"""A whole morning of failing tries, simulated: when they fall, and that they end."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.deadlines.due_times import Schedule, wait_before_next_try

START = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
SECONDS = st.integers(5, 3600).map(lambda number: timedelta(seconds=number))
NO_TIME = timedelta(0)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    due = START + timedelta(seconds=draw(st.integers(60, 3 * 3600)))
    given_up = due + timedelta(seconds=draw(st.integers(0, 3 * 3600)))
    return Schedule(START, due, given_up, draw(SECONDS), draw(SECONDS))


def failing_tries(schedule: Schedule, first: datetime, took: timedelta = NO_TIME) -> list[datetime]:
    """Return the moments at which tries begin, if each one fails after ``took``."""
    begins = [first]
    while (wait := wait_before_next_try(schedule, begins[-1] + took)) is not None:
        begins.append(begins[-1] + took + wait)
        assert len(begins) < 5000, "it never ends"
    return begins


@given(schedules(), st.integers(0, 3600))
def test_a_try_falls_on_each_deadline_itself_and_none_after_the_last(schedule, started_after):
    first = min(START + timedelta(seconds=started_after), schedule.due_at)

    tries = failing_tries(schedule, first)

    assert schedule.due_at in tries
    assert tries[-1] == schedule.gives_up_at


@given(schedules())
def test_the_pace_is_kept_except_to_meet_a_deadline(schedule):
    tries = failing_tries(schedule, START)

    for earlier, later in pairwise(tries):
        pace = schedule.retry_every if earlier < schedule.due_at else schedule.retry_late_every
        assert later - earlier == pace or (
            later in (schedule.due_at, schedule.gives_up_at) and later - earlier < pace
        )


@given(schedules(), st.integers(1, 300).map(lambda number: timedelta(seconds=number)))
def test_slow_tries_end_too_and_none_begins_after_the_last_deadline(schedule, took):
    tries = failing_tries(schedule, START, took)

    assert tries[-1] <= schedule.gives_up_at
    assert tries[-1] + took >= schedule.gives_up_at


@given(schedules(), st.integers(-7200, 8 * 3600))
def test_a_wait_is_never_nothing_so_that_no_loop_spins(schedule, offset):
    wait = wait_before_next_try(schedule, START + timedelta(seconds=offset))

    assert wait is None or wait > NO_TIME


def test_the_usual_morning_is_30_tries_a_minute_apart_then_six_five_minutes_apart():
    half_hour = timedelta(minutes=30)
    usual = Schedule(
        START, START + half_hour, START + 2 * half_hour, timedelta(minutes=1), timedelta(minutes=5)
    )

    minutes = [(moment - START).seconds // 60 for moment in failing_tries(usual, START)]

    assert minutes == [*range(31), 35, 40, 45, 50, 55, 60]


def test_after_the_last_deadline_there_is_no_patience_left():
    usual = Schedule(START, START, START, timedelta(minutes=1), timedelta(minutes=5))

    assert wait_before_next_try(usual, START) is None
    assert wait_before_next_try(usual, START + timedelta(days=1)) is None
