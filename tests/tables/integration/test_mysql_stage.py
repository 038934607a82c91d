"""What only MySQL's stage does."""

from __future__ import annotations

import tempfile

import pytest

from retail_pipeline.databases.target_session import change, query_text, transaction
from retail_pipeline.errors import CheckFailed
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.target_tables import ensure_tables, open_stage
from tests.tables.integration.probe_orders import FAMILY, HEAD, NEW, OLD, order


@pytest.fixture
def session(bi):
    with open_target("bi_mysql", stages=True) as session:
        ensure_tables(session, FAMILY)
        yield session
        for table in FAMILY:
            change(session, f"DROP TABLE {table.name}")


def test_the_later_of_two_rows_with_one_key_is_staged(session):
    stage = open_stage(session, FAMILY, batch_rows=3)
    for each in (order(7, NEW, name="first"), order(7, OLD, name="second")):
        stage.add(HEAD, columns_of(HEAD, each[HEAD.name]))
    with transaction(session):
        stage.publish(1)
    assert query_text(session, "SELECT name FROM probe_order") == [{"name": "second"}]


def test_an_amount_that_would_be_rounded_is_never_published(session):
    columns = columns_of(HEAD, order(2)[HEAD.name])
    columns[HEAD.names.index("amount")] = ["1.23456"]
    stage = open_stage(session, FAMILY, batch_rows=9)
    stage.add(HEAD, columns)
    with pytest.raises(CheckFailed, match="probe_order"), transaction(session):
        stage.publish(2)
    assert query_text(session, "SELECT COUNT(*) AS count FROM probe_order") == [{"count": 0}]


@pytest.mark.parametrize("name", ["it's", 'a "b"', "back\\slash", "\\' OR 1", "目录 👗", "per%cent {brace}"])
def test_rows_are_staged_whatever_the_temporary_folder_is_called(session, tmp_path, monkeypatch, name):
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    stage = open_stage(session, FAMILY, batch_rows=9)
    stage.add(HEAD, columns_of(HEAD, order(7, NEW, name="there")[HEAD.name]))
    with transaction(session):
        stage.publish(1)
    assert query_text(session, "SELECT name FROM probe_order") == [{"name": "there"}]
    assert list(folder.iterdir()) == []
