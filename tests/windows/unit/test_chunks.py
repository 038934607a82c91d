from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import SECOND, SHANGHAI, Window
from retail_pipeline.windows.chunks import cut, cut_evenly, missing_intervals

DAY = datetime(2026, 11, 22, tzinfo=SHANGHAI)


def seconds(start: int, end: int) -> Window:
    """A window by the seconds since midnight."""
    return Window(DAY + SECOND * start, DAY + SECOND * end)


def spans(windows: list[Window]) -> list[tuple[int, int]]:
    """Return windows by the seconds since midnight; whole ones only."""
    ends = [((window.start - DAY) / SECOND, (window.end - DAY) / SECOND) for window in windows]
    assert all(end.is_integer() for span in ends for end in span)
    return [(int(start), int(end)) for start, end in ends]


def moments_of(spans: list[tuple[int, int]]) -> list[int]:
    """Return every second that windows hold, one that two of them hold twice."""
    return sorted(second for start, end in spans for second in range(start, end))


LENGTHS = st.integers(1, 500)
WINDOWS = st.tuples(st.integers(-200, 200), LENGTHS).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


def test_a_window_is_cut_into_chunks_of_the_greatest_length_and_a_rest():
    assert spans(cut(seconds(0, 10), SECOND * 4)) == [(0, 4), (4, 8), (8, 10)]


def test_a_window_that_is_short_enough_stays_whole():
    assert spans(cut(seconds(0, 10), SECOND * 10)) == [(0, 10)]


def test_an_empty_window_has_no_chunks():
    assert cut(seconds(5, 5), SECOND) == []
    assert cut_evenly(seconds(5, 5), 3) == []


def tiles(chunks: list[Window], window: tuple[int, int]) -> None:
    found = spans(chunks)
    assert [start for start, _ in found] == [window[0], *(end for _, end in found[:-1])]
    assert found[-1][1] == window[1]
    assert all(start < end for start, end in found)


@given(WINDOWS, LENGTHS)
def test_pieces_follow_each_other_without_gap_or_overlap_and_none_is_too_long(window, longest):
    chunks = cut(seconds(*window), SECOND * longest)

    tiles(chunks, window)
    assert max(end - start for start, end in spans(chunks)) <= longest
    assert len(chunks) == -(-(window[1] - window[0]) // longest)


@given(WINDOWS, st.integers(1, 700))
def test_even_pieces_are_no_more_than_asked_for_and_leave_nothing_out(window, count):
    chunks = cut_evenly(seconds(*window), count)

    tiles(chunks, window)
    assert len(chunks) <= count


@given(st.integers(1, 50), st.integers(1, 20))
def test_even_pieces_are_as_many_as_asked_for_where_the_length_allows(length, count):
    assert len({*spans(cut_evenly(seconds(0, length * count), count))}) == count


@given(WINDOWS, st.integers(1, 700))
def test_even_pieces_are_of_the_same_length_but_for_the_last(window, count):
    *all_but_last, last = [end - start for start, end in spans(cut_evenly(seconds(*window), count))]

    assert len(set(all_but_last)) <= 1
    assert all(last <= length for length in all_but_last)


def test_pieces_of_a_months_window_keep_shanghais_midnights():
    month = Window(DAY, DAY + timedelta(days=30))

    assert {chunk.start.hour for chunk in cut(month, timedelta(hours=24))} == {0}
    assert len(cut(month, timedelta(hours=24))) == 30


def test_what_is_not_done_yet_lies_before_between_and_after_what_is():
    done = [seconds(20, 30), seconds(50, 60)]

    assert spans(missing_intervals(seconds(0, 100), done)) == [(0, 20), (30, 50), (60, 100)]


def test_a_window_of_which_nothing_is_done_is_left_as_it_is():
    assert missing_intervals(seconds(0, 100), []) == [seconds(0, 100)]


def test_a_window_that_is_done_leaves_nothing():
    assert missing_intervals(seconds(0, 100), [seconds(50, 100), seconds(0, 50)]) == []


def test_done_parts_may_reach_beyond_the_window():
    assert spans(missing_intervals(seconds(0, 100), [seconds(-50, 10), seconds(90, 150)])) == [(10, 90)]


@given(WINDOWS, st.lists(WINDOWS, max_size=6))
def test_what_is_left_and_what_is_done_are_the_window_whatever_parts_are_done(window, done):
    left = spans(missing_intervals(seconds(*window), [seconds(*part) for part in done]))

    within = {second for second in moments_of(done) if window[0] <= second < window[1]}
    assert moments_of(left) == sorted(set(range(*window)) - within)


@given(WINDOWS, st.lists(WINDOWS, max_size=6))
def test_what_is_left_is_in_order_and_has_no_empty_parts(window, done):
    left = spans(missing_intervals(seconds(*window), [seconds(*part) for part in done]))

    assert all(start < end for start, end in left)
    assert all(end < start for (_, end), (start, _) in pairwise(left))
