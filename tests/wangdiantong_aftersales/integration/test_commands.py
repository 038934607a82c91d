"""``retail windows``, ``retail quarantine`` and ``retail schema`` before real tables."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import dialect
from retail_pipeline.errors import ConfigError, TransientApiError
from tests.three_ways import as_rows, on_terminal, told_three_ways
from tests.wangdiantong_aftersales.runs import (
    HEAD,
    MONDAY_NOON,
    QIMEN,
    AftersalesRuns,
    settings_file,
)

LOAD = "wangdiantong_aftersales"
HOUR = timedelta(hours=1)
STAMP = int((MONDAY_NOON - HOUR).timestamp() * 1000)


@pytest.fixture
def runs(runs: AftersalesRuns) -> AftersalesRuns:
    """The runs of the other tests, with a few orders."""
    runs.fill(9, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    return runs


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(retail, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def put_bad(runs: AftersalesRuns, **orders: dict[str, Any]) -> None:
    for name, fields in orders.items():
        runs.put({"refund_id": int(name[1:]), "modified": STAMP, **fields})
    runs.run()


def test_windows_lists_what_is_complete_and_the_watermark(runs):
    runs.run()
    result = call("windows", LOAD)
    assert result.exit_code == 0
    headings, newest, older, watermark = result.output.splitlines()
    assert headings.split()[:2] == ["account", "window"]
    assert newest.split() == [
        "flagship", "11-22", "23:50:00", "to", "11-23", "11:59:00", "complete", "9", "9", "0", "0",
        "✔", "same", "2", "3", "scheduled",
    ]  # fmt: skip
    assert "11-21 23:50:00 to 11-22 23:50:00" in older
    assert watermark == "watermark of flagship: 2026-11-23 11:59:00"
    row = told_three_ways("windows", LOAD)[0]
    assert (row["window_from"], row["watermark"]) == (
        "2026-11-22T23:50:00+08:00",
        "2026-11-23T11:59:00+08:00",
    )
    assert (row["source_keys"], row["same_values"], row["missing_keys"]) == (9, True, [])


def test_windows_ends_with_1_where_one_is_not_complete(runs):
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    runs.sandbox.fault(QIMEN, "http_status", status=502, body="Bad Gateway", after=2)
    with pytest.raises(TransientApiError):
        runs.load(part, context)
    result = call("windows", LOAD)
    assert result.exit_code == 1
    [failed] = [line for line in result.output.splitlines() if " failed " in line]
    assert "HTTP 502" in failed
    complete = call("windows", LOAD, "--verdict", "complete")
    assert (complete.exit_code, "failed" in complete.output) == (1, False)
    assert call("windows", LOAD, "--verdict", "stopped").exit_code == 1
    runs.sandbox.mend()
    runs.load(part, context)
    assert call("windows", LOAD).exit_code == 0
    assert call("windows", LOAD, "--verdict", "stopped").exit_code == 0


@pytest.mark.parametrize(("missing", "told"), [(3, ": TK1, TK2, TK3"), (7, ": TK1, TK2, TK3, TK4, TK5 …")])
def test_windows_names_the_first_rows_that_did_not_arrive(runs, missing, told):
    runs.run()
    assert "missing: " not in call("windows", LOAD).output
    keys = json.dumps([f"TK{number + 1}" for number in range(missing)])
    latest = runs.certificates()[-1]["id"]
    runs.rows(f"UPDATE etl_window SET verdict = 'incomplete', missing_keys = %s WHERE id = {latest}", keys)
    [line] = [line for line in call("windows", LOAD).output.splitlines() if " incomplete " in line]
    assert line.endswith(f"scheduled missing{told}")


def test_windows_can_be_asked_for_an_account_a_time_and_a_number(runs, tmp_path):
    settings_file(tmp_path, accounts=2)
    runs.run()
    outlet = call("windows", LOAD, "--account", "outlet").output
    assert "outlet" in outlet
    assert "flagship" not in outlet
    assert len(call("windows", LOAD).output.splitlines()) == 1 + 4 + 2
    limited = call("windows", LOAD, "--limit", "1").output.splitlines()
    assert (len(limited), limited[2]) == (1 + 1 + 1 + 2, "3 more; see --limit")
    runs.clock.advance(timedelta(days=3))
    late = call("windows", LOAD)
    assert (late.exit_code, late.output.splitlines()[0]) == (
        1,
        "no window of the last 2 days: is the DAG paused?",
    )
    assert len(call("windows", LOAD, "--days", "7").output.splitlines()) == 1 + 4 + 2


def test_before_the_first_run_there_is_nothing_to_tell(runs):
    assert len(call("windows", LOAD).output.splitlines()) == 1
    assert call("windows", LOAD).exit_code == 1
    assert call("quarantine", "list").output == "0 records\n"
    assert call("quarantine", "list").exit_code == 0
    assert call("quarantine", "replay", "--all").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["windows"], "Missing argument"),
        (["windows", "other_load"], "'other_load' is not"),
        (["windows", LOAD, "--days", "x"], "--days"),
        (["windows", LOAD, "--verdict", "well"], "--verdict"),
        (["quarantine", "replay"], "name the records, or say --all"),
        (["quarantine", "show"], "Missing argument"),
        (["quarantine", "show", "x"], "is not a valid integer"),
        (["quarantine", "list", "--state", "gone"], "--state"),
        (["quarantine", "list", "--pipeline", "x"], "--pipeline"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_asked_is_said_with_status_2(runs, arguments, words):
    result = call(*arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_two_targets_must_be_told_apart(runs, tmp_path):
    path = settings_file(tmp_path, accounts=2)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["wangdiantong_accounts"][1]["target_conn_id"] = "bi_elsewhere"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    result = call("windows", LOAD)
    assert result.exit_code == 2
    assert "bi_elsewhere, bi_mysql" in result.output
    assert "no window of the last 2 days" in call("windows", LOAD, "--conn-id", "bi_mysql").output


def test_the_quarantine_is_listed_and_shown(runs):
    put_bad(runs, n1={"refund_no": ""}, n2={"refund_no": "长" * 41, "remark": "👌 原文"})
    result = call("quarantine", "list")
    assert result.exit_code == 1
    _, *lines, count = result.output.splitlines()
    assert count == "2 records"
    number, missing = next(line.split()[0] for line in lines if line.split()[2] == "2"), lines[-1] + lines[0]
    assert "refund_no_missing: refund_no" in missing
    assert "text_too_long: refund_no holds 40 characters" in missing
    assert "11-23 12:00 (1 times)" in lines[0]
    rows = told_three_ways("quarantine", "list")
    assert sorted(row["reason"] for row in rows) == ["refund_no_missing", "text_too_long"]
    assert "原文" not in result.output + str(rows) + on_terminal("quarantine", "list")
    shown = call("quarantine", "show", number).output
    assert json.loads(shown.splitlines()[-1])["remark"] == "👌 原文"
    assert "reason       text_too_long" in shown
    assert "raw_hash" not in shown
    [entry] = as_rows("quarantine", "show", number)
    assert (entry["reason"], json.loads(entry["raw"])["remark"]) == ("text_too_long", "👌 原文")


def test_a_number_that_is_not_there_is_said(runs):
    result = CliRunner().invoke(retail, ["quarantine", "show", "4711"])
    assert isinstance(result.exception, ConfigError)
    assert "no record number 4711" in str(result.exception)


def test_a_number_that_is_not_there_keeps_no_other_from_being_replayed(runs):
    put_bad(runs, n1={"refund_no": "x" * 41})
    [number] = numbers(runs)
    result = call("quarantine", "replay", "4711", number)
    assert result.exit_code == 1
    assert "4711: there is no record number 4711" in result.output
    assert f"{number}: still cannot be used" in result.output


def numbers(runs: AftersalesRuns) -> list[str]:
    return [str(row["id"]) for row in runs.quarantine()]


def test_a_record_that_still_cannot_be_used_stays_and_says_why(runs):
    put_bad(runs, n1={"refund_no": "x" * 41})
    result = call("quarantine", "replay", *numbers(runs))
    assert result.exit_code == 1
    assert "still cannot be used: text_too_long: refund_no" in result.output
    assert [row["state"] for row in runs.quarantine()] == ["open"]


def test_as_is_loads_whatever_the_rules_say_but_not_what_does_not_fit(runs):
    put_bad(runs, n1={"refund_no": "", "remark": "as it is"}, n2={"refund_no": "x" * 41})
    assert [call("quarantine", "replay", number).exit_code for number in numbers(runs)] == [1, 1]
    results = [call("quarantine", "replay", "--as-is", number) for number in numbers(runs)]
    assert sorted(result.exit_code for result in results) == [0, 1]
    assert any(result.output.endswith(": loaded\n") for result in results)
    assert {row["source_key"]: row["state"] for row in runs.quarantine()} == {"1": "replayed", "2": "open"}
    [row] = runs.rows(f"SELECT * FROM {HEAD} WHERE refund_id = 1")
    assert (row["refund_no"], row["remark"], row["quality_flags"]) == ("", "as it is", None)
    lines = runs.rows(f"SELECT * FROM {HEAD}_detail WHERE refund_id = 1")
    assert len(lines) == len(next(order for order in runs.orders() if order["refund_id"] == 1)["detail_list"])
    certificate = runs.rows("SELECT * FROM etl_window WHERE id = %s", row["etl_window_id"])[0]
    assert (certificate["purpose"], certificate["verdict"], certificate["target_keys"]) == (
        "replay",
        "complete",
        1,
    )
    assert call("quarantine", "list").output.splitlines()[-1] == "1 records"
    replayed = call("quarantine", "list", "--state", "replayed")
    assert (replayed.exit_code, replayed.output.splitlines()[-1]) == (0, "1 records")
    assert call("quarantine", "list", "--state", "all").output.splitlines()[-1] == "2 records"


def test_a_replay_of_an_older_version_says_so_and_changes_nothing(runs):
    put_bad(runs, n1={"refund_no": ""})
    runs.put({"refund_id": 1, "remark": "newer"})
    [number] = numbers(runs)
    runs.run_until_current()
    result = call("quarantine", "replay", "--as-is", number)
    assert result.exit_code == 0
    assert "a newer version is in the table already" in result.output
    assert runs.rows(f"SELECT remark FROM {HEAD} WHERE refund_id = 1") == [{"remark": "newer"}]
    assert [row["state"] for row in runs.quarantine()] == ["replayed"]


def test_a_replay_of_all_says_when_nothing_is_set_aside(runs):
    result = call("quarantine", "replay", "--all")
    assert (result.exit_code, result.output) == (0, "no record is set aside\n")


def test_a_replayed_record_that_comes_again_is_open_again(runs):
    put_bad(runs, n1={"refund_no": ""})
    call("quarantine", "replay", "--all", "--as-is")
    runs.run("manual", window_from="2026-11-23 10:00:00", window_to="2026-11-23 12:00:00")
    assert [(row["state"], row["times"]) for row in runs.quarantine()] == [("open", 2)]


def test_records_can_be_replayed_where_the_settings_allow_none_to_be_set_aside(runs, tmp_path):
    put_bad(runs, n1={"refund_no": "x" * 41})
    settings_file(tmp_path, max_quarantined=0)
    result = call("quarantine", "replay", *numbers(runs))
    assert result.exit_code == 1
    assert "still cannot be used: text_too_long" in result.output


def test_a_record_of_another_load_is_replayed_by_that_load(runs):
    put_bad(runs, n1={"refund_no": ""})
    heads = runs.heads()
    runs.rows("UPDATE etl_quarantine SET pipeline = 'jushita_sys_info', account = 'nowhere/jdp_tb_trade'")
    result = call("quarantine", "replay", *numbers(runs), "--as-is")
    assert (result.exit_code, runs.heads()) == (1, heads)
    assert "instance of sys_info" in result.output


@pytest.mark.parametrize("how", ["--all", "each"])
def test_several_records_are_replayed_one_after_the_other(runs, how):
    put_bad(runs, n1={"refund_no": ""}, n2={"refund_no": "x" * 41}, n3={"refund_no": ""})
    result = call("quarantine", "replay", "--as-is", *(["--all"] if how == "--all" else numbers(runs)))
    assert result.exit_code == 1
    assert result.output.count(": loaded") == 2
    assert {row["source_key"]: row["state"] for row in runs.quarantine()} == {
        "1": "replayed",
        "2": "open",
        "3": "replayed",
    }


def test_the_schema_can_be_applied_twice(runs, store, warehouse):
    runs.run()
    heads = len(runs.heads())
    for _ in range(2):
        result = call("schema", "apply")
        assert result.exit_code == 0, result.output
        assert f"bi_mysql: {HEAD}: 0 columns added or changed" in result.output
        assert f"bi_mysql: schema/target/{dialect(runs.target)}: nothing to do" in result.output
    assert len(runs.heads()) == heads


def test_the_schema_completes_a_table(runs, store, warehouse):
    runs.rows(f"ALTER TABLE {HEAD} DROP COLUMN fenxiao_alias")
    assert f"bi_mysql: {HEAD}: 1 columns added or changed" in call("schema", "apply").output
    runs.run()
    assert call("windows", LOAD).exit_code == 0
