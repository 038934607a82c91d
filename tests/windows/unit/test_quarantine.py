from __future__ import annotations

from typing import Any

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.windows.quarantine import Rejected

REASON = RecordRejected("text_too_long", "refund_no holds 40 characters")


def test_a_record_is_kept_as_it_came_with_its_key_and_why():
    raw = b'{"refund_id": 7, "refund_no": "\\u65b0 \xff"}'

    rejected = Rejected.of(raw, 7, REASON)

    assert rejected == Rejected(raw, "7", "text_too_long", "refund_no holds 40 characters")


@pytest.mark.parametrize(
    ("key", "kept"),
    [(7, "7"), ("TK1", "TK1"), (2**63, "9223372036854775808"), ("", ""), (None, ""), ([7], ""), ({}, "")],
    ids=repr,
)
def test_a_key_that_cannot_be_read_is_empty(key: Any, kept: str):
    assert Rejected.of(b"", key, REASON).source_key == kept


def test_a_key_is_cut_to_what_its_column_holds():
    assert Rejected.of(b"", "羽" * 65, REASON).source_key == "羽" * 64


def test_an_explanation_is_cut_to_what_its_column_holds():
    assert Rejected.of(b"", 7, RecordRejected("x", "羽" * 256)).detail == "羽" * 255


def test_the_record_itself_is_never_cut():
    assert len(Rejected.of(b"x" * 1_000_000, 7, REASON).raw) == 1_000_000


def test_equal_records_with_equal_reasons_are_the_same():
    assert (
        len({Rejected.of(b"a", 7, REASON), Rejected.of(b"a", 7, REASON), Rejected.of(b"b", 7, REASON)}) == 2
    )
