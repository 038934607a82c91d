"""Runs PostgreSQL, which refuses to run as root, as `nobody` for root, without an account of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from devstack.steps import ROOT, StackError

NOBODY = 65534
_PREFIX = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    # The user nobody cannot enter a checkout below /root. This capability lets it pass, and PostgreSQL accepts it;
    # the bit is for access(2), by which initdb looks for its programs, and which would not count the capability.
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"),
)
_CAN_READ = (
    sys.executable,
    "-ISc",
    "import os, sys; sys.exit(not os.access(sys.argv[1], os.R_OK))",
    __file__,
)


@cache
def as_nobody() -> tuple[str, ...]:
    """Return the prefix of a command; empty for an ordinary user."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        raise StackError("PostgreSQL does not run as root and setpriv (package util-linux) is missing")
    tried = subprocess.run([*_PREFIX, *_CAN_READ], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise StackError(
            f"PostgreSQL does not run as root, and cannot be run as nobody in {ROOT}: {tried.stderr.strip()}\n"
            "To mend it: run this as a plain user. (In a container root needs the capabilities that docker gives.)"
        )
    return _PREFIX


def give_to_nobody(folder: Path) -> None:
    if as_nobody():
        os.chown(folder, NOBODY, NOBODY)
