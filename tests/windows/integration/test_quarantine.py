"""The quarantine in both kinds of target."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI, from_local_time
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.windows.quarantine import Quarantine, Rejected

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
PIPELINE, ACCOUNT = "a_load", "flagship"


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def quarantine(request, bi, warehouse, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    with open_target(request.param) as session:
        yield Quarantine(session)


def rejected(raw: bytes = b'{"n": 1}', key: str = "7", reason: str = "not_a_text") -> Rejected:
    return Rejected(raw, key, reason, "which column")


def test_a_record_is_listed_and_shown_as_it_came(quarantine):
    quarantine.put(PIPELINE, ACCOUNT, 3, rejected('{"买家": "林 👌"}'.encode()))
    [listed] = quarantine.entries(PIPELINE, "open", 9)
    shown = quarantine.entry(listed["id"])
    assert (listed["source_key"], listed["reason"], listed["state"]) == ("7", "not_a_text", "open")
    assert (shown["raw"], shown["window_id"], shown["times"]) == ('{"买家": "林 👌"}', 3, 1)
    assert from_local_time(shown["first_seen"]) == NOON


@pytest.mark.parametrize(("raw", "kept"), [(b"a\0b", "a\\x00b"), (b"a\xffb", "a\\xffb"), (b"", "")])
def test_bytes_that_are_no_text_are_written_out(quarantine, raw, kept):
    quarantine.put(PIPELINE, ACCOUNT, 3, rejected(raw))
    assert quarantine.entry(quarantine.open_numbers(PIPELINE)[0])["raw"] == kept


def test_one_that_comes_again_is_counted_and_open_again(quarantine, monkeypatch):
    quarantine.put(PIPELINE, ACCOUNT, 3, rejected())
    [number] = quarantine.open_numbers(PIPELINE)
    quarantine.settle(number, NOON)
    assert quarantine.open_numbers(PIPELINE) == []
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    quarantine.put(PIPELINE, ACCOUNT, 4, rejected(reason="not_a_time"))
    [entry] = quarantine.entries(None, None, 9)
    assert (entry["id"], entry["state"], entry["times"], entry["reason"]) == (number, "open", 2, "not_a_time")
    assert from_local_time(entry["first_seen"]) == NOON
    assert from_local_time(entry["last_seen"]) == NOON + timedelta(hours=1)


def test_two_records_with_nothing_in_them_are_two(quarantine):
    for key in ("7", "8"):
        quarantine.put(PIPELINE, ACCOUNT, 3, rejected(b"", key))
    assert [entry["source_key"] for entry in quarantine.entries(PIPELINE, "open", 9)] == ["8", "7"]


def test_others_are_not_touched(quarantine):
    quarantine.put(PIPELINE, ACCOUNT, 3, rejected())
    quarantine.put("another_load", ACCOUNT, 3, rejected())
    quarantine.put(PIPELINE, "outlet", 3, rejected())
    assert len(quarantine.open_numbers(PIPELINE)) == 2
    assert len(quarantine.entries(None, "open", 2)) == 2
    assert quarantine.entries(PIPELINE, "replayed", 9) == []


def test_a_number_that_is_not_there_is_said(quarantine):
    with pytest.raises(ConfigError, match="12"):
        quarantine.entry(12)
