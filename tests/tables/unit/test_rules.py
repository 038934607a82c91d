from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.tables.rules import Action, Rule, apply


def missing(value: Any, record: dict[str, Any]) -> bool:
    return value is None


def rule(name: str, action: Action, column: str = "it", broken=missing, default: Any = None) -> Rule:
    return Rule(name, column, action, broken, default)


DEFAULT = rule("it_missing", Action.DEFAULT, default=0)
FLAG = rule("it_flagged", Action.FLAG)
QUARANTINE = rule("it_refused", Action.QUARANTINE)


def test_a_record_that_breaks_no_rule_stays_as_it_is():
    record, counts = {"it": 1}, Counter()

    assert apply([DEFAULT, FLAG, QUARANTINE], record, counts) is None
    assert (record, counts) == ({"it": 1}, {})


def test_a_default_takes_the_place_of_the_value_and_flags_nothing():
    record, counts = {"it": None}, Counter()

    assert apply([DEFAULT], record, counts) is None
    assert (record, counts) == ({"it": 0}, {"it_missing": 1})


def test_a_flag_leaves_the_value_and_names_the_rule():
    record, counts = {"it": None}, Counter()

    assert apply([FLAG], record, counts) == "it_flagged"
    assert (record, counts) == ({"it": None}, {"it_flagged": 1})


def test_flags_are_named_in_the_order_of_the_rules():
    rules = [rule(name, Action.FLAG) for name in ("second", "first", "third")]

    assert apply(rules, {}, Counter()) == "second,first,third"


def test_a_record_for_the_quarantine_is_refused_by_rule_and_column():
    counts: Counter[str] = Counter()

    with pytest.raises(RecordRejected) as caught:
        apply([QUARANTINE], {"it": None}, counts)

    assert (caught.value.reason, caught.value.detail) == ("it_refused", "it")
    assert not counts


def test_rules_after_the_one_that_refused_a_record_are_not_counted():
    counts: Counter[str] = Counter()

    with pytest.raises(RecordRejected):
        apply([FLAG, QUARANTINE, DEFAULT], {}, counts)

    assert counts == {"it_flagged": 1}


def test_a_later_rule_sees_the_default():
    assert apply([DEFAULT, FLAG], {}, Counter()) is None


def test_a_field_that_is_absent_counts_as_none():
    record: dict[str, Any] = {}

    apply([DEFAULT], record, Counter())

    assert record == {"it": 0}


def test_a_rule_may_look_at_the_whole_record():
    of_two = rule("it_larger", Action.FLAG, broken=lambda value, record: value > record["other"])

    assert apply([of_two], {"it": 2, "other": 1}, Counter()) == "it_larger"
    assert apply([of_two], {"it": 1, "other": 2}, Counter()) is None


def test_counts_add_up_over_records():
    counts = Counter(it_flagged=5)

    for value in (None, 1, None):
        apply([FLAG], {"it": value}, counts)

    assert counts == {"it_flagged": 7}
