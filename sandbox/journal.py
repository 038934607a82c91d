"""Every vendor request with its verdict, without anything that opens a door."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.business_clock import iso
from sandbox.identities import TOKEN_MARK

# Enough for any test and for the demo; a bench that sends more loses its oldest entries, not its memory.
MAX_ENTRIES = 50_000
MAX_CHARACTERS = 64_000_000

_NAMES = ("secret", "access_token", "sign", "session")
_JSON_MEMBER = re.compile(r'("\w*(?:secret|access_token|signature|sign|session)"\s*:\s*")(?:\\.|[^"\\])*')
_FORM_FIELD = re.compile(r"((?:secret|access_token|signature|sign|session)=)[^&\s\"]*")
_TOKEN = re.compile(rf"\w*{TOKEN_MARK}[\w-]*")


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
    query: str
    body: str

    def characters(self) -> int:
        return len(self.query) + len(self.body)


class Journal:
    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = secrets
        self._entries: deque[Entry] = deque()
        self._characters = 0
        self._last = 0

    def write(self, *, path: str, query: str, body: bytes, errmsg: str, **fields: Any) -> None:
        self._last += 1
        entry = Entry(
            seq=self._last,
            path=self._masked(path),
            query=self._masked(query),
            body=self._masked(body.decode("utf-8", "replace")),
            errmsg=self._masked(errmsg),
            **fields,
        )
        self._entries.append(entry)
        self._characters += entry.characters()
        while len(self._entries) > MAX_ENTRIES or self._characters > MAX_CHARACTERS:
            self._characters -= self._entries.popleft().characters()

    def listing(self, after: int) -> list[dict[str, Any]]:
        return [{**asdict(entry), "at": iso(entry.at)} for entry in self._entries if entry.seq > after]

    def _masked(self, text: str) -> str:
        """The plain searches are far cheaper than the patterns, and most texts hold none of the names."""
        if any(name in text for name in _NAMES):
            text = _FORM_FIELD.sub(r"\1***", _JSON_MEMBER.sub(r"\1***", text))
        if TOKEN_MARK in text:
            text = _TOKEN.sub("***", text)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
