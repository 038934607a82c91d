"""PostgreSQL refuses to run as root; as root it is run as `nobody`, without an account of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from native.steps import ROOT, NativeError

NOBODY = 65534
_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
# A checkout below /root is closed to nobody; this one capability lets it pass, and PostgreSQL does not mind it.
_MAY_PASS = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


@cache
def as_nobody() -> tuple[str, ...]:
    """What to put before a command; nothing for a plain user."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        raise NativeError("PostgreSQL does not run as root and setpriv (package util-linux) is missing")
    for prefix in ([*_NOBODY, *_MAY_PASS], _NOBODY):
        if not subprocess.run([*prefix, "ls", ROOT], capture_output=True, check=False).returncode:
            return tuple(prefix)
    raise NativeError(
        f"PostgreSQL does not run as root, and the user nobody may not enter {ROOT}.\n"
        "To mend it: run this as a plain user, or put the checkout where everybody may enter, such as /srv."
    )


def give_to_nobody(folder: Path) -> None:
    if as_nobody():
        os.chown(folder, NOBODY, NOBODY)
