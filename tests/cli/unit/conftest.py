"""Commands silence libraries for their whole process; here many tests share one."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def libraries_that_may_speak_again() -> Iterator[None]:
    """Leave the levels of all loggers as they were."""
    loggers = {name: logging.getLogger(name).level for name in ("apprise", "requests", "urllib3")}
    yield
    for name, level in loggers.items():
        logging.getLogger(name).setLevel(level)
