"""Rules for records: what a column must not hold, and what happens to a record that breaks a rule. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from retail_pipeline.errors import RecordRejected


class Action(Enum):
    """What happens to a record that breaks a rule."""

    DEFAULT = "default"  # the column gets the rule's default
    FLAG = "flag"  # loaded as it is, with the rule's name in its quality_flags
    QUARANTINE = "quarantine"  # not loaded; kept in etl_quarantine


@dataclass(frozen=True)
class Rule:
    """One expectation of one column.

    :param name: used in counts and flags, e.g. ``status_unknown``
    :param broken: is this value wrong? It also gets the whole record, for rules about two columns
    :param default: for Action.DEFAULT
    """

    name: str
    column: str
    action: Action
    broken: Callable[[Any, dict[str, Any]], bool]
    default: Any = None


def apply(rules: Sequence[Rule], record: dict[str, Any], counts: Counter[str]) -> str | None:
    """Check a record against the rules; return the flags it gets, and put in the defaults.

    :param counts: gets one more for each rule that is broken; the caller that quarantines a record counts that itself
    :raises RecordRejected: a rule says quarantine
    """
    flags = []
    for rule in rules:
        if not rule.broken(record.get(rule.column), record):
            continue
        if rule.action is Action.QUARANTINE:
            raise RecordRejected(rule.name, rule.column)
        counts[rule.name] += 1
        if rule.action is Action.DEFAULT:
            record[rule.column] = rule.default
        else:
            flags.append(rule.name)
    return ",".join(flags) or None
