"""What a terminal may be: of any encoding, and for a command's own words alone."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from io import TextIOWrapper


def print_anything() -> None:
    """Write a character that the terminal does not know as its code, e.g. an emoji in GBK: no command ends of it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_libraries() -> None:
    """Leave out what libraries say of a call beside us: the command tells what came of it, in its own line.

    Not Apprise: whoever sends through it keeps its messages out of every log, and needs the HTTP status in them.
    """
    for name in ("requests", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def no_text(arguments: Sequence[str]) -> str | None:
    """Return an argument that holds bytes which are no text in this terminal's encoding; None where all are."""
    return next((each for each in arguments if any("\ud800" <= char <= "\udfff" for char in each)), None)
