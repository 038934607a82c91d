"""The aftersales load from one run to the next: what changes at the vendor changes in the tables, nothing else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.vendors.wangdiantong.tables import TABLES
from tests.wangdiantong_aftersales.runs import (
    HEAD,
    MONDAY_NOON,
    AftersalesRuns,
    change_connection,
    differences,
    settings_file,
)

HOUR = timedelta(hours=1)
CHILDREN = {part: table.name for part, table in TABLES.items() if part != "order"}


def millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def everything(runs: AftersalesRuns) -> dict[str, list[dict[str, Any]]]:
    """All rows, without the certificate that brought them."""
    rows = {}
    for table in TABLES.values():
        order = ", ".join(table.key)
        rows[table.name] = [
            {name: value for name, value in row.items() if name != "etl_window_id"}
            for row in runs.rows(f"SELECT * FROM {table.name} ORDER BY {order}")
        ]
    return rows


def line_numbers(runs: AftersalesRuns, table: str, refund_id: int) -> list[int]:
    rows = runs.rows(f"SELECT line_no FROM {table} WHERE refund_id = %s ORDER BY line_no", refund_id)
    return [row["line_no"] for row in rows]


def test_the_first_run_loads_everything_and_says_so(runs):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    assert differences(runs) == []
    certificates = runs.certificates()
    assert {row["verdict"] for row in certificates} == {"complete"}
    assert sum(row["source_keys"] for row in certificates) == 23
    assert runs.watermark() == MONDAY_NOON - timedelta(seconds=60)


def test_two_hundred_orders_of_every_status_and_type_arrive_to_the_last_digit(runs, tmp_path):
    settings_file(tmp_path, page_size=50)
    runs.fill(200, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    assert differences(runs) == []
    assert len(runs.heads("refund_id")) == 200
    assert runs.quarantine() == []


def test_an_empty_window_is_certified_and_moves_the_watermark(runs):
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.run()
    assert [(row["verdict"], row["source_keys"], row["calls"]) for row in runs.certificates()] == [
        ("complete", 0, 1),
        ("complete", 0, 1),
    ]
    assert runs.watermark() == MONDAY_NOON - timedelta(seconds=60)


def test_the_same_window_again_changes_nothing_and_doubles_nothing(runs):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    before = everything(runs)
    assert len(before[HEAD]) == 23
    runs.run("manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
    assert everything(runs) == before
    again = runs.certificates()[-1]
    assert (again["verdict"], again["source_keys"], again["target_keys"]) == ("complete", 23, 23)


def test_nothing_is_due_twice_at_the_same_moment(runs):
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    asked = len(runs.searches())
    assert runs.run() == []
    assert len(runs.searches()) == asked


@pytest.mark.long
def test_orders_that_changed_are_there_as_they_are_now(runs):
    runs.fill(23, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    for _ in range(3):
        runs.sandbox.tell("refunds_move", account="flagship", count=15)
        assert differences(runs) != []
        runs.run_until_current()
        assert differences(runs) == []
    assert len(runs.heads("refund_id")) == 23


def test_an_order_is_replaced_as_a_whole(runs):
    """Lines come and go, an exchange becomes a return, a field is no longer sent."""
    first = {"goods_no": "A", "refund_num": 1}
    swap = {"tid": "S", "swap_order_detail_list": [{"oid": "1"}, {"oid": "2"}]}
    money = [{"rec_id": 1, "refund_amount": 5}, {"rec_id": 2, "refund_amount": 6}]
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put(
        {"refund_id": 7, "type": 3, "modified": millis(MONDAY_NOON - HOUR), "remark": "before",
         "detail_list": [first] * 3, "amount_detail_list": money, "swap_order": swap},
        {"refund_id": 8, "modified": millis(MONDAY_NOON - HOUR), "detail_list": [first]},
    )  # fmt: skip
    runs.run()
    assert line_numbers(runs, CHILDREN["swap_order_detail_list"], 7) == [1, 2]
    runs.put(
        {"refund_id": 7, "type": 2, "without": ["swap_order", "remark"], "amount_detail_list": [],
         "detail_list": [{"goods_no": "B", "refund_num": 2}]},
        {"refund_id": 8, "detail_list": [first, first, {"goods_no": "C"}]},
    )  # fmt: skip
    runs.run_until_current()
    assert differences(runs) == []
    assert line_numbers(runs, CHILDREN["detail_list"], 7) == [1]
    assert line_numbers(runs, CHILDREN["detail_list"], 8) == [1, 2, 3]
    for part in ("amount_detail_list", "swap_order", "swap_order_detail_list"):
        assert runs.rows(f"SELECT * FROM {CHILDREN[part]} WHERE refund_id = 7") == []
    assert [row["remark"] for row in runs.rows(f"SELECT remark FROM {HEAD} WHERE refund_id = 7")] == [None]


# As they stand in the reply: numbers beyond a double, an exponent, an escape, a zero at the end.
LITERAL = '{"exact":123456789012345678901.10,"e":1E+2,"list":[1,null,{"深":"\\u6df1 \\"\\\\"}],"empty":{}}'


def test_fields_that_nobody_mapped_are_kept_as_they_stand_there(runs, bi):
    lines = f'[{{"rec_id":1}},{{"rec_id":2,"later_line":{LITERAL}}}]'
    swap = (
        f'{{"tid":"S","later_swap":{LITERAL},"swap_order_detail_list":[{{"oid":"1","later_swap_line":7.0}}]}}'
    )
    text = (
        f'{{"refund_id":7,"refund_no":"TK7","modified":{millis(MONDAY_NOON - HOUR)},"later":{LITERAL},'
        f'"detail_list":{lines},"amount_detail_list":[{{"later_money":0.10}}],"swap_order":{swap},'
        f'"gov_subsidy_info":[{{"tid":"1","later_subsidy":""}}],"account":"theirs","quality_flags":"theirs"}}'
    )
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put({"literal": text, "modified": millis(MONDAY_NOON - HOUR)})
    runs.run()
    kept = {
        part: [row["extra"] for row in runs.rows(f"SELECT extra FROM {table.name} ORDER BY {table.key[-1]}")]
        for part, table in TABLES.items()
    }
    assert kept["order"] == [f'{{"later":{LITERAL},"account":"theirs","quality_flags":"theirs"}}']
    assert kept["detail_list"] == [None, f'{{"later_line":{LITERAL}}}']
    assert kept["amount_detail_list"] == ['{"later_money":0.10}']
    assert kept["swap_order"] == [f'{{"later_swap":{LITERAL}}}']
    assert kept["swap_order_detail_list"] == ['{"later_swap_line":7.0}']
    assert kept["gov_subsidy_info"] == ['{"later_subsidy":""}']


def test_a_record_with_spaces_between_its_parts_is_the_same_record(runs):
    order = {"refund_id": 7, "refund_no": "TK7", "modified": millis(MONDAY_NOON - HOUR), "later": [1, 2]}
    lines = {"detail_list": [{"num": 1, "x": 1}], "swap_order": {"tid": "S", "y": 2}}
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put({"literal": json.dumps({**order, **lines}, indent=2), "modified": order["modified"]})
    runs.run()
    assert [json.loads(row["extra"]) for row in runs.heads("extra")] == [{"later": [1, 2]}]
    for part, extra in (("detail_list", {"x": 1}), ("swap_order", {"y": 2})):
        rows = runs.rows(f"SELECT extra FROM {CHILDREN[part]}")
        assert [json.loads(row["extra"]) for row in rows] == [extra]


def test_accounts_with_equal_numbers_live_side_by_side(runs, tmp_path):
    settings_file(tmp_path, accounts=2)
    for account in ("flagship", "outlet"):
        runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON, account)
        fields = {"platform_id": "127", "remark": account, "modified": millis(MONDAY_NOON - HOUR)}
        runs.put(*({"refund_id": number, **fields} for number in range(1, 9)), account=account)
    runs.run()
    assert differences(runs) == []
    assert differences(runs, "outlet", gone="", direct=True) == []
    assert [row["remark"] for row in runs.heads("remark")] == ["flagship"] * 8 + ["outlet"] * 8
    runs.put({"refund_id": 1, "platform_id": "127", "remark": "new"}, account="outlet")
    runs.run_until_current()
    assert differences(runs) == []
    assert differences(runs, "outlet", gone="", direct=True) == []
    assert [row["account"] for row in runs.rows("SELECT account FROM etl_watermark ORDER BY 1")] == [
        "flagship",
        "outlet",
    ]


def load_each(runs: AftersalesRuns) -> dict[str, Exception | None]:
    """Load every chunk as Airflow does, whatever the others come to; return each account's error."""
    context = runs.context()
    errors: dict[str, Exception | None] = {}
    for part in runs.plan(context):
        try:
            runs.load(part, context)
            errors.setdefault(part["account"]["name"], None)
        except Exception as error:  # noqa: BLE001 (as Airflow does)
            errors[part["account"]["name"]] = error
    return errors


def test_an_account_that_the_vendor_refuses_holds_up_no_other(runs, tmp_path, monkeypatch):
    settings_file(tmp_path, accounts=2)
    change_connection(monkeypatch, "wangdiantong_default", password="wrong-secret:salt")
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR, "outlet")
    errors = load_each(runs)
    assert errors["outlet"] is None
    assert isinstance(errors["flagship"], AirflowFailException)
    assert "wangdiantong_default" in str(errors["flagship"])
    assert "appsecret" in str(errors["flagship"])
    assert differences(runs, "outlet", gone="", direct=True) == []
    assert {row["account"] for row in runs.heads("account")} == {"outlet"}
    assert {row["account"]: row["watermark"].hour for row in runs.rows("SELECT * FROM etl_watermark")} == {
        "flagship": 0,
        "outlet": 11,
    }


def target_elsewhere(tmp_path: Path, conn_id: str) -> None:
    """Two accounts; the second one's target is another database."""
    path = settings_file(tmp_path, accounts=2)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["wangdiantong_accounts"][1]["target_conn_id"] = conn_id
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_a_target_that_does_not_answer_holds_up_no_other(runs, tmp_path, monkeypatch):
    target_elsewhere(tmp_path, "bi_elsewhere")
    elsewhere = {"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "bi", "schema": "bi"}
    monkeypatch.setenv("AIRFLOW_CONN_BI_ELSEWHERE", json.dumps(elsewhere))
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    errors = load_each(runs)
    assert errors["flagship"] is None
    assert isinstance(errors["outlet"], DatabaseUnavailable)
    assert "bi_elsewhere" in str(errors["outlet"])
    assert differences(runs) == []


def test_a_target_that_nobody_defined_is_named(runs, tmp_path):
    target_elsewhere(tmp_path, "bi_nowhere")
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    errors = load_each(runs)
    assert errors["flagship"] is None
    assert isinstance(errors["outlet"], AirflowFailException)
    assert "connection 'bi_nowhere' is not defined" in str(errors["outlet"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"login": ""}, "appkey (login) is empty"),
        ({"password": "no-colon"}, "secret:salt"),
        ({"extra": {"sid": ""}}, "sid is empty"),
        ({"extra": {"gateway": "other"}}, "allowed: qimen, direct"),
        ({"extra": {"calls_per_minute": "0"}}, "calls_per_minute"),
    ],
)
def test_a_connection_that_cannot_work_names_the_field(runs, monkeypatch, changes, words):
    change_connection(monkeypatch, "wangdiantong_default", **changes)
    with pytest.raises(AirflowFailException, match="wangdiantong_default") as caught:
        runs.run()
    assert words in str(caught.value)
    assert runs.searches() == []
