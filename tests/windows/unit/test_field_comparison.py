"""A record against the rows of it: whatever is not as it was told is named, and no value of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.tables.description import (
    Table,
    TableFamily,
    bigint,
    flag,
    json_text,
    long_text,
    moment,
    money,
)
from retail_pipeline.windows.field_comparison import FieldComparison, Told, same_document

HEAD = Table("trade", "", ("tid",), (
    bigint("tid"), money("fee"), moment("paid"), long_text("memo"), flag("gift"), json_text("tags"),
    moment("modified"), json_text("extra"),
))  # fmt: skip
LINE = Table(
    "line", "", ("tid", "oid"), (bigint("tid"), bigint("oid"), long_text("title"), json_text("extra"))
)
COMPARISON = FieldComparison(
    TableFamily(HEAD, ("modified",), "tid", (LINE,)), frozenset({"modified", "extra"}), SHANGHAI
)
FIELDS = {
    "tid": 1, "fee": "1.50", "paid": "2026-11-22 10:00:00", "memo": "雾", "gift": True, "tags": {"a": [1.5]},
    "modified": "theirs", "unheard_of": None,
}  # fmt: skip
LINES = [{"oid": 2, "title": ""}, {"oid": "1", "title": "b"}]
BESIDE = {"modified": "2026-11-22 11:00:00"}
ROW = {
    "tid": 1, "fee": Decimal("1.5000"), "paid": 1795312800000, "memo": "雾", "gift": 1, "tags": '{"a":[1.50]}',
    "modified": 1795316400000, "extra": '{"modified":"theirs","unheard_of":null}', "others": 0,
}  # fmt: skip
ROWS = [
    {"tid": 1, "oid": 1, "title": "b", "extra": None, "others": 0},
    {"tid": 1, "oid": 2, "title": "", "extra": None, "others": 0},
]


def differences(fields: Any = (), row: Any = (), lines: Any = LINES, rows: Any = ROWS) -> list[str]:
    told = Told({"trade": [{**FIELDS, **dict(fields)}], "line": lines}, BESIDE)
    same = Told({"trade": [FIELDS], "line": LINES}, BESIDE)
    found = COMPARISON.differences(
        [same, told], [{"trade": [ROW], "line": ROWS}, {"trade": [{**ROW, **dict(row)}], "line": rows}]
    )
    assert found.keys() <= {1}
    return found.get(1, [])


def test_what_is_as_it_was_told_is_no_difference():
    assert differences() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("fee", Decimal("1.5001")), ("fee", None), ("paid", 1795312800001), ("paid", None), ("memo", "霧"),
        ("memo", ""), ("gift", 0),
        ("tags", '{"a":[1.5,1]}'), ("tags", None), ("modified", 1795316400000 - 28_800_000),
    ],
)  # fmt: skip
def test_each_kind_of_column_is_named_where_it_differs(column, value):
    assert differences(row={column: value}) == [f"trade.{column}"]


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ('{"modified":"theirs","unheard_of":0}', ["trade.extra.unheard_of"]),
        ('{"modified":"theirs"}', ["trade.extra.unheard_of"]),
        ('{"modified":"theirs","unheard_of":null,"more":1}', ["trade.extra.more"]),
        (None, ["trade.extra.modified", "trade.extra.unheard_of"]),
    ],
)
def test_what_lies_in_extra_is_compared_as_what_it_means(extra, named):
    assert differences(row={"extra": extra}) == named


def test_a_value_that_its_column_cannot_hold_lies_in_extra_and_the_column_is_empty():
    extra = '{"modified":"theirs","unheard_of":null,"fee":"much","_unfit":["fee"]}'
    assert differences({"fee": "much"}, {"fee": None, "extra": extra}) == []
    assert differences({"fee": "much"}, {"fee": Decimal(1), "extra": extra}) == ["trade.fee"]
    assert differences({"fee": "less"}, {"fee": None, "extra": extra}) == ["trade.extra.fee"]


def test_lines_are_found_by_their_own_keys_and_none_may_lack():
    assert differences(rows=ROWS[:1]) == ["line: 2 rows in the source, 1 here"]
    swapped = [{**ROWS[0], "title": ""}, {**ROWS[1], "title": "b"}]
    assert differences(rows=swapped) == ["line.title"]


def test_a_value_where_the_record_has_no_field_is_named():
    told = Told({"trade": [{"tid": 1}], "line": []}, {})
    row = {**ROW, **dict.fromkeys(("fee", "paid", "gift", "tags", "modified", "extra"))}
    assert COMPARISON.differences([told], [{"trade": [row], "line": []}]) == {0: ["trade.memo"]}
    row = {"tid": 1, "extra": None, "others": 1}
    found = COMPARISON.differences([told], [{"trade": [row], "line": []}])
    assert found == {0: ["trade.(a column that no field fills)"]}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Decimal("1.50"), 1.5, True), (Decimal("0.1"), 0.1, True), (1, True, False), (0, False, False),
        (1, "1", False), (10**400, Decimal("1e400"), True), ([1], [1, 2], False), (None, None, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)  # fmt: skip
def test_two_documents_mean_the_same_or_not(one, other, same):
    assert same_document(one, other) is same
