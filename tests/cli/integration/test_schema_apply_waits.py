"""`retail schema apply --wait` in a database whose shop has no order tables yet."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from click.testing import CliRunner

from retail_pipeline import clock
from retail_pipeline.cli.main import retail
from tests.conftest import SHOP_TABLES, empty_database, server_url


@pytest.fixture
def new_store(warehouse, bi) -> Iterator[psycopg.Connection]:
    yield from empty_database(server_url("STORE_POSTGRES_URL"))


def test_it_goes_on_when_somebody_has_made_them(new_store, monkeypatch):
    monkeypatch.setattr(clock, "pause", lambda _: new_store.execute(SHOP_TABLES.read_bytes()))
    result = CliRunner().invoke(retail, ["schema", "apply", "--wait", "300"])
    assert result.exit_code == 0, result.output
    assert "waiting until" in result.output
    assert "map your own order tables in" in result.output
    assert new_store.execute("SELECT count(*) FROM youshu_order_push").fetchone() == (0,)


def test_without_patience_it_says_what_to_map(new_store, monkeypatch):
    monkeypatch.setattr(clock, "pause", pytest.fail)
    result = CliRunner().invoke(retail, ["schema", "apply"])
    assert "map your own order tables in" in str(result.exception)
