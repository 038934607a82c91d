"""What a person must mend, and what passes: which connection or table, and that nothing unread is passed over."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.target_session import change
from tests.sys_info import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file

HOUR = timedelta(hours=1)
SETTLED = MONDAY_NOON - timedelta(seconds=15)


@pytest.fixture
def runs(sys_info) -> SysInfoRuns:
    sys_info.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    return sys_info


def change_connection(patch: pytest.MonkeyPatch, **fields: Any) -> None:
    name = "AIRFLOW_CONN_JUSHITA_MYSQL"
    patch.setenv(name, json.dumps({**json.loads(os.environ[name]), **fields}))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "wrong-secret"}, "Access denied"),
        ({"schema": "no_such_database"}, "no_such_database"),
        ({"schema": "bi"}, "denied"),
    ],
)
def test_a_wrong_field_of_the_connection_fails_at_once_and_is_named(runs, monkeypatch, fields, words):
    with monkeypatch.context() as patch:
        change_connection(patch, **fields)
        with pytest.raises(AirflowFailException, match=f"connection 'jushita_mysql': .*{words}") as failed:
            runs.run()
    assert "wrong-secret" not in str(failed.value)
    assert runs.rows("SELECT tid FROM taobao_trade") == []

    runs.run()
    assert differences(runs, [TRADE]) == []


def test_an_rds_that_is_down_is_tried_again_later(runs, monkeypatch):
    with monkeypatch.context() as patch:
        change_connection(patch, port=1)
        with pytest.raises(DatabaseUnavailable, match="connection 'jushita_mysql'"):
            runs.run()
    assert runs.watermark() is None


def test_a_table_that_is_not_there_yet_is_empty_and_fills_when_it_comes(sys_info):
    sys_info.write("DROP TABLE jdp_tb_trade")
    sys_info.run()
    assert [row["source_keys"] for row in sys_info.certificates()] == [0, 0, 0]
    assert sys_info.watermark() == SETTLED

    sys_info.clock.advance(HOUR)
    sys_info.fill(20, MONDAY_NOON + HOUR / 4, MONDAY_NOON + HOUR / 2)
    sys_info.run()
    assert differences(sys_info, [TRADE]) == []


def test_a_table_in_capitals_is_found(sys_info):
    sys_info.fill(20, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    sys_info.write("RENAME TABLE jdp_tb_trade TO JDP_TB_TRADE")
    sys_info.run()
    assert len(sys_info.rows("SELECT tid FROM taobao_trade")) == 20


def test_a_table_without_its_index_is_refused(runs):
    runs.write("ALTER TABLE jdp_tb_trade DROP INDEX ind_jdp_tb_trade_jdp_modified")
    with pytest.raises(AirflowFailException, match="jdp_tb_trade of sys_info has no index on jdp_modified"):
        runs.run()
    assert {row["verdict"] for row in runs.certificates()} == {"failed"}


def test_a_warehouse_without_the_tables_says_how_they_are_made(runs):
    change(runs.target, "DROP TABLE taobao_trade")
    with pytest.raises(AirflowFailException, match=r"run `?retail schema apply"):
        runs.run()
    assert runs.rows("SELECT * FROM etl_window WHERE verdict = 'complete' AND source_keys > 0") == []


def test_a_target_of_another_type_is_refused(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, "apprise_default")))
    connection = {"conn_type": "apprise", "extra": {}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    with pytest.raises(AirflowFailException, match="is of type 'apprise'; a target is postgres or mysql"):
        runs.run()


def test_one_instance_that_cannot_be_asked_holds_up_no_other(runs, tmp_path, monkeypatch):
    instances = [
        {"name": name, "conn_id": conn_id, "load_from": "2026-11-22"}
        for name, conn_id in (("broken", "broken_mysql"), ("rds", "jushita_mysql"))
    ]
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, jushita={"instances": instances})))
    wrong = {**json.loads(os.environ["AIRFLOW_CONN_JUSHITA_MYSQL"]), "password": "wrong-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_BROKEN_MYSQL", json.dumps(wrong))
    context = runs.context()
    broken, *others = runs.plan(TRADE, context)

    with pytest.raises(AirflowFailException, match="connection 'broken_mysql'"):
        runs.load(broken, context)
    for part in others:
        runs.load(part, context)

    assert differences(runs, [TRADE]) == []


def test_paid_trades_go_first_where_the_load_lags(runs, tmp_path, monkeypatch):
    paid = ["WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"]
    groups = [{"name": "paid", "table": TRADE, "statuses": paid}]
    monkeypatch.setenv(
        "RETAIL_CONFIG",
        str(
            settings_file(
                tmp_path,
                jushita={
                    "ahead": groups,
                    "instances": [{"name": "rds", "conn_id": "jushita_mysql", "load_from": "2026-11-23"}],
                },
            )
        ),
    )

    runs.run()

    with_rows = [row for row in runs.certificates() if row["source_keys"]]
    assert [row["filters"] for row in with_rows][:1] == ["ahead=paid"]
    first = runs.rows(f"SELECT DISTINCT status FROM taobao_trade WHERE status IN ('{paid[0]}', '{paid[1]}')")
    assert first
    assert sum(row["source_keys"] for row in with_rows if not row["filters"]) == 60
    assert differences(runs, [TRADE]) == []
    assert runs.watermark() == SETTLED

    runs.clock.advance(5 * HOUR / 60)
    runs.run()
    assert [row["filters"] for row in runs.certificates()][-2:] == ["", ""]
