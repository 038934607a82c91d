"""JSON that no decoder accepts: where its parts begin and end, by brackets and quotes alone. Pure.

A raw line end in a text, ``\\'``, NaN or 007 makes a page invalid JSON, and with it every record that it holds. The
bounds of its parts do not depend on them. Nothing is repaired or guessed: where brackets are ambiguous, there is no
answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

# A text up to its end, or up to the document's; or the characters between values.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_COLON = re.compile(rb"\s*:\s*")
_OPENING = {b"]": b"[", b"}": b"{"}


@dataclass(frozen=True)
class BrokenList:
    """A list in a document.

    :param start: of its opening bracket
    :param end: behind its closing one
    :param elements: from where to where each of its elements goes
    """

    start: int
    end: int
    elements: list[tuple[int, int]]

    def emptied(self, text: bytes) -> bytes:
        """Return the document with nothing in the list."""
        return text[: self.start] + b"[]" + text[self.end :]


@dataclass
class _Scan:
    """A walk through a document.

    :ivar opened: the open brackets, each with the name of its member
    :ivar name: the text before the current position, if a colon follows it
    """

    text: bytes
    opened: list[tuple[bytes, bytes]] = field(default_factory=list)
    name: bytes = b""

    def step(self, token: re.Match[bytes]) -> bool:
        """Go over a token; return whether brackets and quotes fit so far."""
        found = token[0]
        if found[:1] == b'"':
            colon = _COLON.match(self.text, token.end())
            self.name = found if colon else b""
            return len(found) > 1 and found.endswith(b'"')
        if found in (b"[", b"{"):
            self.opened.append((found, self.name))
        elif found != b"," and (not self.opened or self.opened.pop()[0] != _OPENING[found]):
            return False
        self.name = b""
        return True


def list_in(text: bytes, parent: str, name: str) -> BrokenList | None:
    """Return the first list of a name in an object of a name; None where that is not certain."""
    scan, path = _Scan(text), (f'"{parent}"'.encode(), f'"{name}"'.encode())
    cuts: list[int] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        if not scan.step(token):
            return None
        opened = scan.opened
        if not depth and token[0] == b"[" and tuple(part for _, part in opened[-2:]) == path:
            depth, cuts = len(opened), [token.start()]
        elif depth and len(opened) == depth and token[0] == b",":
            cuts.append(token.start())
        elif depth and len(opened) < depth:
            return _cut(text, [*cuts, token.start()])
    return None


def _cut(text: bytes, cuts: list[int]) -> BrokenList | None:
    """Return the elements between the cuts; None where there is nothing between two of them."""
    start, end = cuts[0], cuts[-1] + 1
    elements = []
    for before, after in pairwise(cuts):
        part = text[before + 1 : after]
        first = before + 1 + len(part) - len(part.lstrip())
        elements.append((first, first + len(part.strip())))
    if len(elements) == 1 and elements[0][0] == elements[0][1]:
        return BrokenList(start, end, [])
    return None if any(first == last for first, last in elements) else BrokenList(start, end, elements)


def is_whole(text: bytes) -> bool:
    """Tell whether a document is one object from its first character to its last, so that nothing was cut off."""
    scan, stripped = _Scan(text), text.strip()
    if not stripped.startswith(b"{"):
        return False
    for token in _TOKEN.finditer(text):
        if not scan.step(token):
            return False
        if not scan.opened:
            return not text[token.end() :].strip()
    return False
