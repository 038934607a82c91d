from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.business_time import Window, local_time
from retail_pipeline.pipelines.jushita_sys_info.differences import differences
from retail_pipeline.tables.fingerprint import fingerprint
from retail_pipeline.vendors.taobao.sys_info import Listed, Tally
from tests.jushita_sys_info.runs import MONDAY_NOON

DAY = Window(MONDAY_NOON - timedelta(days=1), MONDAY_NOON)
SECONDS = 86_400


class Rows:
    """One side; notes how many rows it had to list."""

    def __init__(self, rows: dict[int, tuple[int, str]]) -> None:
        start = local_time(DAY.start)
        self._rows = [
            Listed(key, f"{start + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}", code)
            for key, (second, code) in rows.items()
        ]
        self.listed = 0

    def _within(self, window: Window) -> list[Listed]:
        start, end = (f"{local_time(moment):%Y-%m-%d %H:%M:%S}" for moment in window)
        return [row for row in self._rows if start <= row.modified < end]

    def version_tally(self, window: Window) -> Tally:
        rows = self._within(window)
        return Tally(len(rows), sum(fingerprint(*row) for row in rows))

    def listing(self, window: Window) -> Iterator[list[Listed]]:
        rows = self._within(window)
        self.listed += len(rows)
        yield rows[: len(rows) // 2]
        yield rows[len(rows) // 2 :]

    def rows(self) -> set[Listed]:
        return set(self._rows)


sides = st.dictionaries(
    st.integers(1, 30), st.tuples(st.integers(0, 5) | st.integers(0, SECONDS - 1), st.sampled_from("ab"))
)


@given(sides, sides, st.integers(0, 9))
def test_what_is_not_the_same_is_found_whatever_the_two_sides_hold(theirs, ours, few):
    source, here = Rows(theirs), Rows(ours)
    found = list(differences(source, here, DAY, few))

    # A row that is in another second on the other side may come as two.
    assert {row.source for row in found if row.source} == source.rows() - here.rows()
    assert {row.here for row in found if row.here} == here.rows() - source.rows()


def test_only_around_what_differs_rows_are_listed():
    rows = {key: (key * 80, "a") for key in range(1000)}
    source, here = Rows(rows), Rows({**rows, 500: (40_000, "b")})

    assert [row.source.key for row in differences(source, here, DAY, few=20)] == [500]
    assert source.listed <= 20


def test_many_rows_of_one_second_are_listed_since_time_cannot_tell_them_apart():
    rows = dict.fromkeys(range(100), (7, "a"))
    del (fewer := dict(rows))[50]

    assert [row.source.key for row in differences(Rows(rows), Rows(fewer), DAY, few=20)] == [50]
