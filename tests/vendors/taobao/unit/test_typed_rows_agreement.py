"""The fast way gives just the rows of the slow way, or says that something is odd: whatever lies in jdp_response."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.column_values import Columns, columns_of
from retail_pipeline.tables.description import Kind, Table
from retail_pipeline.vendors.taobao.content_digest import RecordDigest
from retail_pipeline.vendors.taobao.rows import take_apart
from retail_pipeline.vendors.taobao.tables import CONTENT_DIGEST, FEED_TABLES, LINE_COUNT, FeedTable
from retail_pipeline.vendors.taobao.typed_rows import NeedsSlowPath, TypedRows
from tests.examples import examples
from tests.vendors.taobao.unit.generated_answers import pages
from tests.vendors.taobao.unit.pushed_answers import KEY, answer, each_list

each_name = pytest.mark.parametrize("name", FEED_TABLES)
Found = dict[str, list[dict[str, Any]]]


def slowly(table: FeedTable, page: list[bytes | None]) -> Found | None:
    """Return the rows by table, one record at a time; None where one of them is refused."""
    try:
        apart = [take_apart(raw, table, KEY + place) for place, raw in enumerate(page)]
        found = {
            each.name: _rows(each, [row for rows in apart for row in rows[each.name]])
            for each in table.family
        }
    except RecordRejected:
        return None
    for head, rows in zip(found[table.head.name], apart, strict=True):
        head[LINE_COUNT] = sum(len(rows[child.table.name]) for child in table.children)
        head[CONTENT_DIGEST] = RecordDigest(table).of(rows)
    return found


def _rows(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    there = table.only({name for row in rows for name in row})
    return _told(table, Columns(list(there.names), columns_of(there, rows)))


def fast(typed: TypedRows, table: FeedTable, page: list[bytes | None]) -> Found | None:
    """Return the rows by table; None where something is odd."""
    try:
        columns = typed.columns([KEY + place for place in range(len(page))], page)
    except NeedsSlowPath:
        return None
    return {each.name: _told(each, columns[each.name]) for each in table.family}


def _told(table: Table, columns: Columns) -> list[dict[str, Any]]:
    """Return what a database would hold; columns that are not named are NULL."""
    kinds = {column.name: column.kind for column in table.columns}
    rows = zip(*columns.values, strict=True)
    return [
        {
            name: _held(kinds[name], value)
            for name, value in zip(columns.names, row, strict=True)
            if value is not None
        }
        for row in rows
    ]


def _held(kind: Kind, value: Any) -> Any:
    if kind is Kind.JSON:
        return json.loads(value, parse_float=Decimal)
    return Decimal(value) if kind is Kind.MONEY else value


@each_name
@settings(max_examples=examples(80))
@given(data=st.data())
def test_both_ways_agree(name, data):
    table, typed = FEED_TABLES[name], TypedRows(FEED_TABLES[name])
    for page in data.draw(st.lists(pages(table), min_size=1, max_size=2)):
        found = fast(typed, table, page)
        assert found is None or found == slowly(table, page)


@each_list
@pytest.mark.parametrize("inner", ["{}", '{"other":[]}', "null"])
def test_a_list_without_its_elements_agrees(table, child, inner):
    """Taobao pushes one for a record that has none."""
    page = [answer(f'"{child.path[0]}":{inner}', table=table), answer(table=table, key=KEY + 1)]

    found = fast(TypedRows(table), table, page)

    assert found is None or found == slowly(table, page)


@each_name
@settings(max_examples=examples(20))
@given(data=st.data())
def test_what_is_documented_goes_the_fast_way(name, data):
    table = FEED_TABLES[name]
    page = data.draw(pages(table, all_documented=True))

    found = fast(TypedRows(table), table, page)

    assert found is not None
    assert found == slowly(table, page)
