from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from retail_pipeline.windows.paged_reading import Attempt
from tests.examples import examples
from tests.windows.unit.moving_source import AnyOrder, AtOnce, Change, MovingSource, read

WHERE = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
DEPARTURES = st.lists(st.builds(Change, st.just(False), WHERE), max_size=2)
ARRIVALS = st.lists(st.builds(Change, st.just(True), WHERE), min_size=1, max_size=2)
RANDOMS = st.integers(0, 2**32).map(Random)
POOLS = st.builds(AtOnce) | RANDOMS.map(AnyOrder)


def sources(*changes) -> st.SearchStrategy[MovingSource]:
    """Windows of some pages, whose records move in these ways between any two fetches."""
    return st.builds(
        MovingSource,
        count=st.integers(0, 9),
        page_size=st.integers(1, 4),
        changes=st.lists(st.one_of(*changes), max_size=12),
    )


@settings(max_examples=examples(250))
@given(sources(DEPARTURES), POOLS, st.booleans())
def test_a_complete_attempt_has_read_all_records_that_existed_throughout(source, pool, alone):
    _, records, complete = read(source, pool, alone=alone)

    assert not complete or source.all_the_time <= set(records)


@settings(max_examples=examples(250))
@given(sources(DEPARTURES), POOLS)
def test_one_page_at_a_time_is_complete_although_records_leave(source, pool):
    _, records, complete = read(source, pool, alone=True)

    assert complete
    assert source.all_the_time <= set(records)


@settings(max_examples=examples(250))
@given(sources(ARRIVALS, st.just([])), POOLS, st.booleans())
def test_a_complete_attempt_has_read_all_records_that_arrived(source, pool, alone):
    _, records, complete = read(source, pool, alone=alone)

    assert not complete or set(source.records) <= set(records)


@settings(max_examples=examples(250))
@given(sources(DEPARTURES, ARRIVALS), POOLS, st.booleans())
def test_an_attempt_with_leaving_and_arriving_records_is_complete_only_if_it_has_all(source, pool, alone):
    _, records, complete = read(source, pool, alone=alone)

    assert not complete or source.all_the_time | set(source.records) <= set(records)


def test_reading_from_the_first_page_to_the_last_would_lose_records_and_never_know():
    def loses(source: MovingSource) -> bool:
        pages = [source.fetch(0)]
        while pages[-1].records:
            pages.append(source.fetch(len(pages)))
        return not source.all_the_time <= {record for page in pages for record in page.records}

    find(sources(DEPARTURES), loses, settings=settings(max_examples=2000, database=None))


def test_several_pages_at_once_would_lose_records_if_their_totals_were_not_looked_at():
    def loses(case: tuple[MovingSource, Random]) -> bool:
        source, random = case
        _, records, complete = read(source, AnyOrder(random), alone=False)
        return not complete and not source.all_the_time <= set(records)

    cases = st.tuples(sources(DEPARTURES), RANDOMS)
    find(cases, loses, settings=settings(max_examples=2500, database=None))


@given(sources(st.just([])), POOLS, st.booleans())
def test_a_quiet_window_is_complete_in_one_attempt_and_reads_the_page_behind_a_full_last_page(
    source, pool, alone
):
    reading, records, complete = read(source, pool, alone=alone)

    further = source.count // source.page_size
    assert complete
    assert sorted(records) == sorted(source.records)
    assert len(source.asked) == (further + 2 if further else 1)
    assert reading.read == source.count


@given(sources(st.just([])), POOLS)
def test_pages_come_from_the_last_to_the_first_whatever_order_the_replies_come_in(source, pool):
    pages = list(Attempt(source.fetch, pool, source.page_size, source.fetch(0), alone=False).pages())

    starts = reversed(range(0, max(source.count, 1), source.page_size))
    told = [page for page in pages if page] or [[]]
    assert told == [source.records[start : start + source.page_size] for start in starts]


def test_a_changed_total_makes_the_first_attempt_incomplete_although_no_record_is_missing():
    source = MovingSource(3, page_size=2, changes=[[], [Change(arrives=False, where=1.0)]])

    reading, records, complete = read(source, AtOnce(), alone=False)

    assert (set(records), reading.totals) == ({b"0", b"1", b"2"}, [3, 3, 2])
    assert not complete


def test_a_growing_total_makes_an_attempt_incomplete_even_one_page_at_a_time():
    source = MovingSource(4, page_size=2, changes=[[], [Change(arrives=True, where=0.0)]])

    assert not read(source, AtOnce(), alone=True)[2]


def test_an_attempt_with_as_many_leaving_as_arriving_records_is_not_complete():
    changes = [[Change(arrives=False, where=0.0)], [Change(arrives=True, where=0.0)]]

    assert not read(MovingSource(4, 2, changes), AtOnce(), alone=True)[2]


@pytest.mark.parametrize(("page", "complete"), [([b"2", b"3"], True), ([b"4", b"0"], False)])
def test_records_may_come_twice_only_as_often_as_others_left(page, complete):
    distort = {
        2: lambda second: replace(second, records=page),
        3: lambda first: replace(first, total=4, records=[b"0", b"2"]),
    }

    assert read(MovingSource(5, 2, distort=distort), AtOnce(), alone=True)[2] is complete


WRONG_PAGES = {
    "empty": lambda page: replace(page, records=[]),
    "short": lambda page: replace(page, records=page.records[1:]),
    "too long": lambda page: replace(page, records=[*page.records, b"new"]),
    "one twice": lambda page: replace(page, records=[*page.records[1:], page.records[-1]]),
    "another page": lambda page: replace(page, records=[b"0", b"1", b"2"][: len(page.records)]),
}


@pytest.mark.parametrize("wrong", WRONG_PAGES)
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("alone", [False, True], ids=["ahead", "alone"])
def test_a_wrong_page_makes_an_attempt_incomplete(wrong, number, alone):
    source = MovingSource(8, page_size=3, distort={number: WRONG_PAGES[wrong]})

    assert not read(source, AtOnce(), alone=alone)[2]


@pytest.mark.parametrize("wrong", ["empty", "short", "too long"])
@pytest.mark.parametrize("number", [1, 2])
def test_records_that_left_are_no_excuse_for_a_page_of_a_wrong_length(wrong, number):
    leaving = [Change(arrives=False, where=0.0)]
    source = MovingSource(8, 3, [leaving, leaving, leaving], distort={number: WRONG_PAGES[wrong]})

    assert not read(source, AtOnce(), alone=True)[2]


@pytest.mark.parametrize("alone", [False, True], ids=["ahead", "alone"])
def test_a_page_that_is_too_long_does_not_make_up_for_one_that_is_short(alone):
    distort = {1: WRONG_PAGES["short"], 2: WRONG_PAGES["too long"]}

    assert not read(MovingSource(9, 3, distort=distort), AtOnce(), alone=alone)[2]


@pytest.mark.parametrize("wrong", ["empty", "short", "too long", "one twice"])
def test_a_single_page_that_is_not_what_it_must_be_is_not_complete(wrong):
    source = MovingSource(2, page_size=3, distort={0: WRONG_PAGES[wrong]})

    assert not read(source, AtOnce(), alone=False)[2]


@pytest.mark.parametrize("by", [-4, -1, 1, 3, 30])
@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_wrong_total_makes_the_first_attempt_incomplete(by, number):
    wrong = {number: lambda page: replace(page, total=page.total + by)}
    source = MovingSource(9, page_size=3, distort=wrong)

    assert not read(source, AtOnce(), alone=False)[2]


@pytest.mark.parametrize("by", [-9, -6, -5, -4, -3, -2, -1, 1, 2, 3, 30])
@pytest.mark.parametrize("alone", [False, True], ids=["ahead", "alone"])
def test_a_total_that_is_wrong_all_the_time_is_never_complete(by, alone):
    wrong = dict.fromkeys(range(99), lambda page: replace(page, total=page.total + by))
    source = MovingSource(9, page_size=3, distort=wrong)

    assert not read(source, AtOnce(), alone=alone)[2]


@given(
    st.integers(2, 9),
    st.integers(1, 4),
    st.dictionaries(st.integers(0, 9), st.integers(-9, 9), max_size=2),
    st.booleans(),
)
def test_a_complete_attempt_has_read_all_records_although_some_totals_were_wrong(
    count, page_size, wrong, alone
):
    distort = {
        number: lambda page, by=by: replace(page, total=max(0, page.total + by))
        for number, by in wrong.items()
    }
    if 0 in wrong and count + wrong[0] < page_size:
        del distort[0]  # one page says that it is all: nobody can know better
    source = MovingSource(count, page_size, distort=distort)

    _, records, complete = read(source, AtOnce(), alone=alone)

    assert not complete or set(source.records) <= set(records)
