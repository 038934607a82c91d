"""What the ledger says of a load: each limit from both of its sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.business_time import SHANGHAI, Window
from retail_pipeline.monitors.loads.findings import (
    Begun,
    Certified,
    comparison_finding,
    lag_finding,
    quarantine_finding,
    start_finding,
    windows_finding,
)
from retail_pipeline.settings.load_alerts import LoadAlerts

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIMITS = LoadAlerts(max_lag_minutes=60, max_open_minutes=60, max_quarantined=3)


def certified(
    number: int,
    start: float,
    end: float,
    verdict: str = "complete",
    *,
    ago: timedelta = HOUR,
    filters: str = "",
) -> Certified:
    """Return a certificate of a window that is given in hours from now, begun some time ago."""
    window = Window(NOW + start * HOUR, NOW + end * HOUR)
    complete, differs = verdict == "complete", verdict == "incomplete"
    return Certified(window, verdict, complete, differs, NOW - ago, f"error {number}")


@pytest.mark.parametrize(("minutes", "late"), [(60, False), (61, True)])
def test_a_watermark_that_is_older_than_its_limit_is_late(minutes, late):
    found = lag_finding("load", NOW - minutes * MINUTE, LIMITS, NOW)
    assert (found.kind is IncidentKind.INCIDENT) is late
    assert f"{minutes} min ago (limit 60 min)" in found.why


def test_without_a_limit_or_a_watermark_nothing_is_said_of_the_lag():
    assert lag_finding("load", None, LIMITS, NOW) is None
    assert lag_finding("load", NOW - 9 * HOUR, LoadAlerts(max_lag_minutes=None), NOW) is None


@pytest.mark.parametrize(("ago", "stuck"), [(60, False), (61, True)])
def test_a_window_is_given_the_time_that_its_tries_take(ago, stuck):
    failed = certified(1, -3, -2, "failed", ago=ago * MINUTE)
    assert (windows_finding("load", [failed], LIMITS, NOW).kind is IncidentKind.INCIDENT) is stuck


def test_nothing_open_is_no_news():
    assert windows_finding("load", [], LIMITS, NOW).kind is None


def test_the_first_open_window_and_the_latest_error_are_named():
    open_ = [certified(1, -4, -2, "incomplete", ago=3 * HOUR), certified(2, -4, -1, "failed", ago=MINUTE)]
    why = windows_finding("load", open_, LIMITS, NOW).why
    assert "2026-11-23 08:00:00" in why
    assert "incomplete since 2026-11-23 09:00:00" in why
    assert "error 2" in why


@pytest.mark.parametrize(("records", "many"), [(3, False), (4, True)])
def test_records_in_the_quarantine_have_a_limit(records, many):
    found = quarantine_finding("load", records, LIMITS)
    assert (found.kind is IncidentKind.INCIDENT) is many


@pytest.mark.parametrize(
    ("verdict", "ago", "wrong"),
    [
        ("complete", HOUR, False),
        ("complete", 36 * HOUR, False),
        ("complete", 36 * HOUR + MINUTE, True),
        ("incomplete", MINUTE, True),
        ("failed", HOUR, False),
        ("failed", HOUR + MINUTE, True),
    ],
)
def test_a_comparison_must_have_run_and_must_have_mended_all(verdict, ago, wrong):
    found = comparison_finding("load", certified(1, -72, -1, verdict, ago=ago), Begun(), LIMITS, NOW)
    assert (found.kind is IncidentKind.INCIDENT) is wrong


@pytest.mark.parametrize(
    ("loaded", "wrong"), [(None, False), (36 * HOUR, False), (36 * HOUR + MINUTE, True)], ids=str
)
def test_a_comparison_is_missed_that_never_ran_although_there_was_something_to_compare(loaded, wrong):
    begun = Begun(certified=NOW - 99 * HOUR, loaded=loaded and NOW - loaded)
    found = comparison_finding("load", None, begun, LIMITS, NOW)
    assert (found.kind is IncidentKind.INCIDENT) is wrong


def test_the_rows_that_a_comparison_could_not_have_are_named_the_first_few():
    latest = replace(certified(1, -72, -1, "incomplete"), error=None, missing=[*"12345", "6"], lacking=1234)
    why = comparison_finding("load", latest, Begun(), LIMITS, NOW).why
    assert why.endswith("1234 rows lack or differ, and could not be had: 1, 2, 3, 4, 5 …")
    few = comparison_finding("load", replace(latest, missing=["1"], lacking=1), Begun(), LIMITS, NOW).why
    assert few.endswith(": 1")


@pytest.mark.parametrize(("ago", "wrong"), [(36 * HOUR, False), (36 * HOUR + MINUTE, True)], ids=str)
def test_a_load_that_is_known_and_has_no_watermark_is_missed(ago, wrong):
    found = start_finding("load", None, Begun(certified=NOW - ago), NOW)
    assert (found.kind is IncidentKind.INCIDENT) is wrong
    assert start_finding("load", NOW, Begun(), NOW).kind is None


def test_of_a_load_of_which_nothing_is_known_nothing_is_said():
    assert start_finding("load", None, Begun(), NOW) is None


def test_a_long_error_is_cut():
    failed = certified(1, -4, -2, "failed", ago=3 * HOUR)
    long = Certified(**{**vars(failed), "error": "x" * 5000})
    assert len(windows_finding("load", [long], LIMITS, NOW).why) < 400
