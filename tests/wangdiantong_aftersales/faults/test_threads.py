"""The load's threads: how many fetch at once, and how soon one goes on while another computes."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta

import pytest

from retail_pipeline.errors import PipelineError
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from retail_pipeline.windows.paged_load import PROMPT
from tests.wangdiantong_aftersales.runs import MONDAY_NOON, QIMEN, differences, settings_file

HOUR = timedelta(hours=1)


class Watched:
    """Watches the client's searches: how many ran at once at most, and the switch interval meanwhile."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.intervals: set[float] = set()
        self.most = 0
        self._now, self._lock = 0, threading.Lock()
        self._search = WangdiantongClient.search_refunds
        patch.setattr(WangdiantongClient, "search_refunds", lambda *args, **named: self(*args, **named))

    def __call__(self, *args, **named):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self.intervals.add(round(sys.getswitchinterval(), 6))
        try:
            return self._search(*args, **named)
        finally:
            with self._lock:
                self._now -= 1


@pytest.mark.long
@pytest.mark.parametrize("fetchers", [1, 3])
def test_no_more_searches_at_once_than_allowed_though_the_window_is_cut(
    runs, monkeypatch, tmp_path, fetchers
):
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, fetchers=fetchers, chunk_orders=100)))
    runs.fill(400, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    watched = Watched(monkeypatch)
    runs.run()
    assert watched.most == fetchers
    assert len(runs.certificates()) >= 5
    assert differences(runs) == []


def test_threads_give_way_soon_while_a_load_runs_and_as_usual_after_it(runs, monkeypatch):
    usual = sys.getswitchinterval()
    watched = Watched(monkeypatch)
    runs.fill(3, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    assert watched.intervals == {PROMPT}
    runs.sandbox.fault(QIMEN, "http_status", status=500)
    with pytest.raises(PipelineError):
        runs.run_until_current()
    assert sys.getswitchinterval() == usual
