from __future__ import annotations

from pathlib import Path

import pymysql
import pytest

from retail_pipeline import clock
from tests.aftersales import MONDAY_NOON, AftersalesRuns, settings_file
from tests.conftest import SimulatedClock
from tests.sandbox_control import SandboxControl


@pytest.fixture
def runs(
    simulated_clock: SimulatedClock,
    sandbox: SandboxControl,
    bi: pymysql.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AftersalesRuns:
    """Runs of the aftersales load on Monday noon, with small pages; waiting takes no time."""
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path)))
    monkeypatch.setattr(clock, "pause", lambda _seconds: None)
    simulated_clock.set(MONDAY_NOON)
    return AftersalesRuns(simulated_clock, sandbox, bi)
