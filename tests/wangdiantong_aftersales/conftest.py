from __future__ import annotations

import pytest

from tests.run_fixtures import runs
from tests.wangdiantong_aftersales.runs import MYSQL, POSTGRES

__all__ = ["pytest_generate_tests", "runs"]
# Tests of what a target may do differently; a test of them that asks for ``bi`` is of MySQL alone.
_INTO_BOTH = frozenset({
    "test_commands", "test_load", "test_poison", "test_property", "test_quarantine", "test_records", "test_replay",
    "test_throttles", "test_values", "test_windows",
})  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the load into PostgreSQL as well; ``tests/second_target.py`` says when."""
    asked = metafunc.function.__code__.co_varnames[: metafunc.function.__code__.co_argcount]
    if "runs" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in _INTO_BOTH:
        metafunc.parametrize("runs", [MYSQL] if "bi" in asked else [MYSQL, POSTGRES], indirect=True)
