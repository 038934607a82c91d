"""`retail schema apply --wait` is patient with missing order tables, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from retail_pipeline import clock
from retail_pipeline.cli.order_tables import when_order_tables_are_there
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, OrderTablesMissing

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MISSING = OrderTablesMissing('store_postgres: relation "t_store_order" does not exist')


@pytest.fixture
def paused(monkeypatch) -> list[float]:
    """The pauses made; the clock goes on by them."""
    pauses: list[float] = []
    monkeypatch.setattr(clock, "pause", pauses.append)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=sum(pauses)))
    return pauses


def failing(*errors: Exception) -> Callable[[], None]:
    """A change that fails so, and then does not."""
    left = list(errors)

    def change() -> None:
        if left:
            raise left.pop(0)

    return change


def test_it_goes_on_as_soon_as_they_are_there(paused, capsys):
    when_order_tables_are_there(failing(*[MISSING] * 3), timedelta(minutes=5))
    assert paused == [5, 5, 5]
    assert capsys.readouterr().out == f"waiting until 10:05:00 (Shanghai): {MISSING}\n"


def test_it_gives_up_when_its_time_is_over(paused):
    with pytest.raises(OrderTablesMissing):
        when_order_tables_are_there(failing(*[MISSING] * 1000), timedelta(minutes=5))
    assert sum(paused) == 300


def test_without_patience_it_asks_once(paused):
    with pytest.raises(OrderTablesMissing):
        when_order_tables_are_there(failing(MISSING), timedelta())
    assert paused == []


@pytest.mark.parametrize("error", [ConfigError("a view does not fit"), DatabaseUnavailable("wrong password")])
def test_whatever_else_is_wrong_ends_at_once(paused, error):
    with pytest.raises(type(error)):
        when_order_tables_are_there(failing(error, error), timedelta(minutes=5))
    assert paused == []
