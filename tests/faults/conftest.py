from __future__ import annotations

import pytest

from tests.aftersales import AftersalesRuns, runs_on_monday_noon


@pytest.fixture
def runs(simulated_clock, sandbox, bi, tmp_path, monkeypatch) -> AftersalesRuns:
    return runs_on_monday_noon(simulated_clock, sandbox, bi, tmp_path, monkeypatch)
