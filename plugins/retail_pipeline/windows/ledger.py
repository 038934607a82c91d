"""The certificates of windows: what a source said, what arrived, and whether the two add up.

A certificate is committed with the rows that it speaks of, and so is the watermark: none can be there without the
others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.business_time import Window, from_local_time, local_time
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import query, query_text

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

VERDICTS = COMPLETE, INCOMPLETE, STOPPED, FAILED = "complete", "incomplete", "stopped", "failed"
SCHEDULED, BACKFILL, MANUAL, REPAIR, REPLAY = "scheduled", "backfill", "manual", "repair", "replay"
RECONCILE = "reconcile"
# In characters: the lengths of the columns.
MAX_FILTERS, MAX_ERROR = 255, 16_000


@dataclass(frozen=True)
class LoadKey:
    """What a certificate speaks of: pipeline, account and window; and which run loaded it, for what purpose.

    :param filters: the condition, if only a part of the window is loaded; "" for all of it
    :param purpose: only ``scheduled`` windows move the watermark
    """

    pipeline: str
    account: str
    window: Window
    purpose: str
    run_id: str
    filters: str = ""

    def key(self) -> dict[str, Any]:
        """Return it as values of a statement."""
        return {
            "pipeline": self.pipeline,
            "account": self.account,
            "window_from": local_time(self.window.start),
            "window_to": local_time(self.window.end),
            "filters": self.filters,
            "purpose": self.purpose,
            "run_id": self.run_id,
        }


@dataclass(frozen=True)
class Certificate:
    """What is written on a certificate.

    Checksums are sums over fingerprints of key and version: each side can work them out by itself, in any order.
    ``source_keys`` = ``target_keys`` + ``refused`` + ``quarantined`` if everything arrived.

    :param compared: figures of the values on both sides, and how many rows were compared field by field
    """

    verdict: str
    source_total: int | None = None
    source_keys: int | None = None
    source_checksum: int | None = None
    target_keys: int | None = None
    target_checksum: int | None = None
    refused: int | None = None
    refused_checksum: int | None = None
    quarantined: int | None = None
    missing_keys: list[str] = field(default_factory=list)
    rule_counts: Mapping[str, int] = field(default_factory=dict)
    pages: int = 0
    passes: int = 0
    calls: int = 0
    throttles: int = 0
    compared: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


class WindowLedger:
    """The ledger in one target database."""

    def __init__(self, connection: Session) -> None:
        self._connection = connection

    def open(self, load_key: LoadKey, started_at: datetime) -> int:
        """Begin a certificate and return its number, which the rows keep as their origin."""
        values = {**load_key.key(), "started_at": local_time(started_at)}
        opened = query(self._connection, "ledger/open_certificate", values)
        # MySQL's INSERT returns no rows; PostgreSQL would need a right on the sequence to answer afterwards.
        [certificate] = opened or query_text(self._connection, statement("ledger/last_id", "mysql"))
        return int(certificate["id"])

    def close(self, number: int, certificate: Certificate) -> None:
        """Write what was found on a certificate."""
        values = {
            **asdict(certificate),
            "error": certificate.error and certificate.error[:MAX_ERROR],
            "missing_keys": _json(certificate.missing_keys),
            "rule_counts": _json(certificate.rule_counts),
            "compared": _json(certificate.compared),
            "finished_at": local_time(clock.now()),
            "id": number,
        }
        query(self._connection, "ledger/close_certificate", values)

    def complete_windows(self, load_key: LoadKey, planned_at: datetime) -> list[Window]:
        """Return the parts of a window that this run, or another scheduled one since then, has completed."""
        rows = query(
            self._connection,
            "ledger/complete_windows",
            {**load_key.key(), "planned_at": local_time(planned_at)},
        )
        return [
            Window(from_local_time(row["window_from"]), from_local_time(row["window_to"])) for row in rows
        ]

    def read_for_good(
        self, pipeline: str, account: str, watermark: datetime, lateness: timedelta, now: datetime
    ) -> list[Window]:
        """Return the windows after the watermark, up to now, that scheduled runs completed and need not read again.

        A record may be committed as late as ``lateness`` after its own stamp. So a window is read once more if a run
        read it sooner than that after its end. A window that was read later holds every record that it will have.
        """
        key = {"pipeline": pipeline, "account": account, "watermark": local_time(watermark)}
        found = []
        for row in query(self._connection, "ledger/beyond_watermark", key):
            until = from_local_time(row["started_at"]).replace(microsecond=0) - lateness
            start, end = (from_local_time(row[name]) for name in ("window_from", "window_to"))
            if end <= now:
                found.append(Window(start, min(end, until)))
        return [window for window in found if window.start < window.end]

    def now(self) -> datetime:
        """Return what the target's own clock says."""
        return from_local_time(
            datetime.fromisoformat(query(self._connection, "clock/reading_time")[0]["reading_time"])
        )

    def certain(self, pipeline: str, account: str, now: datetime) -> datetime | None:
        """Return up to where data is certain to have been read, if the watermark lies in the future."""
        values = {"pipeline": pipeline, "account": account, "now": local_time(now)}
        [row] = query(self._connection, "ledger/certain", values)
        return from_local_time(row["watermark"]) if row["watermark"] else None

    def missing_keys(self, load_key: LoadKey) -> list[str]:
        """Return the keys that the latest certificates within a window found missing."""
        found = query(self._connection, "ledger/missing_keys", load_key.key())
        return sorted({key for row in found for key in json.loads(row["missing_keys"] or "[]")})

    def watermark(self, pipeline: str, account: str) -> datetime | None:
        """Return up to where scheduled loads have read without a gap; None before the first."""
        found = query(self._connection, "ledger/watermark", {"pipeline": pipeline, "account": account})
        return from_local_time(found[0]["watermark"]) if found else None

    def first_scheduled(self, pipeline: str, account: str) -> datetime | None:
        """Return where scheduled loads began to read; None before the first."""
        [row] = query(self._connection, "ledger/first_scheduled", {"pipeline": pipeline, "account": account})
        return from_local_time(row["window_from"]) if row["window_from"] else None

    def start_watermark(self, pipeline: str, account: str, start: datetime) -> None:
        """Set the moment after which no record may be missed; without effect if it is set already."""
        values = {"watermark": local_time(start), "now": local_time(clock.now())}
        query(
            self._connection,
            "ledger/start_watermark",
            {"pipeline": pipeline, "account": account, **values},
        )

    def move_watermark(self, pipeline: str, account: str) -> datetime | None:
        """Move the watermark to the end of the unbroken chain of complete scheduled windows.

        Called in the transaction that closes a window's certificate. Several workers may complete windows at once, in
        any order: the watermark's row is locked, so the last of them sees all the others.
        """
        key = {"pipeline": pipeline, "account": account}
        found = query(self._connection, "ledger/lock_watermark", key)
        if not found:
            return None
        reached = start = found[0]["watermark"]
        while further := query(self._connection, "ledger/reach", {**key, "watermark": reached})[0][
            "watermark"
        ]:
            reached = further
        if reached != start:
            query(
                self._connection,
                "ledger/move_watermark",
                {**key, "watermark": reached, "now": local_time(clock.now())},
            )
        return from_local_time(reached)

    def latest(self, pipeline: str, *, account: str | None, since: datetime) -> list[dict[str, Any]]:
        """Return the latest certificate of each window that ends later than a moment, newest window first.

        Each has only the columns that ``open_failures`` needs; ``certificates`` returns whole ones.

        :param account: None for all accounts
        """
        values = {"pipeline": pipeline, "account": account, "since": local_time(since)}
        return query(self._connection, "ledger/latest", values)

    def certificates(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Return certificates by their numbers, newest window first; ``missing_keys`` is a list."""
        found = query(self._connection, "ledger/certificates", {"ids": list(numbers)}) if numbers else []
        return [{**row, "missing_keys": _read(row["missing_keys"]) or []} for row in found]


def _read(value: Any) -> Any:
    """Read a JSON value: one database gives it as text, the other as an object."""
    return json.loads(value) if isinstance(value, str) else value


def _json(value: Any) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None
