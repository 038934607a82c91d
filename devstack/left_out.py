"""The servers that a machine cannot have and that the tests run without. Standard library only."""

from __future__ import annotations

import os

VARIABLE = "RETAIL_TEST_WITHOUT"


def left_out() -> frozenset[str]:
    """Return the names of the servers, which the variable separates by commas."""
    names = os.environ.get(VARIABLE, "").split(",")
    return frozenset(filter(None, map(str.strip, names)))
