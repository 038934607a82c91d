"""Two loaders take turns, and a chunk that fails concerns no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import ChunksFailed, PipelineError, TransientApiError
from retail_pipeline.windows.chunk_failures import ChunkFailures
from retail_pipeline.windows.double_buffer import Begun, Buffers, DoubleBuffer, Part, Read
from retail_pipeline.windows.ledger import COMPLETE, MANUAL, Certificate, LoadKey
from tests.patience import PATIENCE
from tests.run_contexts import TEN

HOUR = timedelta(hours=1)
DAY = Window(TEN - 24 * HOUR, TEN)


@dataclass
class Loader:
    """A session with its stage.

    :ivar number: how many were opened before it
    """

    number: int
    closed_by: str = ""


@dataclass
class Load(DoubleBuffer[Part, Loader]):
    """Chunks of an hour, of a source without a session of its own.

    :ivar broken: what fails, by step and hour
    :ivar steps: what was begun and done, in order, each with its hour and its loader
    """

    until: Any = None
    broken: dict[tuple[str, int], Exception] = field(default_factory=dict)
    steps: list[tuple[str, int, int]] = field(default_factory=list)
    loaders: list[Loader] = field(default_factory=list)
    during_publish: Callable[[int], None] = lambda _hour: None
    certified: list[Window] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self._no_target, LoadKey("p", "a", DAY, MANUAL, "run"), self.until, ChunkFailures())

    @contextmanager
    def _no_target(self) -> Iterator[Any]:
        raise PipelineError("no certificate can be written here")
        yield

    @contextmanager
    def opened(self) -> Iterator[Buffers[Loader]]:
        with Buffers(self._loader) as buffers:
            yield buffers

    @contextmanager
    def _loader(self) -> Iterator[Loader]:
        loader = Loader(len(self.loaders))
        self.loaders.append(loader)
        try:
            yield loader
        except TransientApiError as error:
            loader.closed_by = str(error)
            raise PipelineError(f"the session says: {error}") from None
        finally:
            loader.closed_by = loader.closed_by or "the end"

    def read(self, loader: Loader, part: Part, chunk: Begun) -> Read[Part]:
        hour = part.window.start.hour
        self.steps.append(("read", hour, loader.number))
        if error := self.broken.get(("read", hour)):
            raise error
        window = Window(part.window.start, part.window.start + HOUR)

        def publish(load_key: LoadKey) -> Certificate:
            assert load_key.window == window
            self.during_publish(hour)
            self.steps.append(("publish", hour, loader.number))
            if error := self.broken.get(("publish", hour)):
                raise error
            return Certificate(COMPLETE, source_keys=hour)

        left = Window(window.end, part.window.end)
        return Read(window, publish, [Part(left)] if left.start < left.end else [])

    def may_wait(self, part: Part) -> bool:
        return part.window.start > TEN - 4 * HOUR

    def behind(self, part: Part, loader: Loader | None) -> tuple[Window, list[Part]]:
        end = part.window.start + HOUR
        return Window(part.window.start, end), [Part(Window(end, part.window.end))]


FOUR = [Part(Window(TEN - 4 * HOUR, TEN))]


def hours(found: list[Certificate]) -> list[int | None]:
    return [each.source_keys for each in found]


def lost(what: str) -> TransientApiError:
    return TransientApiError(what, vendor="v", method="m")


def test_a_part_is_loaded_chunk_after_chunk_by_two_loaders_in_turn():
    load = Load()
    assert hours(load.load(FOUR)) == [6, 7, 8, 9]
    assert [step for step in load.steps if step[0] == "read"] == [
        ("read", 6, 0), ("read", 7, 1), ("read", 8, 0), ("read", 9, 1),
    ]  # fmt: skip
    assert [loader.closed_by for loader in load.loaders] == ["the end"] * 2


def test_the_next_chunk_is_read_while_one_is_published():
    read_next = threading.Event()

    def wait_for_the_next(hour: int) -> None:
        assert hour != 6 or read_next.wait(PATIENCE)

    load = Load(during_publish=wait_for_the_next)
    read = load.read

    def noted(loader: Loader, part: Part, chunk: Begun) -> Read[Part]:
        if part.window.start.hour == 7:
            read_next.set()
        return read(loader, part, chunk)

    load.read = noted  # type: ignore[method-assign]
    assert hours(load.load(FOUR)) == [6, 7, 8, 9]


def test_a_chunk_that_is_not_published_costs_no_other_and_its_session_is_replaced():
    load = Load(broken={("publish", 7): lost("gone")})
    assert hours(load.load(FOUR)) == [6, 8, 9]
    assert [hour for step, hour, _ in load.steps if step == "read"] == [6, 7, 8, 9]
    assert [loader.closed_by.endswith("gone") for loader in load.loaders] == [False, True, False]
    with pytest.raises(PipelineError, match=r"the session says: .*gone"):
        load.failures.raise_all()


def test_what_is_behind_a_chunk_that_cannot_be_read_is_loaded_in_new_sessions():
    load = Load(broken={("read", 7): lost("gone")})
    assert hours(load.load(FOUR)) == [6, 8, 9]
    assert len(load.loaders) == 4
    with pytest.raises(PipelineError, match="gone"):
        load.failures.raise_all()


def test_what_fails_with_the_chunk_before_it_is_read_again_before_it_counts_as_failed():
    """A server that ends all sessions fails both, and only one of them was not loaded."""
    load = Load(broken={("publish", 6): lost("first"), ("read", 7): lost("second")})
    assert hours(load.load(FOUR)) == [8, 9]
    assert [hour for step, hour, _ in load.steps if step == "read"] == [6, 7, 7, 8, 9]
    with pytest.raises(ChunksFailed, match=r"2 chunks failed: .*first.*second"):
        load.failures.raise_all()


def test_three_in_succession_leave_the_rest():
    broken = {("read", hour): lost(str(hour)) for hour in (6, 7, 8)}
    load = Load(broken=dict(broken))
    assert load.load(FOUR) == []
    assert load.failures.left == Window(TEN - HOUR, TEN)


def test_when_the_time_is_over_what_may_wait_is_left_to_the_next_run(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: TEN)
    load = Load(until=TEN)
    assert hours(load.load(FOUR)) == [6]
    load.failures.raise_all()
    assert load.failures.left is None
