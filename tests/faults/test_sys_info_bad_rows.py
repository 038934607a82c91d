"""Rows that cannot be used: set aside with their reason, and none of the others is held up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.taobao.tables import PUSHED
from sandbox.sys_info import nasty
from tests.sys_info import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file

HOUR = timedelta(hours=1)
# Of every table …
REASONS = {
    "broken_json": "not_json",
    "null_response": "no_response",
    "empty_response": "no_response",
    "error_response": "error_response",
    "wrong_root": "wrong_root",
    "not_an_object": "not_json",
    # … and of trades.
    "no_orders": "value_missing",
    "no_order_in_orders": "value_missing",
    "null_orders": "value_missing",
    "text_for_number": "not_a_whole_number",
    "nul_in_text": "nul_in_text",
    "lone_surrogate": "not_json",
    "no_such_date": "not_a_time",
}
LOADED = {"number_for_text", "zero_date", "zero_date_in_column", "null_for_absent", "huge", "id_clash"}


@pytest.fixture
def runs(each_target, tmp_path, monkeypatch) -> SysInfoRuns:
    """Sixty good trades before noon; of the bad rows that a test adds, as many as it likes may be set aside."""
    path = settings_file(tmp_path, each_target_name(each_target), most_quarantined_share=1.0)
    monkeypatch.setenv("RETAIL_CONFIG", str(path))
    each_target.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    return each_target


def each_target_name(runs: SysInfoRuns) -> str:
    return "warehouse_postgres" if "psycopg" in type(runs.target).__module__ else "bi_mysql"


def test_every_bad_row_is_set_aside_or_loaded_just_as_it_is(runs):
    noon = int((MONDAY_NOON - HOUR / 2).timestamp())
    added = nasty.insert(runs.owner, runs.naming, 1, noon)
    assert {row.name for row in added} == REASONS.keys() | LOADED

    runs.run_all()

    expected = {
        (f"rds/{row.table}", str(row.number)): REASONS[row.name] for row in added if row.name in REASONS
    }
    found = {(row["account"], row["source_key"]): row["reason"] for row in runs.quarantine()}
    assert found == expected
    assert differences(runs) == []
    assert sum(row["quarantined"] for row in runs.certificates()) == len(expected)
    assert {row["verdict"] for row in runs.certificates()} == {"complete"}
    assert all(runs.watermark(table) == MONDAY_NOON - timedelta(seconds=15) for table in PUSHED)


def test_too_many_bad_rows_stop_the_slice_before_anything_of_it_is_published(sys_info, tmp_path, monkeypatch):
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, most_quarantined=20)))
    sys_info.fill(150, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    sys_info.write("UPDATE jdp_tb_trade SET jdp_response = '{' ORDER BY jdp_modified DESC, tid DESC LIMIT 60")

    with pytest.raises(AirflowFailException, match="cannot be used"):
        sys_info.run()

    [stopped] = [row for row in sys_info.certificates() if row["verdict"] == "stopped"]
    complete = [row for row in sys_info.certificates() if row["verdict"] == "complete"]
    assert stopped["quarantined"] > 20
    assert len(sys_info.quarantine()) == stopped["quarantined"] + sum(row["quarantined"] for row in complete)
    assert sys_info.watermark() == local_end(complete)
    assert len(sys_info.rows("SELECT tid FROM taobao_trade")) == sum(row["target_keys"] for row in complete)


def local_end(certificates):
    return max(row["window_to"] for row in certificates).replace(tzinfo=MONDAY_NOON.tzinfo)


def test_a_row_whose_columns_are_odd_is_read_by_what_its_answer_says(sys_info):
    sys_info.fill(20, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    sys_info.write("UPDATE jdp_tb_trade SET jdp_hashcode = NULL, jdp_created = NULL, status = NULL")

    sys_info.run()

    assert differences(sys_info, [TRADE]) == []
