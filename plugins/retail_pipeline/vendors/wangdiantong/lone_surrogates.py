"""JSON texts with half of a surrogate pair, which is no character: somebody cut a text in the middle of an emoji.

A strict decoder refuses the whole page for it, and with it every other record. So the page is taken apart as if the
half were another character, and each record is given back as it came, to be judged by itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Both halves, or an escaped backslash, or one half alone.
_ESCAPE = re.compile(rb"(?i)\\(?:\\|ud[89ab]..\\ud[c-f]..|ud[89a-f]..)")
_HALF = 6  # bytes of \ud83d, and of what takes its place


def with_whole_characters(page: bytes) -> bytes:
    """Return a page of the same length that can be decoded; the page itself where nothing is wrong with it."""
    if b"\\ud" not in page and b"\\uD" not in page:
        return page
    mended = _ESCAPE.sub(lambda escape: rb"\ufffd" if len(escape[0]) == _HALF else escape[0], page)
    return page if mended == page else mended


def as_they_came(records: Iterable[bytes], mended: bytes, page: bytes) -> Iterator[bytes]:
    """Yield the page's own text of records that were decoded from its mended form, in order."""
    end = 0
    for record in records:
        start = mended.index(record, end)
        end = start + len(record)
        yield page[start:end]
