"""Which tests of faults run with ``script/test --all`` only: those that show for MySQL what PostgreSQL has shown."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

SECOND = "bi_mysql"


@pytest.hookimpl(tryfirst=True)  # before tests are left out by their marks
def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark them as long; what the two targets do differently is tested by the kinds of tests below."""
    for item in items:
        params = getattr(item, "callspec", None)
        if "faults" in item.path.parts and params and SECOND in params.params.values():
            item.add_marker(pytest.mark.long)
