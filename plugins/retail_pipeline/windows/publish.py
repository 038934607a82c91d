"""Publishes what was read of a chunk: rows, certificate, quarantine and watermark in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from retail_pipeline.databases.target_session import transaction
from retail_pipeline.errors import ValueRefused, WindowIncomplete
from retail_pipeline.settings.retail import LoadSettings
from retail_pipeline.tables.batches import Key
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.tables.stage import First, Proof, Stage
from retail_pipeline.windows.ledger import (
    COMPLETE,
    INCOMPLETE,
    SCHEDULED,
    Certificate,
    LoadKey,
    WindowLedger,
)
from retail_pipeline.windows.quarantine import (
    Rejected,
    bring_back,
    refuse_too_many,
    refused_by_database,
    set_aside,
)
from retail_pipeline.windows.raw_records import RecordKey
from retail_pipeline.windows.source_side import SourceSide
from retail_pipeline.windows.value_comparison import ComparedValues, ValueComparison

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


class ReadChunk(Protocol):
    """What was read of a chunk. Its mappings are by the records' keys, with fingerprints of key and version."""

    @property
    def staged(self) -> dict[RecordKey, int]:
        """Return what waits on the stage, and must be in the table in the end."""
        ...

    @property
    def known(self) -> Mapping[RecordKey, int] | None:
        """Return what the table has already, unchanged; None where the load does not look for it."""
        ...

    @property
    def set_aside(self) -> Sequence[Rejected]:
        """Return the records that cannot be used."""
        ...

    @property
    def distinct(self) -> int:
        """Return how many different records were read."""
        ...

    @property
    def picked(self) -> bool:
        """Tell whether records were asked for by key: all may be unusable, so no limit on their share applies."""
        ...

    def refuse(self, key: RecordKey, rejected: Rejected) -> None:
        """Take out a record that only the database refuses."""

    def source_side(self) -> Certificate:
        """Return a certificate with what the source said: totals, pages, calls, rules; the verdict is replaced."""
        ...


class Publisher:
    """One session with its stage, which publishes one chunk after the other. Not thread-safe.

    :param said: what the source said of the chunk; closed with the stage
    :ivar stage: of the session, which needs the session to itself
    """

    def __init__(
        self,
        session: Session,
        stage: Stage,
        comparison: ValueComparison,
        said: SourceSide,
        settings: LoadSettings,
    ) -> None:
        self._session = session
        self._ledger = WindowLedger(session)
        self._comparison = comparison
        self._settings = settings
        self.stage = stage
        self.said = said

    def close(self) -> None:
        """Leave the session to others."""
        self.stage.close()
        self.said.close()

    def begin(self, chunk: ReadChunk) -> None:
        """Forget the chunk before; a record that the database refuses goes to this one's quarantine."""
        self.said.clear()
        self.stage.clear(lambda key, refusal: self._refuse(chunk, key, refusal))

    def publish(
        self,
        load_key: LoadKey,
        chunk: ReadChunk,
        started_at: datetime,
        first: First = lambda _keys: None,
        counted: Callable[[int], Mapping[str, int]] = lambda _number: {},
    ) -> Certificate:
        """Publish what is staged; return its certificate.

        :param first: done before anything is published, and undone with it
        :param counted: returns further counts for the certificate, by its number
        :raises WindowIncomplete: certified as such, since rows did not arrive; the watermark stays
        :raises TooManyRejected: the database refuses more records than the settings allow
        """
        self.stage.wait()
        with transaction(self._session):
            number = self._ledger.open(load_key, started_at)
            proof, compared = self._comparison.publish(
                self._session, self.stage, number, self.said, lambda: chunk.staged, first
            )
            self.refuse_too_many(chunk)
            certificate = certificate_of(chunk, proof, compared)
            certificate = replace(certificate, rule_counts={**certificate.rule_counts, **counted(number)})
            set_aside(self._session, load_key, number, chunk.set_aside)
            if not compared.differences:  # otherwise nothing of it is in the tables
                bring_back(self._session, load_key, set(map(str, chunk.staged)), started_at)
            self._ledger.close(number, certificate)
            if certificate.verdict == COMPLETE and load_key.purpose == SCHEDULED and not load_key.filters:
                self._ledger.move_watermark(load_key.pipeline, load_key.account)
        if certificate.verdict != COMPLETE:
            raise _incomplete(number, certificate)
        return certificate

    def stop_early(self, chunk: ReadChunk) -> None:
        """Check the share of unusable records before all are read, once they exceed the allowed number.

        :raises TooManyRejected: more cannot be used than the settings allow
        """
        if len(chunk.set_aside) > self._settings.max_quarantined:
            self.refuse_too_many(chunk)

    def refuse_too_many(self, chunk: ReadChunk) -> None:
        """Check how many records cannot be used.

        :raises TooManyRejected: more than the settings allow
        """
        if not chunk.picked:
            refuse_too_many(list(chunk.set_aside), chunk.distinct, self._settings)

    def _refuse(self, chunk: ReadChunk, head: Key, refusal: ValueRefused) -> None:
        """Set a record aside that the database refuses, unless it is being read again."""
        key = head[-1]
        if key in chunk.staged:
            [kept] = self.said.kept([key])
            chunk.refuse(key, refused_by_database(kept.raw, key, refusal))
            self.stop_early(chunk)


def certificate_of(chunk: ReadChunk, proof: Proof, compared: ComparedValues) -> Certificate:
    """Compare both sides: counts, checksums and values of the records that were read and of those in the table."""
    known = chunk.known or {}
    staged, there = sum_of(chunk.staged.values()), sum_of(known.values())
    arrived = proof.arrived + proof.refused == len(chunk.staged)
    same = sum_of([proof.arrived_checksum, proof.refused_checksum]) == staged
    return replace(
        chunk.source_side(),
        verdict=COMPLETE if arrived and same and not compared.differences else INCOMPLETE,
        source_keys=chunk.distinct,
        source_checksum=sum_of([staged, there]),
        target_keys=proof.arrived + len(known),
        target_checksum=sum_of([proof.arrived_checksum, there]),
        refused=proof.refused,
        refused_checksum=proof.refused_checksum,
        quarantined=len(chunk.set_aside),
        missing_keys=[] if compared.differences else proof.missing,  # then nothing is there
        compared=compared.told if chunk.known is None else {**compared.told, "known": len(known)},
        error=compared.words(),
    )


def _incomplete(number: int, certificate: Certificate) -> WindowIncomplete:
    return WindowIncomplete(
        f"certificate {number}: {certificate.source_keys} records were read, {certificate.target_keys} are in the "
        f"table, {certificate.refused} refused as older, {certificate.quarantined} set aside; missing: "
        f"{', '.join(certificate.missing_keys[:5])} …{f'; {certificate.error}' if certificate.error else ''}"
    )
