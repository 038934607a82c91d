"""Records that could not be used: kept as they came, counted, and replayed when the cause is corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.business_time import local_time
from retail_pipeline.databases.target_session import query
from retail_pipeline.errors import CheckFailed, ConfigError, RecordRejected, ValueRefused
from retail_pipeline.settings.retail import LoadSettings
from retail_pipeline.windows.ledger import LoadKey

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# The reason for a record that our own checks accept, and the database refuses.
REFUSED = "refused_by_database"
# A share of few records says nothing: one bad record of three must not stop the window.
MIN_FOR_A_SHARE = 100


@dataclass(frozen=True)
class Rejected:
    """One record for the quarantine.

    :param raw: as it came
    :param source_key: its key in the source; "" if it has none that can be read
    """

    raw: bytes
    source_key: str
    reason: str
    detail: str

    @classmethod
    def of(cls, raw: bytes, source_key: Any, rejection: RecordRejected) -> Rejected:
        """Return a record with the reason for its rejection."""
        key = _text(str(source_key))[:64] if isinstance(source_key, (int, str)) else ""
        return cls(raw, key, rejection.reason, _text(rejection.detail)[:255])


def refused_by_database(raw: bytes, source_key: Any, refusal: ValueRefused) -> Rejected:
    """Return a record that only the database refuses, with that reason."""
    return Rejected.of(raw, source_key, RecordRejected(REFUSED, refusal.where))


def _text(text: str) -> str:
    """Return a text that every database takes: a lone surrogate, or a NUL, is written out as an escape."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


class Quarantine:
    """The quarantine in one target database."""

    def __init__(self, connection: Session) -> None:
        self._connection = connection

    def put(self, pipeline: str, account: str, window_id: int, rejected: Rejected) -> None:
        """Keep a record; one that is there already is counted once more, and is open again."""
        values = {
            "pipeline": pipeline,
            "account": account,
            "window_id": window_id,
            "source_key": rejected.source_key,
            "reason": rejected.reason,
            "detail": rejected.detail,
            # A byte that is not UTF-8 is written out as an escape.
            "raw": _text(rejected.raw.decode(errors="backslashreplace")),
            "raw_hash": hashlib.sha256(f"{rejected.source_key}|".encode() + rejected.raw).hexdigest(),
            "now": local_time(clock.now()),
        }
        query(self._connection, "quarantine/put", values)

    def entries(self, pipeline: str | None, state: str | None, limit: int) -> list[dict[str, Any]]:
        """Return its entries, the latest first, without the records themselves."""
        return query(
            self._connection, "quarantine/list", {"pipeline": pipeline, "state": state, "limit": limit}
        )

    def entry(self, number: int) -> dict[str, Any]:
        """Return one entry with its record."""
        found = query(self._connection, "quarantine/show", {"id": number})
        if not found:
            raise ConfigError(f"there is no record number {number} in the quarantine")
        return found[0]

    def open_numbers(self, pipeline: str) -> list[int]:
        """Return the numbers of the records that are still in the quarantine."""
        return [row["id"] for row in query(self._connection, "quarantine/open_ids", {"pipeline": pipeline})]

    def settle_keys(self, pipeline: str, account: str, keys: Collection[str], read_since: datetime) -> None:
        """Note, by the source's keys, that records came again and could be used.

        :param read_since: a moment before they were read; what was quarantined later stays
        """
        values = {"pipeline": pipeline, "account": account, "until": local_time(read_since)}
        for row in query(self._connection, "quarantine/open_keys", values):
            if row["source_key"] in keys:
                self.settle(row["id"], clock.now())

    def settle(self, number: int, moment: datetime) -> None:
        """Note that a record was replayed."""
        query(self._connection, "quarantine/settle", {"id": number, "now": local_time(moment)})


class TooManyRejected(CheckFailed):
    """So many records would go into the quarantine that something else must be wrong."""

    def __init__(self, message: str, rejected: list[Rejected]) -> None:
        super().__init__(message)
        self.rejected = rejected


def refuse_too_many(rejected: list[Rejected], of: int, settings: LoadSettings) -> None:
    """Stop a window when too many of its records cannot be used.

    :param of: how many different records there are
    :raises TooManyRejected: more than the settings allow
    """
    count, limit, share = len(rejected), settings.max_quarantined, settings.max_quarantined_share
    if count > limit or (of >= MIN_FOR_A_SHARE and count > share * of):
        raise TooManyRejected(
            f"{count} of {of} records cannot be used (allowed: {limit}, or {share:.0%}): nothing is published; "
            f"see them with `retail quarantine list`",
            rejected,
        )


def set_aside(session: Session, load_key: LoadKey, number: int, rejected: Iterable[Rejected]) -> None:
    """Put records into the quarantine, under a certificate's number."""
    quarantine = Quarantine(session)
    for each in rejected:
        quarantine.put(load_key.pipeline, load_key.account, number, each)


def bring_back(session: Session, load_key: LoadKey, keys: Collection[str], read_since: datetime) -> None:
    """Mark records in the quarantine as resolved: the source sent them again, and they could be used.

    :param read_since: records quarantined after this moment may be newer than those that came; they stay
    """
    Quarantine(session).settle_keys(load_key.pipeline, load_key.account, keys, read_since)
