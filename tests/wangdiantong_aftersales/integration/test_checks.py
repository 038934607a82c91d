"""The questions that are put to the tables after a load: each is answered with yes until its fault is there."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from retail_pipeline.databases.target_session import query_text
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.table_checks import TableCheckOperator
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES
from tests.wangdiantong_aftersales.runs import HEAD, MYSQL, PIPELINE, POSTGRES

CHECKS = ("row_counts", "freshness", "duplicates", "sums")


class Target:
    """One of the two databases that the orders may go to."""

    def __init__(self, conn_id: str, session: Any) -> None:
        self.conn_id = conn_id
        self._session = session

    def put(self, table: str, *, hours: float = 1, when: str = "modified", **fields: Any) -> None:
        """Put a row into a table; times are hours before now, as the database sees it."""
        columns = ", ".join([*fields, when])
        holders = ", ".join(["%s"] * len(fields))
        moment = f"CURRENT_TIMESTAMP - INTERVAL '{round(hours * 60)}' MINUTE"
        query_text(
            self._session,
            f"INSERT INTO {table} ({columns}) VALUES ({holders}, {moment})",
            [*fields.values()],  # type: ignore[arg-type]
        )

    def ask(self, check: str) -> None:
        asking = TableCheckOperator(task_id=check, check=f"{PIPELINE}/{check}", target={"name": self.conn_id})
        asking.execute({})

    def failing(self) -> list[str]:
        """Ask everything; return which answers are no."""
        found = []
        for check in CHECKS:
            try:
                self.ask(check)
            except AirflowException:
                found.append(check)
        return found


@pytest.fixture(params=[MYSQL, POSTGRES])
def target(request: pytest.FixtureRequest, bi: Any) -> Target:
    session = bi if request.param == MYSQL else request.getfixturevalue("warehouse")
    ensure_tables(session, AFTERSALES)
    return Target(request.param, session)


def head(target: Target, refund_id: int, **fields: Any) -> None:
    known = {"account": "flagship", "refund_no": f"TK{refund_id}", "type": 2, "return_goods_count": 3}
    target.put(HEAD, refund_id=refund_id, **{**known, **fields})


def line(target: Target, refund_id: int, line_no: int, refund_num: int, account: str = "flagship") -> None:
    key = {"account": account, "refund_id": refund_id, "line_no": line_no}
    target.put(f"{HEAD}_detail", refund_num=refund_num, **key)


def test_empty_tables_are_fine(target):
    assert target.failing() == []


def test_an_order_whose_lines_add_up_is_fine(target):
    head(target, 1)
    line(target, 1, 1, 1)
    line(target, 1, 2, 2)
    head(target, 2, return_goods_count=0)
    target.put(
        "etl_watermark", when="moved_at", pipeline=PIPELINE, account="flagship", watermark="2099-01-01"
    )
    assert target.failing() == []


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
def test_a_number_that_belongs_to_two_orders_is_found(target, second, expected):
    for number, fields in ((1, {}), (2, second)):
        head(target, number, **{"refund_no": "TK1", "return_goods_count": 0, "type": 1, **fields})
    assert target.failing() == expected


def test_orders_without_a_number_are_no_duplicates(target):
    for number in (1, 2):
        head(target, number, refund_no=None, return_goods_count=0)
    assert target.failing() == []


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
def test_lines_that_do_not_add_up_are_found(target, fields, expected):
    head(target, 1, **fields)
    line(target, 1, 1, 2)
    assert target.failing() == expected


def test_an_order_whose_lines_are_gone_is_found(target):
    head(target, 1)
    line(target, 1, 1, 3, account="outlet")
    assert target.failing() == ["row_counts"]


def test_an_empty_table_that_should_hold_something_is_found(target):
    window = {"window_from": "2026-11-23", "window_to": "2026-11-24", "filters": "", "purpose": "scheduled"}
    target.put("etl_window", when="started_at", pipeline=PIPELINE, account="flagship", run_id="r", verdict="complete",
        target_keys=5, **window)  # fmt: skip
    assert target.failing() == ["row_counts"]
    head(target, 1, return_goods_count=0)
    assert target.failing() == []


@pytest.mark.parametrize(("hours", "expected"), [(1.9, []), (2.1, ["freshness"])])
def test_an_account_that_lags_behind_is_found_though_another_does_not(target, hours, expected):
    for pipeline, account, behind in (
        (PIPELINE, "flagship", hours),
        (PIPELINE, "outlet", 0.1),
        ("another", "x", 99),
    ):
        mark = {"pipeline": pipeline, "account": account, "moved_at": "2026-11-23"}
        target.put("etl_watermark", when="watermark", hours=behind, **mark)
    assert target.failing() == expected


def test_what_does_not_hold_is_named(target):
    for number in (1, 2):
        head(target, number, refund_no="TK1", return_goods_count=0, type=1)
    with pytest.raises(
        AirflowFailException, match=rf"^connection '{target.conn_id}': no_duplicates: no \(include/sql/"
    ):
        target.ask("duplicates")


def test_it_asks_in_a_session_that_has_proved_itself(target, monkeypatch):
    kind = "mysql" if target.conn_id == MYSQL else "postgres"
    monkeypatch.setenv(f"AIRFLOW_CONN_{target.conn_id.upper()}", f"{kind}://nobody:wrong@127.0.0.1:1/nowhere")
    with pytest.raises(PipelineError, match=f"connection '{target.conn_id}'"):
        target.ask("freshness")
