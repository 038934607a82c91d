"""Values of a single column, converted."""

from __future__ import annotations

from typing import Any

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.description import Column, Table


def table(*columns: Column) -> Table:
    return Table("t", "", key=(columns[0].name,), columns=columns)


def converted(column: Column, *values: Any) -> list[Any]:
    """Return what becomes of records' values."""
    return columns_of(table(column), [{column.name: value} for value in values])[0]


def refusal(column: Column, *values: Any) -> RecordRejected:
    """Return why records' values are refused."""
    with pytest.raises(RecordRejected) as caught:
        converted(column, *values)
    assert caught.value.detail.split()[0] == column.name
    return caught.value
