"""The servers that the tests go without, where a machine cannot have them. Standard library only."""

from __future__ import annotations

import os

VARIABLE = "RETAIL_TEST_WITHOUT"


def left_out() -> frozenset[str]:
    """Names separated by commas."""
    names = os.environ.get(VARIABLE, "").split(",")
    return frozenset(filter(None, map(str.strip, names)))
