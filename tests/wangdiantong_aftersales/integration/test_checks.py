"""The questions that are put to the tables after a load: each is answered with yes until its fault is there."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.table_checks import TableCheckOperator
from tests.wangdiantong_aftersales.runs import HEAD, PIPELINE

CHECKS = ("row_counts", "freshness", "duplicates", "sums")
NOW = "UTC_TIMESTAMP() + INTERVAL 8 HOUR"


@pytest.fixture
def put(bi: pymysql.Connection) -> Any:
    """Put a row into a table; times are hours before now, as the database sees it."""

    def put(table: str, *, hours: float = 1, when: str = "modified", **fields: Any) -> None:
        columns = ", ".join([*fields, when])
        holders = ", ".join(["%s"] * len(fields))
        with bi.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({columns}) VALUES ({holders}, {NOW} - INTERVAL %s MINUTE)",
                [*fields.values(), hours * 60],
            )

    return put


def ask(check: str) -> None:
    TableCheckOperator(task_id=check, check=f"{PIPELINE}/{check}", target={"name": "bi_mysql"}).execute({})


def failing() -> list[str]:
    """Ask everything; return which answers are no."""
    found = []
    for check in CHECKS:
        try:
            ask(check)
        except AirflowException:
            found.append(check)
    return found


def head(put: Any, refund_id: int, **fields: Any) -> None:
    known = {"account": "flagship", "refund_no": f"TK{refund_id}", "type": 2, "return_goods_count": 3}
    put(HEAD, refund_id=refund_id, **{**known, **fields})


def line(put: Any, refund_id: int, line_no: int, refund_num: int, account: str = "flagship") -> None:
    key = {"account": account, "refund_id": refund_id, "line_no": line_no}
    put(f"{HEAD}_detail", refund_num=refund_num, **key)


def test_empty_tables_are_fine(bi):
    assert failing() == []


def test_an_order_whose_lines_add_up_is_fine(put):
    head(put, 1)
    line(put, 1, 1, 1)
    line(put, 1, 2, 2)
    head(put, 2, return_goods_count=0)
    put("etl_watermark", when="moved_at", pipeline=PIPELINE, account="flagship", watermark="2099-01-01")
    assert failing() == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, ["duplicates"]),
        ({"hours": 60}, ["duplicates"]),
        ({"account": "outlet"}, []),
        ({"refund_no": "TK9"}, []),
    ],
    ids=["both new", "one old", "two accounts", "two numbers"],
)
def test_a_number_that_belongs_to_two_orders_is_found(put, second, expected):
    for number, fields in ((1, {}), (2, second)):
        head(put, number, **{"refund_no": "TK1", "return_goods_count": 0, "type": 1, **fields})
    assert failing() == expected


def test_orders_without_a_number_are_no_duplicates(put):
    for number in (1, 2):
        head(put, number, refund_no=None, return_goods_count=0)
    assert failing() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["sums"]),
        ({"type": 3}, ["sums"]),
        ({"type": 4}, []),
        ({"hours": 50}, []),
        ({"return_goods_count": None}, []),
    ],
    ids=["return", "exchange", "money only", "long ago", "unknown"],
)
def test_lines_that_do_not_add_up_are_found(put, fields, expected):
    head(put, 1, **fields)
    line(put, 1, 1, 2)
    assert failing() == expected


def test_an_order_whose_lines_are_gone_is_found(put):
    head(put, 1)
    line(put, 1, 1, 3, account="outlet")
    assert failing() == ["row_counts"]


def test_an_empty_table_that_should_hold_something_is_found(put):
    window = {"window_from": "2026-11-23", "window_to": "2026-11-24", "filters": "", "purpose": "scheduled"}
    put("etl_window", when="started_at", pipeline=PIPELINE, account="flagship", run_id="r", verdict="complete",
        target_keys=5, **window)  # fmt: skip
    assert failing() == ["row_counts"]
    head(put, 1, return_goods_count=0)
    assert failing() == []


@pytest.mark.parametrize(("hours", "expected"), [(1.9, []), (2.1, ["freshness"])])
def test_an_account_that_lags_behind_is_found_though_another_does_not(put, hours, expected):
    for pipeline, account, behind in (
        (PIPELINE, "flagship", hours),
        (PIPELINE, "outlet", 0.1),
        ("another", "x", 99),
    ):
        mark = {"pipeline": pipeline, "account": account, "moved_at": "2026-11-23"}
        put("etl_watermark", when="watermark", hours=behind, **mark)
    assert failing() == expected


def test_what_does_not_hold_is_named(put):
    for number in (1, 2):
        head(put, number, refund_no="TK1", return_goods_count=0, type=1)
    with pytest.raises(
        AirflowFailException, match=r"^connection 'bi_mysql': no_duplicates: no \(include/sql/"
    ):
        ask("duplicates")


def test_it_asks_in_a_session_that_has_proved_itself(bi, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_BI_MYSQL", "mysql://nobody:wrong@127.0.0.1:1/nowhere")
    with pytest.raises(PipelineError, match="connection 'bi_mysql'"):
        ask("freshness")
