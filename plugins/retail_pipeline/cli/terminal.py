"""Adapts output to the terminal: it may have any encoding, and shows only the command's own words."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from io import TextIOWrapper


def print_anything() -> None:
    """Write a character that the terminal's encoding lacks as its code, e.g. an emoji in GBK, so no command fails."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_libraries() -> None:
    """Silence the log lines of libraries: the command itself prints the result, in its own line.

    Apprise is left out: the code that sends through it keeps its messages out of every log, and needs the HTTP status
    in them.
    """
    for name in ("requests", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def no_text(arguments: Sequence[str]) -> str | None:
    """Return an argument with bytes that are not text in this terminal's encoding; None where there is none."""
    return next((each for each in arguments if any("\ud800" <= char <= "\udfff" for char in each)), None)
