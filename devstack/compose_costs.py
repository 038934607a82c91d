"""The cost of the stack's health checks: the CPU time of each, divided by its interval."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

from devstack.compose_stack import Stack
from devstack.steps import StackError

_TIMES = 5
_MAX_SHARE = 0.02
_SECONDS = re.compile(r"(\d+)m([\d.]+)s")


def health_checks(stack: Stack) -> str:
    """Return each check's CPU seconds, and the share of a core that all checks take together.

    :raises StackError: the share is too large
    """
    costs = {
        name: _cost(stack, name, each["ID"]) for name, each in stack.containers().items() if each["Health"]
    }
    share = sum(seconds / every for seconds, every in costs.values())
    told = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, (seconds, _) in costs.items())
    if share > _MAX_SHARE:
        raise StackError(f"{share:.2%} of a core: {told}")
    return f"{share:.2%} of a core, all together: {told}"


def _cost(stack: Stack, service: str, container: str) -> tuple[float, float]:
    """Return the CPU seconds of one check, and the seconds between two checks."""
    inspected = subprocess.run(
        ["docker", "inspect", "--format", "{{json .Config.Healthcheck}}", container],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    check = json.loads(inspected.stdout)
    kind, *words = check["Test"]
    command = words[0].removeprefix("exec ") if kind == "CMD-SHELL" else shlex.join(words)
    # In a shell of its own, since a check may replace the shell that it is given.
    again = f"for _ in {' '.join('x' * _TIMES)}; do sh -c {shlex.quote(command)}; done >/dev/null 2>&1; times"
    told = stack.run(service, "sh", "-c", again).stdout
    of_children = told.splitlines()[-1]
    spent = sum(60 * int(minutes) + float(seconds) for minutes, seconds in _SECONDS.findall(of_children))
    return spent / _TIMES, check["Interval"] / 1e9
