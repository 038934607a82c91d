"""How many records may be set aside, how often, and what the quality rules say of those that are loaded."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import TransientApiError
from tests.wangdiantong_aftersales.runs import MONDAY_NOON, AftersalesRuns, differences, settings_file

HOUR = timedelta(hours=1)
STAMP = int((MONDAY_NOON - HOUR).timestamp() * 1000)
BEFORE = MONDAY_NOON.replace(day=22, hour=23, minute=50)  # where the chunk begins that holds the records


def put_bad(runs: AftersalesRuns, count: int, good: int = 3) -> None:
    runs.fill(good, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    runs.put(*({"refund_id": number, "refund_no": "", "modified": STAMP} for number in range(1, count + 1)))


def last(runs: AftersalesRuns, *columns: str) -> tuple[Any, ...]:
    row = runs.certificates()[-1]
    return tuple(row[column] for column in columns)


def test_too_many_stop_the_window_before_anything_is_published(runs, tmp_path):
    settings_file(tmp_path, max_quarantined=3)
    put_bad(runs, 4, good=9)
    with pytest.raises(
        AirflowFailException, match=r"4 of .* records cannot be used .*retail quarantine list"
    ):
        runs.run()
    assert runs.heads() == []
    assert runs.rows("SELECT * FROM aftersales_refund_refund_search_detail") == []
    assert {(row["source_key"], row["reason"]) for row in runs.quarantine()} == {
        (str(number), "refund_no_missing") for number in range(1, 5)
    }
    assert last(runs, "verdict", "quarantined") == ("stopped", 4)
    assert runs.watermark() == BEFORE


def test_as_many_as_allowed_do_not_stop_it(runs, tmp_path):
    settings_file(tmp_path, max_quarantined=3)
    put_bad(runs, 3)
    runs.run()
    assert last(runs, "verdict", "quarantined", "source_keys", "target_keys") == ("complete", 3, 6, 3)


@pytest.mark.parametrize(("bad", "verdict"), [(5, "complete"), (6, "stopped")])
def test_a_share_stops_it_where_there_are_many(runs, tmp_path, bad, verdict):
    settings_file(tmp_path, page_size=50, max_quarantined_share=0.05)
    put_bad(runs, bad, good=100 - bad)
    if verdict == "stopped":
        with pytest.raises(AirflowFailException, match="6 of 100 records"):
            runs.run()
    else:
        runs.run()
    assert last(runs, "verdict", "quarantined") == (verdict, bad)
    assert len(runs.heads("refund_id")) == (95 if verdict == "complete" else 0)


def test_a_window_that_was_stopped_is_loaded_when_its_cause_is_mended(runs, tmp_path):
    settings_file(tmp_path, max_quarantined=0)
    put_bad(runs, 2)
    with pytest.raises(AirflowFailException):
        runs.run()
    runs.put(*({"refund_id": number, "modified": STAMP} for number in (1, 2)))
    runs.run()
    assert last(runs, "verdict", "quarantined") == ("complete", 0)
    assert differences(runs) == []


def test_a_record_that_comes_again_is_counted_and_not_doubled(runs):
    put_bad(runs, 2)
    runs.run()
    first = runs.quarantine()
    runs.clock.advance(HOUR)
    runs.run("manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
    again = runs.quarantine()
    assert [row["id"] for row in again] == [row["id"] for row in first]
    assert {(row["times"], row["last_seen"] - row["first_seen"]) for row in again} == {(2, HOUR)}
    assert {row["window_id"] for row in again} == {runs.certificates()[-1]["id"]}


def test_equal_records_of_two_accounts_are_two(runs, tmp_path):
    settings_file(tmp_path, accounts=2)
    text = f'{{"refund_id":7,"refund_no":"","modified":{STAMP}}}'
    for account in ("flagship", "outlet"):
        runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON, account)
        runs.put({"literal": text, "modified": STAMP}, account=account)
    runs.run()
    assert [row["account"] for row in runs.quarantine()] == ["flagship", "outlet"]


def test_the_rest_of_an_order_that_was_set_aside_stays_as_it_was(runs):
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put({"refund_id": 7, "remark": "good", "modified": STAMP})
    runs.run()
    runs.put({"refund_id": 7, "remark": "bad", "refund_no": ""})
    runs.clock.advance(timedelta(minutes=15))
    runs.run()
    assert [row["remark"] for row in runs.heads("remark")] == ["good"]
    assert [row["source_key"] for row in runs.quarantine()] == ["7"]


def test_the_same_bad_record_twice_on_a_page_is_not_believed(runs):
    """As with good ones: a page that has a record twice may lack another."""
    put_bad(runs, 1, good=0)
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    runs.sandbox.fault("/router/qm", "duplicate_record")
    with pytest.raises(TransientApiError):
        runs.load(part, context)
    assert runs.quarantine() == []
    runs.sandbox.mend()
    runs.load(part, context)
    assert [row["times"] for row in runs.quarantine()] == [1]


FLAGGED = {
    "shop_no_missing": {"shop_no": ""},
    "status_unknown": {"status": 55},
    "type_unknown": {"type": 5},
    "modified_before_created": {"created": STAMP + 1000},
    "checked_before_created": {"created": "2026-11-23 09:00:00", "check_time": "2026-11-23 08:00:00"},
    "settled_before_checked": {"check_time": "2026-11-23 09:00:00", "settle_time": "2026-11-23 08:59:59"},
    "return_goods_count_negative": {"return_goods_count": -1},
    "receive_amount_negative": {"receive_amount": -0.5},
    "guarantee_refund_amount_negative,direct_refund_amount_negative": {
        "guarantee_refund_amount": -1,
        "direct_refund_amount": -1,
    },
}
CALM = {"status": 20, "type": 2, "shop_no": "0101", "check_time": "", "settle_time": "", "note_count": 1}


def test_what_breaks_a_rule_is_loaded_flagged_and_counted(runs, tmp_path):
    settings_file(tmp_path, page_size=50)
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    orders = [CALM, *({**CALM, **fields} for fields in FLAGGED.values())]
    runs.put(*({"refund_id": number, "modified": STAMP, **order} for number, order in enumerate(orders, 1)))
    runs.run()
    assert [row["quality_flags"] for row in runs.heads()] == [None, *FLAGGED]
    counts = json.loads(runs.certificates()[-1]["rule_counts"])
    assert counts == {rule: 1 for rules in FLAGGED for rule in rules.split(",")}
    assert differences(runs) == []


def test_a_default_is_put_in_and_counted(runs):
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put({"refund_id": 7, "modified": STAMP, **CALM, "without": ["note_count"]})
    runs.run()
    assert [(row["note_count"], row["quality_flags"]) for row in runs.heads()] == [(0, None)]
    assert json.loads(runs.certificates()[-1]["rule_counts"]) == {"note_count_missing": 1}


def test_what_is_set_aside_is_counted_by_its_rule(runs):
    put_bad(runs, 2, good=0)
    runs.put({"refund_id": 9, "modified": STAMP, "refund_no": "x" * 41})
    runs.run()
    counts = json.loads(runs.certificates()[-1]["rule_counts"])
    assert (counts["refund_no_missing"], counts["text_too_long"]) == (2, 1)


def test_a_status_that_comes_as_text_is_no_unknown_one(runs):
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put({"refund_id": 7, "modified": STAMP, **CALM, "status": "20", "type": "2"})
    runs.run()
    assert [(row["status"], row["type"], row["quality_flags"]) for row in runs.heads()] == [(20, 2, None)]


def test_a_repeated_attempt_counts_its_rules_once(runs):
    put_bad(runs, 1, good=12)
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    runs.sandbox.fault("/router/qm", "short_page", count=1, times=1, after=1)
    runs.load(part, context)
    assert last(runs, "passes", "quarantined") == (2, 1)
    assert json.loads(runs.certificates()[-1]["rule_counts"])["refund_no_missing"] == 1
    assert [row["times"] for row in runs.quarantine()] == [1]


def test_an_order_that_comes_again_and_can_be_used_settles_its_entry(runs):
    put_bad(runs, 2)
    runs.run()
    mended = int((MONDAY_NOON + HOUR / 2).timestamp() * 1000)
    runs.put({"refund_id": 1, "refund_no": "TK1", "modified": mended})
    runs.clock.advance(HOUR)
    runs.run()
    assert [(row["source_key"], row["state"]) for row in runs.quarantine()] == [
        ("1", "replayed"),
        ("2", "open"),
    ]
