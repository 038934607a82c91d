"""A server process, and what a killed run may have left of one."""

from __future__ import annotations

import os
import signal
import subprocess

import psutil
import pytest

from devstack.daemon import Daemon, wait_until
from devstack.place import Place
from devstack.server import news, told
from devstack.steps import StackError
from tests.patience import PATIENCE


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def sleeper(place):
    daemon = Daemon(place, "sleeper", ["sleep", "100"])
    daemon.launch()
    yield daemon
    daemon.stop()


def _pid_file(place: Place):
    return place.home / "run" / "sleeper.pid"


def test_it_is_found_by_another_run_and_stopped(place, sleeper):
    found = Daemon(place, "sleeper")
    assert found.pid() == sleeper.pid()
    assert found.stop()
    assert found.pid() is None
    assert not found.stop()


def test_a_killed_one_counts_as_dead(sleeper):
    os.kill(sleeper.pid(), signal.SIGKILL)
    wait_until(lambda: sleeper.pid() is None, PATIENCE, "still alive")


def test_a_pid_that_belongs_to_somebody_else_by_now_is_left_alone(place, sleeper):
    sleeper.stop()
    with subprocess.Popen(["sleep", "100"], start_new_session=True) as stranger:
        _pid_file(place).write_text(f"{stranger.pid}\n")
        written_before = psutil.Process(stranger.pid).create_time() - 60
        os.utime(_pid_file(place), (written_before, written_before))
        assert sleeper.pid() is None
        assert not sleeper.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_news_reports_each_death_once_and_each_return(place, sleeper):
    other = Daemon(place, "other", ["sleep", "100"])
    other.launch()
    dead: set[str] = set()
    try:
        assert list(news([sleeper, other], dead)) == []
        sleeper.stop()
        assert [daemon.name for daemon in news([sleeper, other], dead)] == ["sleeper"]
        assert (list(news([sleeper, other], dead)), dead) == ([], {"sleeper"})
        assert "sleeper has died; the others go on. Mend it." in told(sleeper, True, "Mend it")
        sleeper.launch()
        assert [daemon.name for daemon in news([sleeper, other], dead)] == ["sleeper"]
        assert dead == set()
    finally:
        other.stop()


@pytest.mark.parametrize("content", ["", "rubbish", "12 34"])
def test_a_broken_pid_file_hinders_nothing(place, sleeper, content):
    sleeper.stop()
    _pid_file(place).write_text(content)
    assert sleeper.pid() is None
    sleeper.launch()
    assert sleeper.pid()


def test_children_of_a_killed_one_are_ended_with_it(place):
    daemon = Daemon(place, "parent", ["sh", "-c", "sleep 100 & echo $!; wait"])
    daemon.launch()
    wait_until(lambda: daemon.log.read_text().strip() != "", PATIENCE, "no child")
    child = int(daemon.log.read_text())
    os.kill(daemon.pid(), signal.SIGKILL)
    assert psutil.pid_exists(child)
    assert daemon.stop()
    assert not _alive(child)


def test_one_that_dies_while_starting_says_why(place):
    daemon = Daemon(place, "broken", ["sh", "-c", "echo the disk is full; exit 1"])
    daemon.launch()
    with pytest.raises(StackError, match=r"(?s)broken died while starting.*the disk is full"):
        daemon.wait_healthy(lambda: False, PATIENCE)


def test_one_that_never_gets_healthy_is_given_up(sleeper):
    with pytest.raises(StackError, match="sleeper is not healthy after 0 s"):
        sleeper.wait_healthy(lambda: False, 0.2)


def test_other_settings_make_it_outdated(place):
    first = Daemon(place, "sleeper", ["sleep", "100"], {"PORT": "1"})
    first.launch()
    try:
        assert first.is_current()
        assert not Daemon(place, "sleeper", ["sleep", "100"], {"PORT": "2"}).is_current()
    finally:
        first.stop()


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
