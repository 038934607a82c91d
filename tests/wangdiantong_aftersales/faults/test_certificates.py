"""A certificate says what both sides have, and what does not add up is not complete."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline.business_time import local_time
from retail_pipeline.errors import ChunksFailed, WindowIncomplete
from tests.wangdiantong_aftersales.runs import (
    HEAD,
    MONDAY_NOON,
    QIMEN,
    AftersalesRuns,
    differences,
    settings_file,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEFORE = MONDAY_NOON.replace(day=22, hour=23, minute=50)  # where the chunk begins that holds the orders
END = MONDAY_NOON - MINUTE


def sum_of_row_hashes(versions: dict[int, datetime], account: str = "flagship") -> int:
    """The checksum, worked out here from what it is documented to be: 63 bits of the SHA-256 of key and version."""
    texts = (f"{account}|{key}|{modified:%Y-%m-%d %H:%M:%S.%f}" for key, modified in versions.items())
    return sum(int(hashlib.sha256(text.encode()).hexdigest()[:16], 16) for text in texts) % 2**63


def truth(runs: AftersalesRuns) -> dict[int, datetime]:
    """The vendor's versions; now and then they come as text."""
    return {
        order["refund_id"]: datetime.fromisoformat(value)
        if isinstance(value := order["modified"], str)
        else local_time(datetime.fromtimestamp(value / 1000, tz=MONDAY_NOON.tzinfo))
        for order in runs.orders()
    }


def chunks(runs: AftersalesRuns) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan a run; load the chunk that holds nothing, return context and the other."""
    context = runs.context()
    before, part = runs.plan(context)
    runs.load(before, context)
    return context, part


@contextmanager
def spoiling(runs: AftersalesRuns, body: str) -> Iterator[None]:
    """Let a trigger in the database spoil what is written to the table."""
    runs.rows(f"CREATE TRIGGER spoil BEFORE INSERT ON {HEAD} FOR EACH ROW {body}")
    try:
        yield
    finally:
        runs.rows("DROP TRIGGER spoil")


@pytest.fixture(autouse=True)
def _no_trigger_is_left(bi: Any) -> None:
    with bi.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS spoil")


def test_both_sides_add_up_to_what_the_vendor_and_the_table_have(runs):
    runs.fill(90, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    runs.put(
        {"refund_id": 40, "modified": "2026-11-23 10:30:00"}, {"refund_id": 41, "modified": 1795399200123}
    )
    runs.run()
    versions = truth(runs)
    assert 40 in versions
    in_table = {row["refund_id"]: row["modified"] for row in runs.heads("refund_id, modified")}
    assert in_table == versions
    row = runs.certificates()[-1]
    assert row["source_total"] == row["source_keys"] == row["target_keys"] == len(versions)
    assert row["source_checksum"] == row["target_checksum"] == sum_of_row_hashes(versions)
    assert (row["refused"], row["refused_checksum"], row["quarantined"]) == (0, 0, 0)
    assert row["missing_keys"] is None


def test_refused_and_set_aside_are_part_of_the_sum(runs):
    runs.fill(0, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    stamps = {number: MONDAY_NOON - number * MINUTE for number in range(2, 8)}
    runs.put(*({"refund_id": n, "modified": int(at.timestamp() * 1000)} for n, at in stamps.items()))
    runs.put({"refund_id": 99, "refund_no": "", "modified": int(stamps[2].timestamp() * 1000)})
    for newer in (3, 4):
        runs.rows(
            f"INSERT INTO {HEAD} (account, refund_id, modified, remark) VALUES ('flagship', %s, %s, 'newer')",
            (newer, local_time(MONDAY_NOON)),
        )
    runs.run()
    row = runs.certificates()[-1]
    assert row["verdict"] == "complete"
    assert (row["source_keys"], row["target_keys"], row["refused"], row["quarantined"]) == (7, 4, 2, 1)
    versions = {n: local_time(at) for n, at in stamps.items()}
    assert row["source_checksum"] == sum_of_row_hashes(versions)
    assert row["refused_checksum"] == sum_of_row_hashes({n: versions[n] for n in (3, 4)})
    assert row["target_checksum"] == (row["source_checksum"] - row["refused_checksum"]) % 2**63


def test_a_row_leads_to_the_certificate_that_speaks_of_it(runs):
    runs.fill(23, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    runs.sandbox.tell("refunds_move", account="flagship", count=5)
    runs.run_until_current()
    rows = runs.rows(
        "SELECT h.refund_id, h.modified, w.window_from, w.window_to, w.verdict, w.run_id, h.etl_window_id"
        f" FROM {HEAD} AS h JOIN etl_window AS w ON w.id = h.etl_window_id"
    )
    assert len(rows) == 23
    assert all(row["window_from"] <= row["modified"] <= row["window_to"] for row in rows)
    assert {row["verdict"] for row in rows} == {"complete"}
    assert {row["run_id"]: 0 for row in rows} == {"scheduled__0": 0, "scheduled__1": 0}


def test_a_certificate_says_when_by_whom_and_for_what(runs):
    runs.run("backfill", MONDAY_NOON - HOUR)
    [row] = runs.certificates()
    assert (row["pipeline"], row["account"]) == ("wangdiantong_aftersales", "flagship")
    assert (row["purpose"], row["run_id"]) == ("backfill", "backfill__0")
    assert row["started_at"] == row["finished_at"] == local_time(MONDAY_NOON)
    assert row["error"] is None


def test_an_order_that_does_not_arrive_is_missed_named_and_fetched_first(runs):
    spoil = "SET NEW.refund_id = IF(NEW.refund_id = 51000004, -4, NEW.refund_id)"
    runs.fill(23, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    context, part = chunks(runs)
    with spoiling(runs, spoil), pytest.raises(WindowIncomplete, match="TK00051000004"):
        runs.load(part, context)
    row = runs.certificates()[-1]
    assert row["verdict"] == "incomplete"
    assert json.loads(row["missing_keys"]) == ["TK00051000004"]
    assert (row["source_keys"], row["target_keys"]) == (23, 22)
    assert row["source_checksum"] != row["target_checksum"]
    assert runs.watermark() == BEFORE
    runs.rows(f"DELETE FROM {HEAD} WHERE refund_id = -4")
    asked = len(runs.searches())
    runs.load(part, context)
    assert runs.searches()[asked] == {"refund_no": "TK00051000004", "page": 0}
    repaired, again = runs.certificates()[-2:]
    assert (repaired["purpose"], repaired["filters"]) == ("repair", "refund_no=TK00051000004")
    assert {repaired["verdict"], again["verdict"]} == {"complete"}
    assert runs.watermark() == END
    assert differences(runs) == []


def test_what_is_no_longer_missing_is_not_fetched_by_its_number(runs):
    runs.fill(9, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    context, part = chunks(runs)
    spoil = "SET NEW.refund_id = IF(NEW.refund_id = 51000004, -4, NEW.refund_id)"
    with spoiling(runs, spoil), pytest.raises(WindowIncomplete):
        runs.load(part, context)
    runs.load(part, context)
    asked = len(runs.searches())
    runs.run("manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 11:59:00")
    assert all("refund_no" not in search for search in runs.searches()[asked:])


def test_a_window_that_does_not_add_up_has_one_certificate(runs):
    """The one that says which are missing; no later one of the same try speaks of something else."""
    runs.fill(9, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    context, part = chunks(runs)
    spoil = "SET NEW.refund_id = IF(NEW.refund_id = 51000004, -4, NEW.refund_id)"
    with spoiling(runs, spoil), pytest.raises(WindowIncomplete):
        runs.load(part, context)
    assert [row["verdict"] for row in runs.certificates()] == ["complete", "incomplete"]


def test_a_window_that_still_does_not_add_up_still_fails(runs):
    """The second time the order is fetched by its number, which fails, and the window is read all the same."""
    runs.fill(9, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    context, part = chunks(runs)
    elsewhere = "IF(NEW.refund_id = 51000004, -CEIL(RAND() * 1000000000), NEW.refund_id)"
    with spoiling(runs, f"SET NEW.refund_id = {elsewhere}"):
        with pytest.raises(WindowIncomplete, match="TK00051000004"):
            runs.load(part, context)
        with pytest.raises(
            ChunksFailed, match=r"2 chunks failed: record TK00051000004: .*; 2026-11-22 23:50:00 to"
        ):
            runs.load(part, context)
    repaired, again = runs.certificates()[-2:]
    assert (repaired["purpose"], repaired["verdict"]) == ("repair", "incomplete")
    assert (again["purpose"], again["verdict"], again["source_keys"]) == ("scheduled", "incomplete", 9)
    assert runs.watermark() == BEFORE


def test_orders_that_never_arrive_keep_nothing_new_from_being_read(runs):
    """Three that a trigger swallows fail in succession, and are no sign that the vendor is gone."""
    runs.fill(9, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    context, part = chunks(runs)
    lost = "NEW.refund_id BETWEEN 51000004 AND 51000007"
    with spoiling(runs, f"SET NEW.refund_id = IF({lost}, -CEIL(RAND() * 1000000000), NEW.refund_id)"):
        with pytest.raises(WindowIncomplete):
            runs.load(part, context)
        runs.put({"refund_id": 7, "modified": int((MONDAY_NOON - HOUR).timestamp() * 1000)})
        with pytest.raises(
            ChunksFailed, match=r"^4 chunks failed: record TK00051000004: .*; 2026-11-22 23:50:00"
        ):
            runs.load(part, context)
    assert (runs.certificates()[-1]["purpose"], runs.certificates()[-1]["source_keys"]) == ("scheduled", 10)
    assert [row for row in runs.heads("refund_id") if row["refund_id"] == 7]


def test_chunks_before_a_failed_chunk_stay_complete(runs, tmp_path):
    settings_file(tmp_path, page_size=50, chunk_orders=100, fetchers=1)
    runs.fill(210, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    context, part = chunks(runs)
    runs.sandbox.fault(QIMEN, "http_status", status=502, after=9)
    with pytest.raises(ChunksFailed) as caught:
        runs.load(part, context)
    rows = runs.certificates()[1:]
    complete = [row for row in rows if row["verdict"] == "complete"]
    assert len(complete) >= 1
    failed = [row for row in rows if row["verdict"] == "failed"]
    assert [row["error"] for row in failed] == [str(error) for error in caught.value.errors]
    assert all(row["window_from"] >= complete[-1]["window_to"] for row in failed)
    assert runs.watermark() == max(row["window_to"] for row in complete).replace(tzinfo=MONDAY_NOON.tzinfo)
    assert len(runs.heads("refund_id")) >= sum(row["target_keys"] for row in complete) - len(complete)
