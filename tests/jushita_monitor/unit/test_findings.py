"""What the figures mean: each limit from both of its sides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.jushita_monitor.findings import (
    Backlog,
    Delays,
    Kept,
    Volume,
    lag_finding,
    own_lag_finding,
    retention_finding,
    seller_finding,
    usual,
    volume_finding,
)
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from retail_pipeline.settings.jushita_monitor import FeedLag, FeedVolume, OwnLag, Retention
from retail_pipeline.vendors.taobao.client import DELETED, EXPIRED, NORMAL, PAUSED

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
PLACE = "rds/jdp_tb_trade"
MONTH = 30 * DAY


def judged(status: int, since: datetime = NOW, gone_since: datetime | None = None):
    return seller_finding(Seller(7, "素白_家居", status, "rm-1", since, gone_since), MONTH, NOW)


@pytest.mark.parametrize("status", [NORMAL, DELETED])
def test_a_seller_who_is_pushed_or_was_removed_is_fine(status):
    assert judged(status, NOW - 400 * DAY).kind is None


@pytest.mark.parametrize(
    ("ago", "kind", "words"),
    [
        (0 * DAY, IncidentKind.INCIDENT, "at most 30 days left"),
        (HOUR, IncidentKind.INCIDENT, "at most 30 days left"),
        (23 * DAY - timedelta(seconds=1), IncidentKind.INCIDENT, "at most 8 days left"),
        (23 * DAY, IncidentKind.WEEK_LEFT, "at most 7 days left"),
        (29 * DAY - timedelta(seconds=1), IncidentKind.WEEK_LEFT, "at most 2 days left"),
        (29 * DAY, IncidentKind.DAY_LEFT, "at most 1 day left"),
        (30 * DAY, IncidentKind.DAY_LEFT, "may remove the seller at any time"),
        (45 * DAY, IncidentKind.DAY_LEFT, "may remove the seller at any time"),
    ],
)
def test_a_standstill_tells_how_much_of_the_month_is_left(ago, kind, words):
    found = judged(EXPIRED, NOW - ago)
    assert found.kind is kind
    assert words in found.what
    assert "authorise" in found.do


@pytest.mark.parametrize(
    ("status", "words"), [(EXPIRED, "session expired"), (PAUSED, "push is paused"), (9, "status 9")]
)
def test_a_standstill_says_which_one(status, words):
    found = judged(status)
    assert words in found.what
    assert found.subject == "seller 素白_家居"
    assert "2026-11-23 12:00:00" in found.why


@pytest.mark.parametrize("status", [NORMAL, EXPIRED, PAUSED])
def test_a_seller_who_vanished_is_told(status):
    found = judged(status, gone_since=NOW)
    assert found.kind is IncidentKind.GONE
    assert "not removed by us" in found.what


def test_a_seller_whom_we_removed_may_vanish():
    assert judged(DELETED, gone_since=NOW).kind is None


LAG = FeedLag(
    median_seconds=10, p99_seconds=1200, share_over_3_seconds=0.1, share_over_20_minutes=0.02, min_rows=100
)
WORST = {"median_seconds": 10, "p99_seconds": 1200, "over_3_seconds": 0.1, "over_20_minutes": 0.02}


def lag(rows: int = 100, **changes):
    return lag_finding(PLACE, Delays(**{"rows_measured": rows, **WORST, **changes}), LAG)


def test_a_push_within_every_limit_is_fine_and_says_its_figures():
    found = lag()
    assert found.kind is None
    for words in ("of 100 rows", "median 10 s", "p99 1200 s", "over 3 s 10.0%", "over 20 min 2.0%"):
        assert words in found.why


@pytest.mark.parametrize("name", WORST)
def test_each_figure_beyond_its_limit_is_trouble(name):
    assert lag(**{name: WORST[name] * 1.1}).kind is IncidentKind.INCIDENT


def test_of_few_rows_nothing_is_said():
    assert lag(99, median_seconds=9999) is None
    assert lag_finding(PLACE, Delays(0, None, None, None, None), LAG) is None


VOLUME = FeedVolume(min_share=0.5, min_usual_rows=200)


@pytest.mark.parametrize(
    ("rows", "rows_usual", "kind"),
    [(100, 200, None), (99, 200, IncidentKind.INCIDENT), (0, 200, IncidentKind.INCIDENT), (900, 200, None)],
)
def test_a_day_with_less_than_half_of_what_is_usual_is_trouble(rows, rows_usual, kind):
    found = volume_finding(PLACE, Volume(rows, rows_usual), VOLUME)
    assert found.kind is kind
    assert f"{rows} rows of today" in found.why


@pytest.mark.parametrize("rows_usual", [None, 0, 199])
def test_where_little_is_usual_or_nothing_known_nothing_is_said(rows_usual):
    assert volume_finding(PLACE, Volume(0, rows_usual), VOLUME) is None


def test_usual_is_the_median_of_the_nearest_looks_of_seven_days():
    days = [(NOW - number * DAY, rows) for number, rows in enumerate((10, 900, 30, 40, 50, 60, 70), 1)]
    farther = [(NOW - 2 * DAY - timedelta(minutes=20), 1), (NOW - 2 * DAY + timedelta(minutes=20), 2)]
    assert usual([*farther, *days], NOW) == usual([*days, *farther], NOW) == 50


def test_neither_today_nor_what_is_older_than_a_week_is_usual():
    known = [(NOW - number * DAY, 10) for number in (1, 2)]
    assert usual([*known, (NOW - HOUR, 10), (NOW - 8 * DAY, 10)], NOW) is None
    assert usual([*known, (NOW - 7 * DAY, 10)], NOW) == 10


def test_a_look_across_midnight_belongs_to_another_day():
    late = NOW.replace(hour=23, minute=50)
    across = [(late - number * DAY + timedelta(minutes=15), 1) for number in (1, 2, 3, 4)]
    near = [(late - number * DAY - timedelta(minutes=25), 500) for number in (1, 2, 3)]
    assert usual([*across, *near], late) == 500


def own(lag_seconds: int, rows: int = 5, before: int | None = None):
    return own_lag_finding(PLACE, Backlog(lag_seconds, rows, before), OwnLag(minutes=30))


def test_our_load_may_be_behind_so_far_and_no_farther():
    assert own(1800).kind is None
    assert own(1801).kind is IncidentKind.INCIDENT
    assert "30 min behind the RDS (limit 30 min), 5 rows wait" in own(1800).why


@pytest.mark.parametrize(
    ("before", "words"),
    [(4, "growing: 4 at the last look"), (6, "shrinking: 6"), (5, "unchanged: 5"), (0, "growing: 0")],
)
def test_a_backlog_tells_its_course(before, words):
    assert words in own(1, 5, before).why


def test_of_the_first_look_no_course_is_told():
    assert own(1).why.endswith("5 rows wait")


def endangered(lag: timedelta, kept: timedelta):
    seconds = Kept(int(lag.total_seconds()), int(kept.total_seconds()))
    return retention_finding(PLACE, seconds, OwnLag(minutes=30), Retention(max_share=0.5))


def test_a_load_may_be_behind_by_half_of_what_is_kept():
    assert endangered(5 * DAY, 10 * DAY).kind is None
    found = endangered(5 * DAY + timedelta(seconds=1), 10 * DAY)
    assert found.kind is IncidentKind.INCIDENT
    assert "may be deleted before" in found.what
    assert "rows stay for 10 days, our load is 5 days behind (50%, limit 50%)" in found.why


def test_a_load_that_is_behind_by_all_of_it_has_lost_rows_perhaps():
    assert "deleted unread" in endangered(10 * DAY, 10 * DAY).what


def test_a_table_that_has_just_begun_endangers_nobody():
    assert endangered(timedelta(minutes=30), timedelta(minutes=31)).kind is None
    assert endangered(timedelta(0), timedelta(0)).kind is None
