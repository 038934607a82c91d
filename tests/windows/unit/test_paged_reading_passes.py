from __future__ import annotations

from random import Random

import pytest

from retail_pipeline.windows.paged_reading import READ_AHEAD, AtHand, Attempt, attempts
from tests.windows.unit.moving_source import AnyOrder, AtOnce, Change, MovingSource, read


def test_the_first_attempt_fetches_ahead_up_to_a_limit():
    pool = AnyOrder(Random(1))

    read(MovingSource(40, page_size=1), pool, alone=False)

    assert 1 < pool.max_waiting <= READ_AHEAD


def test_one_page_at_a_time_asks_when_the_page_before_has_come():
    pool = AnyOrder(Random(1))

    read(MovingSource(40, page_size=1), pool, alone=True)

    assert pool.max_waiting == 1


def test_the_first_page_is_read_again_when_all_others_have_come():
    source = MovingSource(40, page_size=1)

    read(source, AnyOrder(Random(1)), alone=False)

    assert (source.asked[-1], source.asked.count(0)) == (0, 2)


def test_pages_that_nobody_waits_for_any_more_are_not_fetched():
    source, pool = MovingSource(40, page_size=1), AnyOrder(Random(1))
    pages = Attempt(source.fetch, pool, 1, source.fetch(0), alone=False).pages()
    next(pages)
    asked = len(source.asked)

    pages.close()
    pool.work_off_all()

    assert len(source.asked) == asked


def test_an_error_of_a_page_reaches_who_reads():
    def fetch(index: int):
        raise ConnectionError("no answer")

    reading = Attempt(fetch, AtOnce(), 1, MovingSource(3, 1).fetch(0), alone=False)

    with pytest.raises(ConnectionError, match="no answer"):
        list(reading.pages())


def test_attempts_stop_at_max_attempts():
    source = MovingSource(4, page_size=2)

    assert len(list(attempts(source.fetch, AtOnce(), 2, source.fetch(0), max_attempts=3))) == 3
    assert len(list(attempts(source.fetch, AtOnce(), 2, source.fetch(0), max_attempts=1))) == 1


def test_only_the_first_attempt_reads_several_pages_at_once():
    source = MovingSource(4, page_size=2)

    found = attempts(source.fetch, AtOnce(), 2, source.fetch(0), max_attempts=4)

    assert [each.alone for each in found] == [False, True, True, True]


def test_the_first_attempt_begins_with_the_given_page_and_later_attempts_fetch_it():
    changes = [[Change(arrives=False, where=1.0)]]
    source = MovingSource(2, page_size=3, changes=changes)
    first = source.fetch(0)

    found = attempts(source.fetch, AtOnce(), 3, first, max_attempts=2)

    assert list(next(found).pages()) == [[b"0", b"1"]]
    assert source.asked == [0]
    assert list(next(found).pages()) == [[b"0"]]
    assert source.asked == [0, 0]


def test_a_changing_window_is_read_again_until_an_attempt_is_complete():
    leaving = [Change(arrives=False, where=0.0)]
    source = MovingSource(6, page_size=2, changes=[leaving, [], leaving])
    outcomes = []

    for reading in attempts(source.fetch, AtOnce(), 2, source.fetch(0), max_attempts=5):
        records = [record for page in reading.pages() for record in page]
        outcomes.append(reading.is_complete(len(set(records))))
        if outcomes[-1]:
            break

    assert outcomes == [False, True]
    assert source.all_the_time <= set(records)


def test_records_at_hand_are_complete_if_none_came_twice():
    reading = AtHand([b"a", b"b"])

    assert list(reading.pages()) == [[b"a", b"b"]]
    assert (reading.read, reading.totals) == (2, [2, 2])
    assert reading.is_complete(2)
    assert not reading.is_complete(1)
