"""Rows of one table, column by column."""

from __future__ import annotations

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import Columns, converted
from retail_pipeline.tables.description import Column, Kind, bigint, moment, text


def test_a_column_that_is_put_twice_is_replaced_where_it_was():
    columns = Columns()
    columns.add("a", [1])
    columns.put("b", [2])
    columns.put("a", [3])

    assert (columns.names, columns.values) == (["a", "b"], [[3], [2]])


def test_a_column_that_is_not_named_is_told_from_one_without_values():
    columns = Columns(["a"], [[]])

    assert columns.get("a") == []
    assert columns.get("b") is None


def test_two_sets_of_columns_share_nothing():
    Columns().add("a", [1])

    assert Columns().names == []


@pytest.mark.parametrize("values", [[None], [1, None], [""]])
def test_a_value_that_must_be_there_is_asked_for_by_its_columns_name(values):
    with pytest.raises(RecordRejected) as caught:
        converted(Column("it", Kind.BIGINT, required=True), values)

    assert (caught.value.reason, caught.value.detail) == ("value_missing", "it")


@pytest.mark.parametrize("column", [bigint("it"), moment("it"), text("it", 3)])
def test_a_column_without_values_stays_so(column):
    assert converted(column, []) == []
    assert converted(column, [None, None]) == [None, None]
