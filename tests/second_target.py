"""Which pairs of source and target the tests of faults try, and which of them with ``script/test --all`` only."""

from __future__ import annotations

import pytest

from devstack import mysql

FIRST, SECOND = "warehouse_postgres", "bi_mysql"


@pytest.hookimpl(tryfirst=True)  # before tests are left out by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark those of the second target as long, and leave out PostgreSQL behind MySQL itself.

    MySQL itself is the source of the same tests with MySQL as target; the integration tests try all pairs.
    """
    items[:] = [item for item in items if not {FIRST, mysql.NAME} <= _pair(item)]
    for item in items:
        if _second(item) in _pair(item):
            item.add_marker(pytest.mark.long)


def _second(item: pytest.Item) -> str:
    """Return the second target: the after-sales load has MySQL as its first."""
    called = getattr(item, "callspec", None)
    return FIRST if called and "runs" in called.params else SECOND


def _pair(item: pytest.Item) -> set[str]:
    """Return the params of a test of faults: names of its target, of who plays MySQL, and others."""
    called = getattr(item, "callspec", None)
    if called is None or "faults" not in item.path.parts:
        return set()
    return {value for value in called.params.values() if isinstance(value, str)}
