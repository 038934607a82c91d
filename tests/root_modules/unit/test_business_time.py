from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import (
    SHANGHAI,
    at,
    business_date_of_run,
    compact_date,
    day_window,
    midnight_millis,
)

DAYS = st.dates(date(1992, 1, 1), date(2100, 12, 31))
UTC = UTC


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 1, 31), "2026-02-01"),
        (date(2024, 2, 28), "2024-02-29"),
        (date(2026, 2, 28), "2026-03-01"),
        (date(2026, 12, 31), "2027-01-01"),
    ],
)
def test_a_business_day_ends_at_the_next_midnight_also_over_month_and_year(day, end):
    assert day_window(day).end.isoformat() == f"{end}T00:00:00+08:00"


@given(DAYS)
def test_business_days_are_24_hours_long_and_leave_no_gap(day):
    window = day_window(day)

    assert window.end - window.start == timedelta(hours=24)
    assert window.end == day_window(day + timedelta(days=1)).start


@pytest.mark.parametrize(
    ("run", "day"),
    [
        (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), date(2026, 11, 22)),  # 10:00 in Shanghai
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), date(2026, 11, 22)),  # 05:00 on the 23rd in Shanghai
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), date(2026, 11, 21)),  # a second before midnight
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), date(2026, 11, 22)),  # midnight in Shanghai
        (datetime(2026, 12, 31, 21, 0, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2027, 1, 1, 10, 0, tzinfo=SHANGHAI), date(2026, 12, 31)),
        (datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI), date(2024, 2, 29)),
    ],
)
def test_a_run_is_about_the_day_before_by_shanghai_clocks(run, day):
    assert business_date_of_run(run) == day


@given(DAYS, st.times())
def test_a_business_date_does_not_depend_on_the_zone_of_the_moment(day, clock_time):
    moment = at(day, clock_time)

    assert business_date_of_run(moment) == business_date_of_run(moment.astimezone(UTC))
    assert business_date_of_run(moment) == day - timedelta(days=1)


def test_a_moment_is_what_shanghai_clocks_show():
    assert at(date(2026, 11, 23), time(10, 30)).isoformat() == "2026-11-23T10:30:00+08:00"


def test_wechat_dates_are_padded():
    assert compact_date(date(2026, 1, 5)) == "20260105"


def test_youshu_sample_day_gives_the_millis_of_its_page():
    assert midnight_millis(date(2022, 1, 27)) == "1643212800000"


@given(st.dates(date(2002, 1, 1), date(2100, 12, 31)))
def test_millis_are_13_digits_of_a_shanghai_midnight(day):
    text = midnight_millis(day)

    assert len(text) == 13
    assert datetime.fromtimestamp(int(text) / 1000, SHANGHAI) == day_window(day).start
