"""A runner as a process of its own, so that no run profits or suffers from another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from devstack.steps import ROOT, step


def run_process(title: str, command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Run it in the project's folder and return the JSON of its last line; end the bench where it failed.

    :param environment: beside what this process has
    """
    with step(title):
        done = subprocess.run(
            command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, check=False
        )
    if done.returncode:
        sys.exit(f"{title} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
