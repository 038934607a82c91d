"""Every vendor request with its verdict, without anything that opens a door."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.business_clock import iso

# Enough for any test and for the demo; a bench that sends more loses its oldest entries, not its memory.
MOST_ENTRIES = 50_000
MOST_CHARACTERS = 64_000_000

_SECRET_NAMES = ("secret", "access_token", "signature")
_SECRET_MEMBER = re.compile(r'((?:secret|access_token|signature)(?:"\s*:\s*"|=))[^"&\s]+')


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    at: float
    vendor: str | None
    app: str | None
    method: str
    path: str
    verdict: str
    code: int
    errmsg: str
    status: int | None  # None: no reply was sent
    body: str


class Journal:
    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = secrets
        self._entries: deque[Entry] = deque()
        self._characters = 0
        self._last = 0

    def write(self, *, body: bytes, path: str, **fields: Any) -> None:
        self._last += 1
        entry = Entry(self._last, body=self._masked(body), path=self._masked(path.encode()), **fields)
        self._entries.append(entry)
        self._characters += len(entry.body)
        while len(self._entries) > MOST_ENTRIES or self._characters > MOST_CHARACTERS:
            self._characters -= len(self._entries.popleft().body)

    def listing(self, after: int) -> list[dict[str, Any]]:
        return [{**asdict(entry), "at": iso(entry.at)} for entry in self._entries if entry.seq > after]

    def _masked(self, raw: bytes) -> str:
        text = raw.decode("utf-8", "replace")
        # The plain search is far cheaper than the pattern, and most bodies hold none of the names.
        if any(name in text for name in _SECRET_NAMES):
            text = _SECRET_MEMBER.sub(r"\1***", text)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
