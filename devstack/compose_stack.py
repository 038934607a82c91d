"""A project of docker compose with an .env of its own, with the demo in it, that can be removed without a trace."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shlex
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from devstack.steps import ROOT, StackError

PROJECT = "retail-smoke"
PORTS = ("AIRFLOW_PORT", "POSTGRES_PORT", "MYSQL_PORT", "SANDBOX_PORT")
_NEEDS = "script/compose-smoke needs a Docker engine (25 or newer) and docker compose (2.24 or newer)"
Container = dict[str, Any]


def engine() -> str:
    """Return the versions of engine and compose.

    :raises StackError: there is none
    """
    asked = {
        "Docker": ["docker", "version", "--format", "{{.Server.Version}}"],
        "Compose": ["docker", "compose", "version", "--short"],
    }
    return ", ".join(f"{name} {_answer(command)}" for name, command in asked.items())


def _answer(command: Sequence[str]) -> str:
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise StackError(f"{_NEEDS}; there is no {command[0]} on this machine") from None
    if told.returncode:
        said = (told.stderr or told.stdout).strip()
        raise StackError(f"{_NEEDS}; `{shlex.join(command)}` says: {said}")
    return told.stdout.strip()


def filled(example: str) -> dict[str, str]:
    """Return the variables of an .env file with newly generated secrets and free ports."""
    variables = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    for name in [name for name, value in variables.items() if not value]:
        variables[name] = secrets.token_hex(16)
    variables["AIRFLOW_FERNET_KEY"] = base64.urlsafe_b64encode(os.urandom(32)).decode()
    variables |= {name: str(port) for name, port in zip(PORTS, _free_ports(len(PORTS)), strict=True)}
    return variables | {"AIRFLOW_BASE_URL": f"http://localhost:{variables['AIRFLOW_PORT']}"}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Stack:
    def __init__(self, folder: Path) -> None:
        self.env = filled((ROOT / ".env.example").read_text(encoding="utf-8"))
        self._file = folder / "env"
        self.image = f"{PROJECT}-airflow"

    def compose(
        self, *arguments: str, changed: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """:param changed: variables that replace those of the .env file for this call"""
        self._file.touch(0o600)
        lines = (f"{name}={value}\n" for name, value in (self.env | dict(changed or {})).items())
        self._file.write_text("".join(lines), encoding="utf-8")
        # The environment would take precedence over the file.
        clean = {name: value for name, value in os.environ.items() if name not in self.env}
        command = ["docker", "compose", "--project-name", PROJECT, "--env-file", str(self._file)]
        command += ["--profile", "demo", "--progress", "plain", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
        if check and done.returncode:
            said = (done.stdout + done.stderr).strip()[-3000:]
            raise StackError(f"docker compose {shlex.join(arguments)} failed:\n{said}")
        return done

    def up(self) -> str:
        return self.compose("up", "--detach", "--build").stderr

    def containers(self) -> dict[str, Container]:
        """Return the containers by service name, including those that have ended."""
        told = self.compose("ps", "--all", "--format", "json").stdout
        found = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
        return {container["Service"]: container for container in found}

    def wait_healthy(self, limit: float) -> None:
        end = time.monotonic() + limit
        while bad := {name: told for name, told in self._states().items() if told not in ("healthy", "done")}:
            if time.monotonic() > end:
                raise StackError(f"after {limit:.0f} s: {bad}")
            time.sleep(2)

    def _states(self) -> dict[str, str]:
        return {name: _state(container) for name, container in self.containers().items()}

    def run(self, service: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.compose("exec", "--no-TTY", service, *command, check=check)

    def postgres(self, database: str, sql: str) -> list[list[str]]:
        told = self.run("postgres", "psql", "--username=postgres", "--csv", "-tc", sql, database).stdout
        return [line.split(",") for line in told.splitlines() if line]

    def mysql(self, database: str, sql: str) -> list[list[str]]:
        query = f'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql -N -B -e {shlex.quote(sql)} {database}'
        told = self.run("mysql", "sh", "-c", query).stdout
        return [line.split("\t") for line in told.splitlines() if line]

    def remove(self) -> None:
        """:raises StackError: something is left"""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "30")
        subprocess.run(["docker", "image", "rm", self.image], capture_output=True, check=False)
        if left := left_over():
            raise StackError(f"left behind: {left}")


def left_over() -> list[str]:
    """Return containers, volumes and networks of the project."""
    mark = f"label=com.docker.compose.project={PROJECT}"
    kinds = (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
    return [found for kind in kinds for found in _answer(["docker", *kind, "-q", "--filter", mark]).split()]


def _state(container: Container) -> str:
    if container["State"] != "exited":
        return str(container["Health"] or container["State"])
    well = container["ExitCode"] == 0 and container["Service"] in once()
    return "done" if well else f"ended with {container['ExitCode']}"


@cache
def once() -> frozenset[str]:
    """Return the services that run once and end."""
    services = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
    return frozenset(name for name, service in services.items() if service["restart"] != "unless-stopped")
