"""One server process: starts it, checks whether it lives, and stops it, whatever a killed run has left."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from devstack.place import Place
from devstack.steps import ROOT, StackError

# The process writes its own pid file before it becomes the server, so no server ever runs without a file. A process
# with a reused pid began later than the file was written; start times of processes are whole ticks of the kernel's
# clock.
_LAUNCH = 'echo $$ >"$0" && exec "$@"'
_TICKS = 1.0
_DEAD = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)  # dead, and its parent has not read its status


@dataclass(frozen=True)
class Daemon:
    place: Place
    name: str
    argv: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = ROOT
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def log(self) -> Path:
        return self.place.folder("logs") / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.place.folder("run") / f"{self.name}.pid"

    @property
    def _fingerprint_file(self) -> Path:
        return self._pid_file.with_suffix(".started-with")

    def _fingerprint(self) -> str:
        return hashlib.sha256(repr((self.argv, sorted(self.env.items()))).encode()).hexdigest()

    def pid(self) -> int | None:
        """Return the pid if the process that was started is alive."""
        recorded = _recorded(self._pid_file)
        return recorded.pid if recorded and _is_alive(recorded) else None

    def state(self) -> str:
        pid = self.pid()
        return f"running, pid {pid}" if pid else "stopped"

    def is_current(self) -> bool:
        """Tell whether it is alive and has the command and the environment that it would be started with now."""
        noted = self._fingerprint_file.read_text() if self._fingerprint_file.exists() else ""
        return bool(self.pid()) and noted == self._fingerprint()

    def launch(self) -> None:
        self._fingerprint_file.write_text(self._fingerprint())
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as log:
            subprocess.Popen(
                ["sh", "-c", _LAUNCH, str(self._pid_file), *self.argv],
                env={**os.environ, **self.env}, cwd=self.cwd, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_until(lambda: bool(self.pid()) or self.log.stat().st_size > 0, 60, f"{self.name} did not start")

    def wait_healthy(self, healthy: Callable[[], bool], limit: float = 300) -> None:
        """Wait until it is healthy.

        The limit is for a server that hangs: a death is noticed at once, and a busy machine is slow.
        """

        def healthy_or_dead() -> bool:
            if not self.pid():
                raise StackError(f"{self.name} died while starting. The end of {self.log}:\n{self.tail()}")
            return healthy()

        wait_until(healthy_or_dead, limit, f"{self.name} is not healthy after {limit:.0f} s; see {self.log}")

    def stop(self, limit: float = 20) -> bool:
        """Stop it, and all that a killed server left in its session; return whether there was anything to stop."""
        recorded = _recorded(self._pid_file)
        if not recorded:
            return False
        if pid := self.pid():
            os.kill(pid, self.stop_signal)
            _wait(lambda: not self.pid(), limit)
        left_over = _session(recorded)
        for member in left_over:
            _kill(member)
        _wait(lambda: not _session(recorded), 60)
        self._pid_file.unlink(missing_ok=True)
        return bool(pid or left_over)

    def tail(self, lines: int = 15) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


@dataclass(frozen=True)
class _Recorded:
    pid: int
    at: float


def _recorded(pid_file: Path) -> _Recorded | None:
    try:
        return _Recorded(int(pid_file.read_text()), pid_file.stat().st_mtime)
    except (OSError, ValueError):
        return None


def _is_alive(recorded: _Recorded) -> bool:
    with suppress(psutil.NoSuchProcess):
        return _is_it(recorded) and psutil.Process(recorded.pid).status() not in _DEAD
    return False


def _is_it(recorded: _Recorded) -> bool:
    """:raises psutil.NoSuchProcess: no process has that pid"""
    return bool(psutil.Process(recorded.pid).create_time() <= recorded.at + _TICKS)


def _session(leader: _Recorded) -> list[int]:
    """Return the living members of the leader's session; while one lives, the kernel does not reuse its pid."""
    with suppress(psutil.NoSuchProcess):
        if not _is_it(leader):
            return []
    return [process.pid for process in psutil.process_iter(["status"]) if _is_member(process, leader.pid)]


def _is_member(process: psutil.Process, session: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        return os.getsid(process.pid) == session and process.info["status"] not in _DEAD
    return False


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _wait(condition: Callable[[], bool], limit: float, every: float = 0.05) -> bool:
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def wait_until(condition: Callable[[], bool], limit: float, otherwise: str, every: float = 0.05) -> None:
    if not _wait(condition, limit, every):
        raise StackError(otherwise)
