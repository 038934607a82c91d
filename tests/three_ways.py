"""What a listing prints on a terminal, in a pipe and with --json, and that all three tell the same."""

from __future__ import annotations

import json
import os
import pty
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, TextIO

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def terminal() -> Iterator[tuple[TextIO, list[bytes]]]:
    """Yield a real terminal, and what it was sent; that is complete afterwards."""
    outer, inner = pty.openpty()
    read: list[bytes] = []
    reader = Thread(target=_read, args=(outer, read))
    reader.start()
    with pytest.MonkeyPatch.context() as patch, os.fdopen(inner, "w", encoding="utf-8") as stream:
        patch.setenv("TERM", "xterm-256color")
        yield stream, read
    reader.join()
    os.close(outer)


def _read(outer: int, into: list[bytes]) -> None:
    while True:
        try:
            into.append(os.read(outer, 4096))
        except OSError:  # nobody writes any more
            return


def on_terminal(*arguments: str, columns: int = 400) -> str:
    """Return all that a command writes to a terminal on its standard output, as it is written there."""
    with terminal() as (stream, read), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        patch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            retail(list(arguments))
    return b"".join(read).decode().replace("\r\n", "\n")


def without_styles(text: str) -> str:
    return _STYLE.sub("", text)


def as_rows(*arguments: str) -> list[dict[str, Any]]:
    """Return the array that a command prints with --json, which must be all on its standard output."""
    result = CliRunner().invoke(retail, [*arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    rows = json.loads(result.stdout)
    assert isinstance(rows, list)
    return rows


def told_three_ways(*arguments: str) -> list[dict[str, Any]]:
    """Assert that a listing is one table, whoever reads it; return its rows.

    In a pipe it has a line for the headings and one for each row, and a wide terminal shows the same words.
    """
    rows, piped = as_rows(*arguments), CliRunner().invoke(retail, arguments).stdout.splitlines()
    assert len(piped) == 1 + len(rows)
    assert not any("\x1b" in line for line in piped)
    shown = without_styles(on_terminal(*arguments)).splitlines()
    assert set(shown.pop(1)) == {"─"}
    assert [line.split() for line in shown] == [line.split() for line in piped]
    return rows
