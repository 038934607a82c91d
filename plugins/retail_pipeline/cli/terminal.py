"""Adapts output to the terminal: it may have any encoding, and shows only the command's own words."""

from __future__ import annotations

import logging
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
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


def visible(text: str, kept: str = "") -> str:
    r"""Return a text with what a terminal obeys, or hides, written out: ``\x1b`` for an escape, ``\n`` for a line.

    What others have written may hold it: a seller's name, a remark, a vendor's message.

    :param kept: such characters that stay

    >>> print(visible("好\x1b[2J\n"))
    好\x1b[2J\n
    """
    return escaped(text, lambda char: char if char in kept else char.encode("unicode_escape").decode())


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """Return a text with each character replaced that is neither a sign nor a space."""
    return text if text.isprintable() else "".join(map(partial(_shown, escape), text))


def _shown(escape: Callable[[str], str], char: str) -> str:
    return char if char.isprintable() or unicodedata.category(char) == "Zs" else escape(char)


def say(text: str, *, err: bool = False) -> None:
    """Print a sentence that may quote others; above the bar, where work is shown by one, which click would miss."""
    print(visible(text, "\n"), file=sys.stderr if err else sys.stdout, flush=True)
