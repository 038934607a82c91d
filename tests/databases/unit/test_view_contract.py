"""What is wrong with a view's columns is told with the field and the sentence to write."""

from __future__ import annotations

import pytest

from retail_pipeline.databases.view_contract import type_problems
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH, ORDERS, RETURN_PUSH

VIEWS = {contract.view: contract for contract in (ORDERS, ORDER_PUSH, RETURN_PUSH)}


def fitting(view: str, **other: str | None) -> dict[str, str]:
    """Return columns as they should be, but for these."""
    columns = {name: column.kind.types[0] for name, column in VIEWS[view].columns.items()}
    return {name: kind for name, kind in {**columns, **other}.items() if kind is not None}


@pytest.mark.parametrize("view", VIEWS)
def test_columns_as_they_should_be_are_no_problem_and_more_of_them_neither(view):
    assert type_problems(VIEWS[view], fitting(view, remark="xml")) == []


@pytest.mark.parametrize(
    ("view", "column", "kind", "sentence"),
    [
        ("youshu_order", "placed_at", "timestamp without time zone", "(…) AT TIME ZONE 'Asia/Shanghai' AS placed_at"),
        ("youshu_order", "paid_at", "bigint", "to_timestamp((…) / 1000.0) AS paid_at where"),
        ("youshu_order", "placed_at", "date", "(…)::timestamp AT TIME ZONE 'Asia/Shanghai' AS placed_at"),
        ("youshu_order", "payment_amount", "bigint", "(…)::numeric / 100 AS payment_amount where it is cents"),
        ("youshu_order", "payment_amount", "money", "(…)::numeric AS payment_amount"),
        ("youshu_order", "shop", "integer", "(…)::text AS shop"),
        ("youshu_order", "order_source", "text", "CASE … WHEN "),
        ("youshu_order_push", "order_id", "text", "youshu_key((…)::text) AS order_id, index that"),
        ("youshu_order_push", "order_id", "uuid", "youshu_key((…)::text)"),
        ("youshu_order_push", "order_id", "numeric", "(…)::bigint AS order_id, and index that"),
        ("youshu_order_push", "changed_at", "timestamp without time zone", "(…) AT TIME ZONE 'Asia/Shanghai'"),
        ("youshu_order_push", "finished_at", "timestamp without time zone", "(…) AT TIME ZONE 'Asia/Shanghai'"),
        ("youshu_order_push", "total", "integer", "(…)::numeric / 100 AS total where"),
        ("youshu_order_push", "detail", "json", "(…)::jsonb AS detail"),
        ("youshu_return_push", "return_id", "character varying", "youshu_key((…)::text)"),
        ("youshu_return_push", "finished_at", "timestamp without time zone", "(…) AT TIME ZONE 'Asia/Shanghai'"),
    ],
)  # fmt: skip
def test_another_type_is_told_with_what_to_write(view, column, kind, sentence):
    [problem] = type_problems(VIEWS[view], fitting(view, **{column: kind}))
    assert problem.startswith(f"{view}.{column} is {kind}, needed is ")
    assert f": write {sentence}" in problem


@pytest.mark.parametrize(("view", "column"), [(v, c) for v in VIEWS for c in VIEWS[v].columns])
def test_a_column_that_is_missing_is_told_with_its_meaning(view, column):
    [problem] = type_problems(VIEWS[view], fitting(view, **{column: None}))
    assert problem.startswith(f"{view} has no column {column} (")


def test_each_column_that_is_wrong_is_told_at_once():
    wrong = fitting("youshu_order", placed_at="date", paid_at="date", payment_amount="bigint")
    assert len(type_problems(ORDERS, wrong)) == 3


@pytest.mark.parametrize("kind", ["text", "uuid", "numeric", "integer"])
def test_the_sums_of_a_day_need_no_number_as_key(kind):
    assert type_problems(ORDERS, fitting("youshu_order", order_id=kind)) == []


def test_a_view_that_is_not_there_is_told():
    assert type_problems(ORDERS, {}) == ["there is no view youshu_order"]
