from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.rules import Action, apply
from retail_pipeline.vendors.wangdiantong.quality import AMOUNTS, RULES
from retail_pipeline.vendors.wangdiantong.tables import HEAD

GOOD = {
    "refund_id": 7,
    "refund_no": "TK2611220001",
    "shop_no": "01",
    "note_count": 0,
    "status": 90,
    "type": 2,
    "created": "2026-11-20 10:00:00",
    "check_time": "2026-11-21 10:00:00",
    "settle_time": "2026-11-22 10:00:00",
    "modified": "2026-11-22 10:00:00",
    **dict.fromkeys(AMOUNTS, "12.5000"),
}
# By rule: an order that breaks it.
BREAKS: dict[str, dict[str, Any]] = {
    "refund_no_missing": {"refund_no": None},
    "modified_missing": {"modified": ""},
    "shop_no_missing": {"shop_no": ""},
    "note_count_missing": {"note_count": None},
    "status_unknown": {"status": 11},
    "type_unknown": {"type": 5},
    "modified_before_created": {"created": "2026-11-22 10:00:01", "check_time": None},
    "checked_before_created": {"created": "2026-11-21 10:00:01"},
    "settled_before_checked": {"check_time": "2026-11-22 10:00:01"},
    **{f"{column}_negative": {column: "-0.0001"} for column in AMOUNTS},
}


def broken_by(**changes: Any) -> set[str]:
    """Return the rules that an order breaks."""
    counts: Counter[str] = Counter()
    try:
        apply(RULES, {**GOOD, **changes}, counts)
    except RecordRejected as rejection:
        counts[rejection.reason] += 0
    return set(counts)


def test_a_good_order_breaks_no_rule():
    assert broken_by() == set()


def test_an_order_for_every_rule_is_among_these_tests():
    assert {rule.name for rule in RULES} == set(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_each_rule_has_an_order_that_breaks_it_and_no_other_rule(name):
    assert broken_by(**BREAKS[name]) == {name}


def test_what_makes_an_order_useless_is_set_aside():
    assert {rule.name for rule in RULES if rule.action is Action.QUARANTINE} == {
        "refund_no_missing",
        "modified_missing",
    }


def test_a_missing_count_of_notes_is_none():
    record = {**GOOD, "note_count": None}

    assert apply(RULES, record, Counter()) is None
    assert record["note_count"] == 0


@pytest.mark.parametrize("column", ["refund_no", "modified", "shop_no", "note_count"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_are_missing(column, nothing):
    assert f"{column}_missing" in broken_by(**{column: nothing})


def test_a_field_that_did_not_come_is_missing():
    record = {name: value for name, value in GOOD.items() if name != "shop_no"}

    assert apply(RULES, record, Counter()) == "shop_no_missing"


@pytest.mark.parametrize("status", [10, 20, 30, 40, 80, 81, 85, 86, 87, 90, "90"])
def test_the_vendors_statuses_are_known(status):
    assert broken_by(status=status) == set()


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 6, "6"])
def test_the_vendors_types_are_known(kind):
    assert broken_by(type=kind) == set()


@pytest.mark.parametrize("column", ["status", "type"])
@pytest.mark.parametrize("value", [None, 0, 5, 99, "x", "2.5", [], {}, [90]], ids=repr)
def test_anything_else_is_unknown(column, value):
    assert broken_by(**{column: value}) == {f"{column}_unknown"}


@pytest.mark.parametrize("amount", [0, 5, "0", "0.0000", "1E-4", "12.5", None, "", "-0", "-0.0000"])
def test_what_is_not_below_zero_is_not_negative(amount):
    assert broken_by(receive_amount=amount) == set()


@pytest.mark.parametrize("amount", [-1, "-1", "-0.0001", "-1E-4"])
def test_what_is_below_zero_is_negative(amount):
    assert broken_by(receive_amount=amount) == {"receive_amount_negative"}


TIMES = ("created", "check_time", "settle_time", "modified")


@pytest.mark.parametrize("column", ["created", "check_time", "settle_time"])
@pytest.mark.parametrize("never", [None, "", 0, "0000-00-00 00:00:00", "0000-00-00"])
def test_a_time_that_says_never_is_neither_before_nor_after_another(column, never):
    assert broken_by(**{column: never}) == set()


def test_times_may_be_the_same():
    assert broken_by(**dict.fromkeys(TIMES, "2026-11-22 10:00:00")) == set()


def test_times_in_milliseconds_are_compared_with_each_other():
    order = dict(zip(TIMES, [1795312800000, 1795312800001, 1795312800002, 1795312800003], strict=True))

    assert broken_by(**order) == set()
    assert broken_by(**{**order, "created": 1795312800004}) == {
        "modified_before_created",
        "checked_before_created",
    }


@pytest.mark.parametrize("other", [1795312800000, "1795312800000", ["2026"], {}, True], ids=repr)
def test_times_that_come_in_different_forms_are_not_compared(other):
    assert broken_by(created=other) == set()
    assert broken_by(modified=other) == set()


def test_every_rule_is_about_a_column_of_the_head():
    assert {rule.column for rule in RULES} <= set(HEAD.names)


def test_rules_are_named_once():
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_all_flags_together_fit_into_their_column():
    flags = ",".join(rule.name for rule in RULES if rule.action is Action.FLAG)
    [column] = [column for column in HEAD.columns if column.name == "quality_flags"]

    assert len(flags) <= column.length
