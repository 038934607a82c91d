"""Sellers that a run is asked for: a name that nobody knows loads nothing, and is not certified as complete."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.pipelines.jushita_monitor.checks import HealthRecord
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from tests.jushita_sys_info.faults.test_children import sellers_of
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, settings_file

HOUR = timedelta(hours=1)
MORNING = {"window_from": "2026-11-23 08:00:00", "window_to": "2026-11-23 12:00:00"}
NOBODY = [f"没有的店铺{number:03}👌" for number in range(100)]


def load(runs: SysInfoRuns, *sellers: str, table: str = TRADE) -> list[dict[str, Any]]:
    return runs.run(table, run_type="manual", sellers="，".join(sellers), **MORNING)


def some_seller(runs: SysInfoRuns) -> str:
    runs.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    return max(sellers_of(runs), key=len)


def test_a_seller_whom_nobody_knows_is_refused_beside_one_who_is_there(each_target):
    seller = some_seller(each_target)
    mistyped = seller[:-1] + "X"

    with pytest.raises(
        AirflowFailException, match=re.escape(f"nobody knows {mistyped!r} (did you mean {seller!r}?)")
    ):
        load(each_target, seller, mistyped)

    assert each_target.certificates() == each_target.rows("SELECT tid FROM taobao_trade") == []


def test_of_many_the_first_are_named(each_target):
    with pytest.raises(
        AirflowFailException, match=f"'{NOBODY[0]}', '{NOBODY[1]}', '{NOBODY[2]}' and 97 more:"
    ):
        load(each_target, *NOBODY)
    assert each_target.certificates() == []


def test_a_seller_who_has_rows_of_another_table_alone_is_known(each_target):
    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    each_target.write("UPDATE jdp_tb_item SET nick = '只卖货' LIMIT 1")
    load(each_target, "只卖货")
    assert {row["verdict"] for row in each_target.certificates()} == {"complete"}


def test_a_push_user_is_known_who_has_no_row_yet(each_target):
    seller = Seller(7, "新店", 1, "rds", MONDAY_NOON)
    HealthRecord(each_target.target).keep_sellers([seller])
    load(each_target, "新店")
    assert {row["verdict"] for row in each_target.certificates()} == {"complete"}


def test_where_an_rds_is_down_nobody_can_say_that_a_seller_is_unknown(sys_info, tmp_path, monkeypatch):
    good = json.loads(os.environ["AIRFLOW_CONN_JUSHITA_MYSQL"])
    monkeypatch.setenv("AIRFLOW_CONN_JUSHITA_OTHER", json.dumps({**good, "port": 1}))
    instances = [{"name": "other", "conn_id": "jushita_other"}, {"name": "rds", "conn_id": "jushita_mysql"}]
    settings_file(tmp_path, jushita={"instances": instances})
    seller = some_seller(sys_info)

    with pytest.raises(DatabaseUnavailable, match=r"connection 'jushita_other': \[2003\]"):
        load(sys_info, seller, NOBODY[0])
    assert sys_info.certificates() == []

    params = {"sellers": seller, **MORNING}
    parts = sys_info.plan(TRADE, sys_info.context("manual", **params))
    assert {part["instance"]["name"] for part in parts} == {"other", "rds"}


def test_sellers_are_loaded_whatever_stands_between_them_and_however_many_they_are(each_target, monkeypatch):
    """Their names do not fit the certificate's column; the certificate of a failure neither."""
    some_seller(each_target)
    users = [Seller(number, name, 1, "rds", MONDAY_NOON) for number, name in enumerate(NOBODY)]
    HealthRecord(each_target.target).keep_sellers(users)
    context = each_target.context("manual", sellers="，".join([*NOBODY, *sellers_of(each_target)]), **MORNING)
    [part] = each_target.plan(TRADE, context)
    fields = json.loads(os.environ["AIRFLOW_CONN_JUSHITA_MYSQL"])

    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_JUSHITA_MYSQL", json.dumps({**fields, "port": 1}))
        with pytest.raises(DatabaseUnavailable):
            each_target.load(part, context)
    each_target.load(part, context)

    assert each_target.rows("SELECT COUNT(*) AS trades FROM taobao_trade") == [{"trades": 30}]
    certificates = [(row["verdict"], len(row["filters"])) for row in each_target.certificates()]
    assert certificates == [("failed", 255), ("complete", 255)]
