"""Rules for records: what is looked for in which column, and what happens to a record that has it. Pure."""

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
    FLAG = "flag"  # loaded as it is, the rule's name in its quality_flags
    QUARANTINE = "quarantine"  # set aside


@dataclass(frozen=True)
class Rule:
    """One expectation of one column.

    :param name: counted and flagged by, e.g. ``status_unknown``
    :param broken: is this value wrong? Also gets the whole record, for rules about two columns
    :param default: for Action.DEFAULT
    """

    name: str
    column: str
    action: Action
    broken: Callable[[Any, dict[str, Any]], bool]
    default: Any = None


def apply(rules: Sequence[Rule], record: dict[str, Any], counts: Counter[str]) -> str | None:
    """Hold a record against the rules; return the flags it gets, and change what has a default.

    :param counts: gets one more for each rule that is broken; whoever sets a refused record aside counts that
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
