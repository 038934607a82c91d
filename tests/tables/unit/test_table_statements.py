"""Statements are complete; what they do is tested where they run, in ``tests/tables/integration``."""

from __future__ import annotations

import re

import pytest

from retail_pipeline.tables.description import (
    Table,
    TableFamily,
    bigint,
    flag,
    json_text,
    long_text,
    moment,
    money,
    text,
)
from retail_pipeline.tables.table_statements import MYSQL as statements
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES

KEY = (text("account", 63, required=True), bigint("id", required=True))
HEAD = Table(
    "heads",
    "Heads",
    ("account", "id"),
    (*KEY, text("no", 40, "Number"), money("amount"), moment("changed", required=True), flag("paid")),
    indexes=("changed", "no"),
)
CHILD = Table(
    "lines",
    "Lines",
    ("account", "id", "line_no"),
    (*KEY, bigint("line_no", required=True), long_text("remark"), json_text("extra")),
)
FAMILY = TableFamily(HEAD, versions=("changed",), lookup="no", children=(CHILD,))
FAMILIES = pytest.mark.parametrize("family", [FAMILY, AFTERSALES], ids=["small", "aftersales"])


def plain(sql: str) -> str:
    """Return a statement without comments and line ends."""
    return " ".join(re.sub("--.*", "", sql).split())


def every_statement(family: TableFamily) -> list[str]:
    head, children = family.head, family.children
    of_tables = [
        each(table)
        for table in family
        for each in (
            statements.create_stage,
            statements.empty_stage,
            lambda table: statements.load(table, table.names, "/f"),
        )
    ]
    return [
        *of_tables,
        *(statements.create_table(table, is_head=table is head) for table in family),
        *(each for table in family for each in statements.complete(table, {}, is_head=table is head)),
        *(
            each(family)
            for each in (statements.count, statements.upsert_head, statements.proof, statements.missing)
        ),
        *(statements.delete_children(family, child) for child in children),
        *(statements.insert_children(family, child) for child in children),
    ]


@FAMILIES
def test_no_placeholder_of_a_template_is_left(family):
    left = {
        name
        for sql in every_statement(family)
        for name in re.findall(r"\{.*?\}|%\((?!window_id\)).*?\)", sql)
    }

    assert left == set()


@FAMILIES
def test_statements_that_are_run_without_values_have_no_percent_sign(family):
    head = family.head

    for sql in (
        statements.count(family),
        *(statements.create_table(table, is_head=table is head) for table in family),
        *(statements.create_stage(table) for table in family),
        *(statements.load(table, table.names, "/f") for table in family),
    ):
        assert "%" not in sql


def test_columns_that_are_missing_are_added_and_no_others():
    there = {"account", "id", "no", "changed"}
    added = statements.complete(HEAD, dict.fromkeys(there, "text"), is_head=True)
    assert [plain(each).split()[5] for each in added] == ["amount", "paid", "etl_window_id"]


def test_a_complete_table_needs_nothing():
    assert (
        statements.complete(HEAD, dict.fromkeys([*HEAD.names, "etl_window_id"], "text"), is_head=True) == []
    )
    assert statements.complete(CHILD, dict.fromkeys(CHILD.names, "text"), is_head=False) == []
