"""A page that got lost is asked for again within its pass, and the pass's own checks decide as before."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail_pipeline import clock
from retail_pipeline.errors import NoAnswer
from retail_pipeline.vendors.attempts import ATTEMPTS, in_place
from retail_pipeline.windows.paged_reading import Attempt, Page
from tests.windows.unit.moving_source import AnyOrder, AtOnce, Change, MovingSource

WHERE = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
CHANGES = st.lists(st.builds(Change, st.booleans(), WHERE), max_size=2)
SOURCES = st.builds(
    MovingSource,
    count=st.integers(0, 9),
    page_size=st.integers(1, 4),
    changes=st.lists(st.one_of(CHANGES, st.just([])), max_size=16),
)
POOLS = st.builds(AtOnce) | st.integers(0, 2**32).map(Random).map(AnyOrder)


@dataclass
class Network:
    """Loses calls, on the way there or on the way back; asks again in place, as the load does.

    :param lost: by the number of the call, whether the source had got it
    """

    source: MovingSource
    lost: dict[int, bool]
    calls: int = field(default=0, init=False)

    def fetch(self, index: int) -> Page:
        return in_place(lambda: self._call(index))

    def _call(self, index: int) -> Page:
        number, self.calls = self.calls, self.calls + 1
        arrived = self.lost.get(number)
        page = None if arrived is False else self.source.fetch(index)
        if page is None or arrived:
            raise NoAnswer("lost", vendor="v", method="m")
        return page


LOST = st.dictionaries(st.integers(0, 30), st.booleans(), max_size=ATTEMPTS - 1)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "pause", lambda _seconds: None)


def read(
    source: MovingSource, lost: dict[int, bool], pool, *, alone: bool
) -> tuple[Network, set[bytes], bool]:
    network = Network(source, lost)
    reading = Attempt(network.fetch, pool, source.page_size, network.fetch(0), alone)
    records = [record for page in reading.pages() for record in page]
    return network, set(records), reading.is_complete(len(set(records)))


@settings(max_examples=300)
@given(SOURCES, LOST, POOLS, st.booleans())
def test_a_complete_attempt_proves_the_same_despite_lost_calls(source, lost, pool, alone):
    _, records, complete = read(source, lost, pool, alone=alone)

    # One that leaves and another that comes between the same two replies cannot be seen: without those.
    honest = not any(change.arrives for changes in source.changes for change in changes) or not any(
        not change.arrives for changes in source.changes for change in changes
    )
    assert not complete or not honest or source.all_the_time <= records


@given(st.integers(0, 9), st.integers(1, 4), LOST, POOLS, st.booleans())
def test_a_quiet_window_is_complete_in_one_attempt_despite_lost_calls(count, page_size, lost, pool, alone):
    source = MovingSource(count, page_size)
    network, records, complete = read(source, lost, pool, alone=alone)

    further = count // page_size
    assert complete
    assert records == set(source.records)
    made_in_vain = sum(number < network.calls for number in lost)
    assert network.calls == (further + 2 if further else 1) + made_in_vain
