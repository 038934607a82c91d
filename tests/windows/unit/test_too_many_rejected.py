"""When so much of a window cannot be used that none of it is published."""

from __future__ import annotations

import pytest

from retail_pipeline.errors import CheckFailed
from retail_pipeline.settings.retail import LoadSettings
from retail_pipeline.windows.quarantine import MIN_FOR_A_SHARE, Rejected, TooManyRejected, refuse_too_many

SETTINGS = LoadSettings(max_quarantined=20, max_quarantined_share=0.05)


def rejected(count: int) -> list[Rejected]:
    return [Rejected(b"{}", str(number), "not_json", "") for number in range(count)]


@pytest.mark.parametrize(
    ("count", "of"), [(0, 0), (0, 1000), (5, 100), (20, 1000), (20, 400), (3, 3), (20, 99)]
)
def test_as_many_as_are_allowed_may_be_set_aside(count, of):
    refuse_too_many(rejected(count), of, SETTINGS)


@pytest.mark.parametrize(("count", "of"), [(6, 100), (21, 1000), (21, 21), (20, 399)])
def test_more_than_that_stop_the_window(count, of):
    with pytest.raises(TooManyRejected, match=f"{count} of {of} records cannot be used"):
        refuse_too_many(rejected(count), of, SETTINGS)


def test_of_a_handful_the_share_says_nothing():
    refuse_too_many(rejected(MIN_FOR_A_SHARE // 5), MIN_FOR_A_SHARE - 1, SETTINGS)
    with pytest.raises(TooManyRejected):
        refuse_too_many(rejected(MIN_FOR_A_SHARE // 5), MIN_FOR_A_SHARE, SETTINGS)


def test_who_is_stopped_gets_the_records_and_is_told_where_to_look():
    with pytest.raises(CheckFailed, match=r"allowed: 20, or 5%.*retail quarantine list") as caught:
        refuse_too_many(rejected(21), 1000, SETTINGS)

    assert caught.value.rejected == rejected(21)


def test_nothing_may_be_set_aside_where_the_settings_say_so():
    with pytest.raises(TooManyRejected):
        refuse_too_many(rejected(1), 1, LoadSettings(max_quarantined=0))
