"""Locks between the scripts of one checkout."""

from __future__ import annotations

from threading import Thread

from devstack.steps import locked, shared
from tests.patience import PATIENCE


def test_only_the_last_user_may_clear_up(tmp_path):
    with shared(tmp_path / "lock") as demo_is_last:
        with shared(tmp_path / "lock") as bench_is_last:
            assert not bench_is_last()
        assert demo_is_last()


def test_the_second_waits_for_the_first_and_says_so(tmp_path, capfd):
    order = []

    def second():
        with locked(tmp_path / "lock", "script/test"):
            order.append("second")

    with locked(tmp_path / "lock"):
        waiting = Thread(target=second)
        waiting.start()
        while "waiting for another script/test" not in capfd.readouterr().err:
            assert waiting.is_alive()
        order.append("first")
    waiting.join(PATIENCE)
    assert order == ["first", "second"]
