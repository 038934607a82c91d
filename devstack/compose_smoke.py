"""`script/compose-smoke`: runs docker-compose.yaml on a real engine, from an .env until it is removed again."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from devstack import compose_costs, compose_runs
from devstack.compose_stack import Stack, engine, left_over
from devstack.steps import StackError

_HEALTHY_WITHIN = 1200
_DESCRIPTION = """\
Builds the image, brings the stack with the demo up under a project name of its own, looks at what it does, kills a
worker, restarts, takes down and up, and removes all of it. Prints a table; exit status 1 where a step failed.
Needs a Docker engine, 12 GB of memory at most, and the base images; takes ten minutes and more.
"""
_WRONG = {
    "AIRFLOW_FERNET_KEY": "not-a-fernet-key",
    "REDIS_PASSWORD": "pass@word",
}
_CHANGED = {"AIRFLOW_DB_PASSWORD": "another-one"}
_REFUSED_WITHIN = 60  # seconds; the image would wait longer for an absent database


class Smoke:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._ids: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        return [
            ("a wrong Fernet key, a password with @: named before anything starts", self.refused),
            ("from .env to healthy", self.started),
            ("another AIRFLOW_DB_PASSWORD in .env", self.password_changed),
            ("`up --build` once more", self.unchanged),
            ("`retail check`", self.checked),
            ("every DAG once", lambda: compose_runs.every_dag(self.stack)),
            ("rows and certificates", self.looked),
            ("what the health checks cost", lambda: compose_costs.health_checks(self.stack)),
            ("a worker killed in mid task", lambda: compose_runs.killed_worker(self.stack)),
            ("`restart`", self.restarted),
            ("`down`, `up`", self.down_and_up),
            ("a task after all that", lambda: compose_runs.one_more(self.stack)),
        ]

    def refused(self) -> str:
        ended = self.stack.compose("up", "--detach", "--build", changed=_WRONG, check=False)
        said = self.stack.compose("logs", "--no-log-prefix", "check-env-file").stdout
        running = [name for name, each in self.stack.containers().items() if each["State"] == "running"]
        named = [name for name in _WRONG if name in said]
        if not ended.returncode or running or named != list(_WRONG) or _WRONG["REDIS_PASSWORD"] in said:
            raise StackError(f"exit {ended.returncode}, running: {running}, said: {said}")
        self.stack.compose("down", "--volumes")
        return "exit 1; nothing else ran; both variables named, no value"

    def started(self) -> str:
        self.stack.up()
        self.stack.wait_healthy(_HEALTHY_WITHIN)
        containers = self.stack.containers()
        self._ids = {name: each["ID"] for name, each in containers.items()}
        healthy = sum(each["Health"] == "healthy" for each in containers.values())
        return f"{healthy} services healthy, {len(containers) - healthy} ended well"

    def password_changed(self) -> str:
        began = time.monotonic()
        ended = self.stack.compose(
            "run", "--rm", "--no-TTY", "--no-deps", "airflow-init", changed=_CHANGED, check=False
        )
        seconds = time.monotonic() - began
        said = ended.stdout + ended.stderr
        if not ended.returncode or "AIRFLOW_DB_PASSWORD was changed" not in said or seconds > _REFUSED_WITHIN:
            raise StackError(f"exit {ended.returncode} after {seconds:.0f} s, said: {said[-1000:]}")
        return f"`airflow-init` ended after {seconds:.0f} s, and named the variable"

    def unchanged(self) -> str:
        self.stack.up()
        self.stack.wait_healthy(_HEALTHY_WITHIN)
        now = {name: each["ID"] for name, each in self.stack.containers().items()}
        if other := sorted(name for name in now if now[name] != self._ids.get(name)):
            raise StackError(f"recreated: {', '.join(other)}")
        return f"none of {len(now)} containers recreated; one image"

    def checked(self) -> str:
        told = self.stack.run("scheduler", "retail", "check", check=False)
        if told.returncode:
            raise StackError(told.stdout + told.stderr)
        _headings, *checks = told.stdout.splitlines()
        return f"{len(checks)} connections fine"

    def looked(self) -> str:
        self._kept = compose_runs.kept(self.stack)
        if empty := [name for name, rows in self._kept.items() if rows == "0"]:
            raise StackError(f"empty: {', '.join(empty)}")
        told = "; ".join(f"{name}: {rows}" for name, rows in self._kept.items())
        return f"{told}; {compose_runs.certificates(self.stack)}"

    def restarted(self) -> str:
        self.stack.compose("restart")
        self.stack.wait_healthy(_HEALTHY_WITHIN)
        return "all healthy again"

    def down_and_up(self) -> str:
        before = compose_runs.kept(self.stack)
        self.stack.compose("down")
        self.stack.up()
        self.stack.wait_healthy(_HEALTHY_WITHIN)
        after = compose_runs.kept(self.stack)
        if lost := sorted(name for name in before if int(after[name]) < int(before[name])):
            raise StackError(f"fewer rows than before: {', '.join(lost)}")
        return "all healthy again; every table as full as before"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        "script/compose-smoke", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", action="store_true", help="leave the stack up where a step fails")
    options = parser.parse_args(argv)
    try:
        print(f"{engine()}\n")
        if left := left_over():
            raise StackError(f"an earlier run left {left}: docker compose -p retail-smoke down --volumes")
        with tempfile.TemporaryDirectory() as folder:
            return _run(Stack(Path(folder)), options.keep)
    except StackError as error:
        print(f"compose-smoke: {error}", file=sys.stderr)
        return 1


def _run(stack: Stack, keep: bool) -> int:
    print("| step | result | seconds |\n|---|---|---:|", flush=True)
    well = False
    try:
        well = all(_told(name, take) for name, take in Smoke(stack).steps())
    finally:
        if well or not keep:
            well = _told("all torn down", lambda: _removed(stack)) and well
    return 0 if well else 1


def _removed(stack: Stack) -> str:
    stack.remove()
    return "no container, volume or network left"


def _told(name: str, take: Callable[[], str]) -> bool:
    began = time.monotonic()
    try:
        result, well = take(), True
    except StackError as error:
        result, well = f"**failed**: {error}", False
    print(f"| {name} | {result} | {time.monotonic() - began:.0f} |", flush=True)
    return well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
