"""JSON texts with half of a surrogate pair, which is not a character: a text was cut in the middle of an emoji.

A strict decoder then refuses the whole page, and with it every other record. So the page is split with another
character in place of the half, and each record is returned as it came, to be checked by itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Both halves, or an escaped backslash, or one half alone.
_ESCAPE = re.compile(rb"(?i)\\(?:\\|ud[89ab]..\\ud[c-f]..|ud[89a-f]..)")
_HALF = 6  # bytes of \ud83d, and of its replacement


def with_whole_characters(page: bytes) -> bytes:
    """Return a page of the same length that can be decoded; the page itself where it has no lone surrogate."""
    if b"\\ud" not in page and b"\\uD" not in page:
        return page
    mended = _ESCAPE.sub(lambda escape: rb"\ufffd" if len(escape[0]) == _HALF else escape[0], page)
    return page if mended == page else mended


def as_they_came(records: Iterable[bytes], mended: bytes, page: bytes) -> Iterator[bytes]:
    """Yield, in order, the original text of records that were decoded from the page's replaced form."""
    end = 0
    for record in records:
        start = mended.index(record, end)
        end = start + len(record)
        yield page[start:end]
