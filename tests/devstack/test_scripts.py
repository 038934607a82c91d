"""The scripts themselves: thin, quick when nothing is to do, and they say what can be set."""

from __future__ import annotations

import os
import subprocess

import pytest

from devstack.steps import ROOT

SCRIPTS = sorted([*(ROOT / "script").iterdir(), ROOT / ".ci" / "run"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_it_is_strict_bash_and_thin(script):
    lines = script.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert len(lines) <= 20
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


def test_setup_with_nothing_to_do_is_quick_and_silent():
    used = _children_used()
    done = subprocess.run([ROOT / "script/setup"], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
    assert _children_used() - used < 2  # 0.3 s; the processor's time, which no other process uses up


def _children_used() -> float:
    times = os.times()
    return times.children_user + times.children_system


def test_help_names_the_variable_of_each_server():
    told = subprocess.run(
        [ROOT / "script/services", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(name in told for name in ("RETAIL_POSTGRES_URL", "RETAIL_MYSQL_URL", "RETAIL_SANDBOX_URL"))


def test_setup_in_an_activated_environment_leaves_it_alone():
    """Its own interpreter must not look like another one, for which the environment is built anew."""
    import sys

    stamp = ROOT / ".local" / "venv" / ".installed"
    before = stamp.stat().st_mtime_ns
    subprocess.run([sys.executable, "-m", "devstack.install"], cwd=ROOT, check=True)
    assert stamp.stat().st_mtime_ns == before


@pytest.mark.parametrize("engine", ["unix:///nowhere/docker.sock", None])
def test_without_an_engine_the_smoke_says_what_it_needs(engine, tmp_path):
    """An engine that does not answer, and no docker at all."""
    program = ROOT / ".local/venv/bin/python"
    env = {**os.environ, "DOCKER_HOST": engine} if engine else {"PATH": str(tmp_path)}
    command = [program, "-m", "devstack.compose_smoke"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "needs a Docker engine (25 or newer)" in ended.stderr
