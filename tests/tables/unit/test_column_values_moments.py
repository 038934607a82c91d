from __future__ import annotations

import pytest

from retail_pipeline.tables.description import flag, moment
from tests.tables.unit.one_column import converted, refusal

TIME, YES_NO = moment("it"), flag("it")
STAMP = 1795312800000
GOOD_TIME = "2026-11-22 10:00:00"
NO_TIMES = [
    True,
    False,
    [],
    {},
    [GOOD_TIME],
    list(range(13)),
    dict.fromkeys("abcdefghijklm"),
    "now",
    "2026-02-30 00:00:00",
    "2025-02-29 10:00:00",
    "2026-13-01 00:00:00",
    "2026-11-22 24:00:01",
    "2026-11-22 10:60:00",
    "2026-11-22 10:00:60",
    "0000-00-00 12:00:00",
    "0000-01-01 00:00:00",
    "2026-00-10 00:00:00",
    "22.11.2026",
    1,
    -1,
    20261122,
    999_999_999,
    4_102_416_000,
    631_123_199_999,
    4_102_416_000_000,
    1795312800000000,
    "17953128000",
    "-1795312800",
    "179531280000x",
    "2026-11-22 10:00:00\n",
    "2026-11-22 10:00:00\n2026-11-22 11:00:00",
    "2026-11-22 10:00:00\0",
    "２０２６-11-22 10:00:00",
    "１７９５３１２８０００００",
    10**17,
    10**30,
    -(10**17),
]
# Alone, beside what the source documents, and beside what sends a column through value by value.
beside = pytest.mark.parametrize("neighbours", [[], [GOOD_TIME], [STAMP]], ids=repr)
alone_or_not = pytest.mark.parametrize("neighbours", [[], [STAMP]], ids=repr)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (GOOD_TIME, GOOD_TIME),
        ("2026-11-22 23:59:59", "2026-11-22 23:59:59"),
        ("2024-02-29 00:00:00", "2024-02-29 00:00:00"),
        ("2026-11-22", "2026-11-22 00:00:00"),
        ("2026-11-22T10:00:00", GOOD_TIME),
        ("2026-11-22 10:00:00.123", "2026-11-22 10:00:00.123000"),
        ("2026-11-22 10:00:00.120000", "2026-11-22 10:00:00.120000"),
        ("2026-11-22 10:00:00.000", GOOD_TIME),
        (1795312800000, GOOD_TIME),
        ("1795312800000", GOOD_TIME),
        (1795312800123, "2026-11-22 10:00:00.123000"),
        ("1795312800123", "2026-11-22 10:00:00.123000"),
        (1795312800, GOOD_TIME),
        ("1795312800", GOOD_TIME),
        (1_000_000_000, "2001-09-09 09:46:40"),
        (4_102_415_999, "2099-12-31 23:59:59"),
        (631_123_200_000, "1990-01-01 00:00:00"),
        (4_102_415_999_999, "2099-12-31 23:59:59.999000"),
        ("1970-01-01 08:00:00", "1970-01-01 08:00:00"),
        ("9999-12-31 23:59:59", "9999-12-31 23:59:59"),
    ],
)
@beside
def test_times_are_what_clocks_in_shanghai_show_to_the_millisecond(value, shown, neighbours):
    assert converted(TIME, *neighbours, value)[-1] == shown


@pytest.mark.parametrize("nothing", [None, "", 0, "0000-00-00", "0000-00-00 00:00:00"])
@beside
def test_a_time_that_says_never_is_null(nothing, neighbours):
    assert converted(TIME, *neighbours, nothing)[-1] is None
    assert converted(TIME, nothing, *neighbours)[0] is None


@pytest.mark.parametrize("value", NO_TIMES, ids=lambda value: repr(value)[:40])
@alone_or_not
def test_what_is_no_time_is_refused(value, neighbours):
    assert refusal(TIME, *neighbours, value).reason == "not_a_time"


@pytest.mark.parametrize("zone", ["Z", "+08:00", "+00:00", "-05:00"])
@alone_or_not
def test_a_time_that_names_a_zone_is_not_guessed_at(zone, neighbours):
    assert refusal(TIME, *neighbours, f"{GOOD_TIME}{zone}").reason == "not_a_time"


@pytest.mark.parametrize("digits", ["1234", "0001", "123456", "1234567", "1230001"])
@alone_or_not
def test_a_time_that_is_finer_than_a_column_can_hold_is_neither_cut_nor_rounded(digits, neighbours):
    refusal(TIME, *neighbours, f"{GOOD_TIME}.{digits}")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, 1),
        (False, 0),
        (1, 1),
        (0, 0),
        ("1", 1),
        ("0", 0),
        ("true", 1),
        ("false", 0),
        (None, None),
        ("", None),
    ],
)
def test_flags_are_one_or_zero_however_they_are_written(value, kept):
    found = converted(YES_NO, value)

    assert found == [kept]
    assert type(found[0]) is type(kept)


@pytest.mark.parametrize(
    "value", [2, -1, "yes", "TRUE", "01", " 1", "1.0", "\0", [], [1], {}, 2**63], ids=repr
)
@pytest.mark.parametrize("neighbours", [[], [True]])
def test_what_is_no_flag_is_refused(value, neighbours):
    assert refusal(YES_NO, *neighbours, value).reason == "not_a_flag"
