"""Any order of a page may be poison, in its head or in a line, for us or for the database: all others arrive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pymysql
import pytest
from airflow.sdk.exceptions import AirflowFailException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import RecordRejected, TransientApiError
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.wangdiantong_aftersales.source import AftersalesSource
from retail_pipeline.settings.retail import PagedLoadSettings
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES
from retail_pipeline.windows.paged_replay import replay
from tests.examples import examples
from tests.mysql_servers import server_of
from tests.wangdiantong_aftersales.runs import HEAD, MONDAY_NOON, QIMEN, AftersalesRuns, settings_file

HOUR = timedelta(hours=1)
STAMP = int((MONDAY_NOON - 2 * HOUR).timestamp() * 1000)
RULES = {
    HEAD: f"ALTER TABLE {HEAD} ADD CONSTRAINT no_bad_shop CHECK (shop_no <> 'bad')",
    f"{HEAD}_detail": f"ALTER TABLE {HEAD}_detail ADD CONSTRAINT no_bad_line CHECK (goods_no <> 'bad')",
}
MEND = {
    HEAD: f"ALTER TABLE {HEAD} DROP CONSTRAINT no_bad_shop",
    f"{HEAD}_detail": f"ALTER TABLE {HEAD}_detail DROP CONSTRAINT no_bad_line",
}
# What an order has, and with what reason it is refused.
REFUSED = {
    "raw tab": ('"remark":"a\tb"', "not_json"),
    "raw line end": ('"remark":"]},{\n"', "not_json"),
    "control character": ('"remark":"a\x01b"', "not_json"),
    "quote": (r'"remark":"a\'b"', "not_json"),
    "half an escape": (r'"remark":"\u12"', "not_json"),
    "half an emoji": (r'"remark":"\ud83d"', "not_json"),
    "NaN": ('"receive_amount":NaN', "not_json"),
    "007": ('"shop_id":007', "not_json"),
    "cut number": ('"receive_amount":1.', "not_json"),
    "in a line": ('"detail_list":[{"goods_no":"a\tb"}]', "not_json"),
    "no list": ('"detail_list":5', "not_an_object"),
    "no number": ('"refund_no":""', "refund_no_missing"),
    "the shop's rule": ('"shop_no":"bad"', "refused_by_database"),
    "the shop's rule for lines": (
        '"detail_list":[{"goods_no":"g"},{"goods_no":"bad"}]',
        "refused_by_database",
    ),
}
UNFIT = {
    "masked": '"shop_id":"***"',
    "long": '"shop_no":"xxxxxxxxxxxxxxxxxxxxxxxxx"',
    "masked in a line": '"detail_list":[{"goods_no":"g","num":"****1234"}]',
}
# What only looks so.
TAKEN = {"NUL": r'"remark":"a\u0000b"', "huge number": '"new":1e200000', "braces": '"remark":"]}, {"'}
KINDS = st.sampled_from(["good", "good", "good", *REFUSED, *UNFIT, *TAKEN])


def text_of(number: int, kind: str) -> str:
    member = (
        REFUSED[kind][0] if kind in REFUSED else {**UNFIT, **TAKEN}.get(kind, f'"remark":"good {number}"')
    )
    refund_no = "" if "refund_no" in member else f'"refund_no":"TK{number}",'
    return f'{{"refund_id":{number},{refund_no}"modified":{STAMP},{member}}}'


def begin(runs: AftersalesRuns, *kinds: str) -> dict[int, str]:
    """Empty all tables, and let the vendor have just these orders."""
    texts = {number: text_of(number, kind) for number, kind in enumerate(kinds, 1)}
    runs.sandbox.reset()
    runs.clock.set(MONDAY_NOON)
    for name in ("etl_window", "etl_watermark", "etl_quarantine", *(table.name for table in AFTERSALES)):
        runs.rows(f"DELETE FROM {name}")
    runs.fill(0, MONDAY_NOON - HOUR, MONDAY_NOON)
    runs.put(*({"literal": text, "modified": STAMP} for text in texts.values()))
    return texts


def load_day(runs: AftersalesRuns) -> dict[str, Any]:
    runs.run("manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
    return runs.certificates()[-1]


@pytest.fixture
def loads(runs, tmp_path) -> Iterator[AftersalesRuns]:
    """Runs into tables that have rules which a shop added."""
    settings_file(tmp_path, max_quarantined_share=1.0)
    for sql in RULES.values():
        runs.rows(sql)
    yield runs
    for sql in MEND.values():
        with suppress(pymysql.err.Error, psycopg.Error):  # a test mends by itself
            runs.rows(sql)


def refused_by(loads: AftersalesRuns) -> dict[str, str]:
    """Return what the database does not take, and why: a number beyond a double, and in PostgreSQL a NUL."""
    more = {"mysql": ["huge number"], "postgres": ["huge number", "NUL"], "mariadb": []}
    taken_by_others = dict.fromkeys(more[server_of(loads.target)], "refused_by_database")
    return {kind: why for kind, (_, why) in REFUSED.items()} | taken_by_others


@settings(max_examples=examples(25, everything=50), deadline=None, suppress_health_check=list(HealthCheck))
@given(kinds=st.lists(KINDS, max_size=18), batch_rows=st.integers(1, 20))
def test_all_others_arrive_whatever_is_poison(loads, tmp_path, kinds, batch_rows):
    settings_file(tmp_path, max_quarantined_share=1.0, batch_rows=batch_rows)
    texts = begin(loads, *kinds)
    reason = refused_by(loads)
    refused = {number: kind for number, kind in enumerate(kinds, 1) if kind in reason}
    for times in (1, 2):
        certificate = load_day(loads)
        assert (certificate["verdict"], certificate["source_keys"]) == ("complete", len(kinds))
        assert (certificate["quarantined"], certificate["target_keys"]) == (
            len(refused),
            len(kinds) - len(refused),
        )
        counts = json.loads(certificate["rule_counts"] or "{}")
        reasons = Counter(reason[kind] for kind in refused.values())
        assert {reason: counts.get(reason) for reason in reasons} == reasons
        assert {
            int(row["source_key"]): (row["reason"], row["raw"], row["times"]) for row in loads.quarantine()
        } == {number: (reason[kind], texts[number], times) for number, kind in refused.items()}
        found = {row["refund_id"]: row for row in loads.heads()}
        assert found.keys() == texts.keys() - refused.keys()
        for number, row in found.items():
            kind = kinds[number - 1]
            assert ("value_unfit" in row["quality_flags"]) == (kind in UNFIT)
            if kind == "good":
                assert (row["remark"], row["extra"]) == (f"good {number}", None)


def test_what_was_refused_is_loaded_when_the_rule_is_gone(loads):
    begin(loads, "good", "the shop's rule", "the shop's rule for lines")
    load_day(loads)
    entries = loads.quarantine()
    code = {"mysql": 3819, "mariadb": 4025, "postgres": 23514}[server_of(loads.target)]
    assert [row["detail"] for row in entries] == [
        f"{name} ({code})" for name in ("no_bad_shop", "no_bad_line")
    ]
    how, source = PagedLoadSettings(), AftersalesSource("flagship")
    with open_target("bi_mysql", stages=True) as session:
        for entry in entries:
            with pytest.raises(RecordRejected, match="refused_by_database"):
                replay(session, source, how, entry)
        assert {row["state"] for row in loads.quarantine()} == {"open"}
        for sql in MEND.values():
            loads.rows(sql)
        assert [replay(session, source, how, entry) for entry in entries] == ["loaded", "loaded"]
    assert [row["refund_id"] for row in loads.heads("refund_id")] == [1, 2, 3]
    assert {row["state"] for row in loads.quarantine()} == {"replayed"}


@pytest.mark.parametrize(
    "kinds", [["the shop's rule"] * 3, ["the shop's rule", "NaN", "the shop's rule for lines"]]
)
def test_the_limit_holds_for_what_the_database_refuses_too(loads, tmp_path, kinds):
    settings_file(tmp_path, max_quarantined=2)
    begin(loads, *kinds, "good", "good", "good")
    with pytest.raises(AirflowFailException, match="3 of 6 records cannot be used"):
        load_day(loads)
    last = loads.certificates()[-1]
    assert (last["verdict"], last["quarantined"], loads.heads()) == ("stopped", 3, [])
    assert {row["source_key"] for row in loads.quarantine()} == {"1", "2", "3"}
    assert loads.watermark() is None


def test_the_share_holds_for_what_the_database_refuses_too(loads, tmp_path):
    settings_file(tmp_path, page_size=50, batch_rows=1000, max_quarantined_share=0.05)
    begin(loads, *["the shop's rule"] * 6, *["good"] * 94)
    with pytest.raises(AirflowFailException, match="6 of 100 records cannot be used"):
        load_day(loads)
    assert (loads.certificates()[-1]["verdict"], loads.heads()) == ("stopped", [])


def test_a_page_that_came_twice_is_not_complete_for_what_was_refused_of_it(loads, tmp_path):
    """One that is refused counts once, or another order would be missed for it."""
    settings_file(tmp_path, batch_rows=1, max_attempts=1)
    begin(loads, *["the shop's rule"] * 3, "good", "good", "good", "good")
    loads.sandbox.fault(QIMEN, "duplicate_page", after=2)
    with pytest.raises(TransientApiError, match="records kept moving"):
        load_day(loads)
    loads.sandbox.mend()
    assert load_day(loads)["quarantined"] == 3


@pytest.mark.parametrize("data", [{"total_count": 0}, {"total_count": 0, "order": None}])
def test_a_total_of_nothing_needs_no_list(runs, data):
    body = {"response": {"flag": "success", "status": 0, "data": data}}
    runs.sandbox.tell("faults", path=QIMEN, kind="error", body=body)
    runs.run()
    assert {row["verdict"] for row in runs.certificates()} == {"complete"}


@pytest.mark.long
def test_one_broken_order_among_many_costs_none_of_the_others(runs):
    runs.fill(180, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    broken = '{"refund_id": 7, "refund_no": "TK7", "remark": "a\tb"}'
    runs.put({"literal": broken, "modified": STAMP})
    runs.run()
    [entry] = runs.quarantine()
    assert (entry["source_key"], entry["reason"], entry["raw"]) == ("7", "not_json", broken)
    assert len(runs.heads("refund_id")) == 180
    assert json.loads(runs.certificates()[-1]["rule_counts"])["not_json"] == 1
