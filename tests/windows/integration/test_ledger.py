"""Certificates and the watermark in a real database, where several workers write them at once."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI, Window, from_local_time
from retail_pipeline.databases.target_session import query_text, transaction
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.windows.ledger import (
    BACKFILL,
    COMPLETE,
    FAILED,
    INCOMPLETE,
    MANUAL,
    SCHEDULED,
    Certificate,
    LoadKey,
    WindowLedger,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
PIPELINE, ACCOUNT = "wangdiantong_aftersales", "flagship"


def hours(start: float, end: float) -> Window:
    return Window(NOON + start * timedelta(hours=1), NOON + end * timedelta(hours=1))


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def target(request, bi, warehouse) -> str:
    """The connection id of each kind of target."""
    return request.param


@pytest.fixture
def ledger(target):
    with open_target(target) as session:
        yield WindowLedger(session)


def certify(
    ledger: WindowLedger,
    window: Window,
    verdict: str = COMPLETE,
    purpose: str = SCHEDULED,
    run_id: str = "r",
    filters: str = "",
    started_at: datetime = NOON,
    account: str = ACCOUNT,
    **found,
) -> int:
    load_key = LoadKey(PIPELINE, account, window, purpose, run_id, filters)
    number = ledger.open(load_key, started_at)
    ledger.close(number, Certificate(verdict, **found))
    return number


def test_a_certificate_that_nobody_closed_is_a_failed_one(ledger):
    load_key = LoadKey(PIPELINE, ACCOUNT, hours(0, 1), SCHEDULED, "r")
    number = ledger.open(load_key, NOON)
    [row] = ledger.certificates([number])
    assert (row["id"], row["verdict"], row["finished_at"]) == (number, "failed", None)


def test_what_was_found_is_written_as_it_is(ledger, bi, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    found = {"source_total": 3, "source_keys": 2, "source_checksum": 2**40, "target_keys": 1, "pages": 7,
             "missing_keys": ["退1", "TK2"], "rule_counts": {"status_unknown": 3}, "error": "因为 👌"}  # fmt: skip
    [row] = ledger.certificates([certify(ledger, hours(0, 1), INCOMPLETE, **found)])
    assert {name: row[name] for name in found if name not in ("missing_keys", "rule_counts")} == {
        name: value for name, value in found.items() if name not in ("missing_keys", "rule_counts")
    }
    assert row["missing_keys"] == ["退1", "TK2"]
    assert _read(row["rule_counts"]) == {"status_unknown": 3}
    assert from_local_time(row["finished_at"]) == NOON


def _read(value):
    """JSON is text in one database and an object in the other."""
    return json.loads(value) if isinstance(value, str) else value


def test_the_first_one_to_say_so_starts_the_watermark(ledger):
    assert ledger.watermark(PIPELINE, ACCOUNT) is None
    assert ledger.move_watermark(PIPELINE, ACCOUNT) is None
    ledger.start_watermark(PIPELINE, ACCOUNT, NOON)
    ledger.start_watermark(PIPELINE, ACCOUNT, NOON - timedelta(days=9))
    assert ledger.watermark(PIPELINE, ACCOUNT) == NOON
    assert ledger.watermark(PIPELINE, "outlet") is None


@pytest.mark.parametrize(
    ("windows", "reached"),
    [
        ([(0, 1)], 1),
        ([(-1, 0)], 0),
        ([(0, 1), (1, 2), (2, 3)], 3),
        ([(2, 3), (1, 2), (0, 1)], 3),
        ([(0, 1), (2, 3)], 1),
        ([(1, 2), (2, 3)], 0),
        ([(-1, 1), (0.5, 2)], 2),
        ([(0, 3), (0, 1)], 3),
    ],
)
def test_the_watermark_follows_the_unbroken_chain(ledger, windows, reached):
    ledger.start_watermark(PIPELINE, ACCOUNT, NOON)
    for window in windows:
        certify(ledger, hours(*window))
    assert ledger.move_watermark(PIPELINE, ACCOUNT) == NOON + timedelta(hours=reached)
    assert ledger.watermark(PIPELINE, ACCOUNT) == NOON + timedelta(hours=reached)


@pytest.mark.parametrize(
    "other",
    [
        {"purpose": BACKFILL},
        {"purpose": MANUAL},
        {"filters": "shop_nos=1"},
        {"verdict": INCOMPLETE},
        {"verdict": FAILED},
        {"account": "outlet"},
    ],
    ids=str,
)
def test_nothing_but_complete_scheduled_windows_moves_it(ledger, other):
    ledger.start_watermark(PIPELINE, ACCOUNT, NOON)
    certify(ledger, hours(0, 1), **other)
    assert ledger.move_watermark(PIPELINE, ACCOUNT) == NOON


def test_two_workers_that_close_neighbouring_windows_at_once_leave_no_gap(ledger, target):
    """Each sees only itself; whoever comes second to the watermark's row sees both."""
    ledger.start_watermark(PIPELINE, ACCOUNT, NOON)

    def close(window: Window) -> None:
        with open_target(target) as session, transaction(session):
            own = WindowLedger(session)
            certify(own, window)
            own.move_watermark(PIPELINE, ACCOUNT)

    windows = [hours(number, number + 1) for number in range(12)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(close, reversed(windows)))
    assert ledger.watermark(PIPELINE, ACCOUNT) == NOON + timedelta(hours=12)


def done(
    ledger: WindowLedger, *, purpose: str = SCHEDULED, run_id: str = "r", filters: str = ""
) -> list[Window]:
    load_key = LoadKey(PIPELINE, ACCOUNT, hours(0, 9), purpose, run_id, filters)
    return ledger.complete_windows(load_key, NOON)


def test_what_the_same_run_has_completed_is_done(ledger):
    certify(ledger, hours(2, 3))
    certify(ledger, hours(1, 2))
    certify(ledger, hours(3, 4), FAILED)
    certify(ledger, hours(4, 5), run_id="other", started_at=NOON - timedelta(minutes=1))
    assert done(ledger) == [hours(1, 2), hours(2, 3)]


def test_what_another_scheduled_run_has_completed_since_is_done_for_scheduled_ones(ledger):
    certify(ledger, hours(0, 1), run_id="later", started_at=NOON)
    certify(ledger, hours(1, 2), run_id="by hand", purpose=MANUAL)
    assert done(ledger) == [hours(0, 1)]
    assert done(ledger, purpose=BACKFILL) == []
    assert done(ledger, filters="shop_nos=1") == []


def test_windows_that_only_touch_are_not_part_of_it(ledger):
    certify(ledger, hours(-1, 0))
    certify(ledger, hours(9, 10))
    assert done(ledger) == []


def test_missing_are_those_of_the_latest_certificates_within(ledger):
    load_key = LoadKey(PIPELINE, ACCOUNT, hours(0, 9), SCHEDULED, "r")
    certify(ledger, hours(0, 1), INCOMPLETE, missing_keys=["TK1"])
    certify(ledger, hours(0, 1))
    certify(ledger, hours(1, 2), INCOMPLETE, missing_keys=["TK3", "TK2"])
    certify(ledger, hours(2, 3), INCOMPLETE, missing_keys=["TK2"])
    certify(ledger, hours(8, 10), INCOMPLETE, missing_keys=["beyond"])
    certify(ledger, hours(3, 4), INCOMPLETE, missing_keys=["other"], filters="shop_nos=1")
    assert ledger.missing_keys(load_key) == ["TK2", "TK3"]
    assert ledger.missing_keys(replace(load_key, account="outlet")) == []


def test_missing_ones_are_not_forgotten_because_a_later_try_never_got_so_far(ledger):
    load_key = LoadKey(PIPELINE, ACCOUNT, hours(0, 1), SCHEDULED, "r")
    certify(ledger, hours(0, 1), INCOMPLETE, missing_keys=["TK1"])
    certify(ledger, hours(0, 1), FAILED, error="no answer")
    assert ledger.missing_keys(load_key) == ["TK1"]


def test_the_latest_of_each_window_is_told_the_newest_window_first(ledger):
    first = certify(ledger, hours(-2, -1), FAILED)
    again = certify(ledger, hours(-2, -1))
    newer = certify(ledger, hours(-1, 0), INCOMPLETE)
    other = certify(ledger, hours(-1, 0), account="outlet")
    certify(ledger, hours(-30, -29))

    def told(**asked):
        asked = {"account": None, "since": NOON - timedelta(hours=9), **asked}
        return [row["id"] for row in ledger.latest(PIPELINE, **asked)]

    assert told() == [newer, other, again]
    assert first not in told()
    assert told(account="outlet") == [other]
    assert [row["id"] for row in ledger.certificates([again, newer])] == [newer, again]
    assert ledger.certificates([]) == []


def test_what_may_be_large_is_read_only_of_the_certificates_that_are_asked_for(ledger):
    certify(ledger, hours(0, 1), INCOMPLETE, missing_keys=["1"] * 9)
    [row] = ledger.latest(PIPELINE, account=None, since=NOON)
    assert row.keys() == {
        "id",
        "account",
        "window_from",
        "window_to",
        "filters",
        "purpose",
        "run_id",
        "verdict",
    }


SUMS = {
    "before SHA-256": (4_206_446_715_000, 4_206_446_000_000, 715_000, True),
    "of a certificate that lacks a row": (4_206_446_715_000, 4_206_446_000_000, 0, False),
    "begun again at 0": ((2**63 - 1 + 2**62) % 2**63, 2**63 - 1, 2**62, True),
    "all refused": (2**63 - 1, 0, 2**63 - 1, True),
    "too much": (0, 2**63 - 1, 2**63 - 1, False),
}


@pytest.mark.parametrize(("source", "there", "refused", "equal"), SUMS.values(), ids=SUMS.keys())
def test_the_documented_query_holds_old_and_new_sums_against_each_other(
    target, ledger, source, there, refused, equal
):
    """The demo asks just so."""
    files = ("docs/delivery-promise.md", "demo/aftersales_summary.py", "demo/sys_info_summary.py")
    texts = [(Path(__file__).parents[3] / file).read_text(encoding="utf-8") for file in files]
    [[sums], *others] = [re.findall(r"source_checksum - .+ - 1\)", text) for text in texts]
    assert others == [[sums], [sums]]
    certify(ledger, hours(0, 1), source_checksum=source, target_checksum=there, refused_checksum=refused)
    with open_target(target) as session:
        [row] = query_text(session, f"SELECT {sums} AS same_sum FROM etl_window")
    assert bool(row["same_sum"]) is equal
