"""The records of a window as they came, kept until it is published: a database may refuse one of them at the end."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias

# In bytes. More than this goes to a file without a name, which nobody else can open.
IN_MEMORY = 1024 * 1024
# By which a source knows a record: a number, or a text.
RecordKey: TypeAlias = Any


class RawRecords:
    """Records by their keys. Not thread-safe."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self.clear()

    def put(self, records: Sequence[tuple[RecordKey, bytes]]) -> None:
        """Keep records by their keys; an earlier one with the same key is forgotten."""
        size = sum([len(raw) for _, raw in records])
        if self._size + size <= IN_MEMORY:
            self._size += size
            self._records.update(records)
        else:
            self._put_away(records)

    def get(self, key: RecordKey) -> bytes:
        """Return a record."""
        found = self._records[key]
        if isinstance(found, bytes):
            return found
        file, start, length = found
        file.seek(start)
        return file.read(length)

    def clear(self) -> None:
        """Forget all of them."""
        self._records: dict[RecordKey, bytes | tuple[IO[bytes], int, int]] = {}
        self._size = 0
        self.close()

    def close(self) -> None:
        """Forget what is in the file, for good."""
        if self._file:
            self._file.close()
            self._file = None

    def _put_away(self, records: Sequence[tuple[RecordKey, bytes]]) -> None:
        self._file = self._file or TemporaryFile()  # noqa: SIM115 (closed by ``close``)
        start = self._file.seek(0, 2)
        self._file.write(b"".join([raw for _, raw in records]))
        for key, raw in records:
            self._records[key] = self._file, start, len(raw)
            start += len(raw)
