"""The cycle collector rests as long as any thread wants it to."""

from __future__ import annotations

import gc
import threading

from retail_pipeline.windows import cycle_collector
from tests.patience import PATIENCE


def test_it_rests_until_the_last_thread_is_done():
    begun, done = threading.Event(), threading.Event()

    def other() -> None:
        with cycle_collector.paused():
            begun.set()
            done.wait(PATIENCE)

    assert gc.isenabled()
    with cycle_collector.paused():
        thread = threading.Thread(target=other)
        thread.start()
        assert begun.wait(PATIENCE)
        assert not gc.isenabled()
    assert not gc.isenabled()
    done.set()
    thread.join(PATIENCE)
    assert gc.isenabled()


def test_a_disabled_collector_stays_disabled():
    gc.disable()
    try:
        with cycle_collector.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
