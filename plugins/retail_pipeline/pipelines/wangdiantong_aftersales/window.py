"""One window of refund orders: stage the orders, publish them in one transaction, certify that none is missing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from retail_pipeline.business_time import Window, from_local_time
from retail_pipeline.databases.target_session import transaction
from retail_pipeline.errors import CheckFailed, TransientApiError, ValueRefused, WindowIncomplete
from retail_pipeline.pipelines.wangdiantong_aftersales.rows import MODIFIED, AftersalesPage, AftersalesRows
from retail_pipeline.pipelines.wangdiantong_aftersales.values import comparison
from retail_pipeline.settings.retail import AftersalesLoadSettings
from retail_pipeline.tables.batches import Key
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.tables.rules import Rule
from retail_pipeline.tables.stage import Proof
from retail_pipeline.tables.target_tables import open_stage
from retail_pipeline.tables.value_figures import Figures
from retail_pipeline.vendors.wangdiantong.quality import RULES
from retail_pipeline.vendors.wangdiantong.rows import ORDER
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES, TABLES
from retail_pipeline.windows import cycle_collector
from retail_pipeline.windows.chunk_failures import shown
from retail_pipeline.windows.ledger import (
    COMPLETE,
    INCOMPLETE,
    SCHEDULED,
    Certificate,
    LoadKey,
    WindowLedger,
)
from retail_pipeline.windows.paged_reading import Reading
from retail_pipeline.windows.quarantine import (
    Rejected,
    bring_back,
    refuse_too_many,
    refused_by_database,
    set_aside,
)
from retail_pipeline.windows.rate_limit import CallCounts
from retail_pipeline.windows.source_side import Kept, SourceSide
from retail_pipeline.windows.value_comparison import Compared

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

log = logging.getLogger(__name__)

# Interval of log lines that show that a long read goes on.
PAGES_BETWEEN_LINES = 20
ANOTHER_ZONE = timedelta(minutes=30)


@dataclass
class Staged:
    """The result of one attempt over a window.

    :param row_hashes: by refund_id, the fingerprint of key and version
    :param rejected: the records that cannot be used, by their raw text
    :param refused: the records that only the database refuses, by refund_id
    :param altered: a record came twice, in two versions
    :param modified: the earliest and the latest time at which a record was modified, as it says
    """

    reading: Reading
    rows: AftersalesRows
    row_hashes: dict[int, int] = field(default_factory=dict)
    rejected: dict[bytes, Rejected] = field(default_factory=dict)
    refused: dict[int, Rejected] = field(default_factory=dict)
    altered: bool = False
    modified: tuple[str, str] | None = None

    def take(self, ready: AftersalesPage) -> None:
        """Add a page."""
        times = [*ready.columns[ORDER][MODIFIED], *(self.modified or ())]
        self.modified = (min(times), max(times)) if times else None
        self.altered = self.altered or any(
            self.row_hashes.get(key, row_hash) != row_hash for key, row_hash in ready.row_hashes.items()
        )
        self.row_hashes.update(ready.row_hashes)
        self.rejected.update({rejected.raw: rejected for rejected in ready.rejected})

    def refuse(self, rejected: Rejected, refund_id: int) -> None:
        """Take out a record that the database refuses."""
        self.refused[refund_id] = rejected
        self.rows.rule_counts[rejected.reason] += 1

    @property
    def distinct(self) -> int:
        return len(self.row_hashes) + len(self.rejected)

    @property
    def set_aside(self) -> list[Rejected]:
        return [*self.rejected.values(), *self.refused.values()]

    @property
    def published(self) -> dict[int, int]:
        """Return the rows that must be in the table, in the form of ``row_hashes``."""
        return {key: row_hash for key, row_hash in self.row_hashes.items() if key not in self.refused}

    def is_complete(self) -> bool:
        return not self.altered and self.reading.is_complete(self.distinct)


def refuse_other_times(staged: Staged, window: Window, asked_at: datetime) -> None:
    """Stop where the vendor has searched other times than we asked for: the answer is not for the window.

    A record that was modified after the call may have a later time.

    :raises CheckFailed: the times differ by at least half an hour, the smallest difference of time zones
    """
    if not staged.modified:
        return
    earliest, latest = (from_local_time(datetime.fromisoformat(text)) for text in staged.modified)
    if (
        earliest < window.start - ANOTHER_ZONE
        or window.end + ANOTHER_ZONE <= latest < asked_at - ANOTHER_ZONE
    ):
        raise CheckFailed(
            f"orders of {staged.modified[0]} to {staged.modified[1]} came for the window {shown(window)}: the vendor "
            "reads its times in another zone; nothing is published"
        )


class AftersalesLoader:
    """One session with its stage; loads one window after the other. Not thread-safe."""

    def __init__(
        self,
        session: Session,
        account: str,
        settings: AftersalesLoadSettings,
        *,
        rules: Sequence[Rule] = RULES,
    ) -> None:
        self._session = session
        self._account = account
        self._rules = rules
        self._settings = settings
        self._stage = open_stage(session, AFTERSALES, batch_rows=settings.batch_rows)
        self._ledger = WindowLedger(session)
        self._comparison = comparison(account, rules, self._stage.zone)
        self._said = SourceSide(AFTERSALES, self._figures_again)

    def close(self) -> None:
        """Leave the session to others."""
        self._stage.close()
        self._said.close()

    def stage(self, passes: Iterable[Reading]) -> tuple[Staged, int]:
        """Read until an attempt is complete; return it, and how many it took.

        :raises TransientApiError: the window's records changed during every attempt
        :raises TooManyRejected: more records cannot be used than the settings allow
        """
        number = 0
        for number, reading in enumerate(passes, 1):
            staged = self._staged(reading)
            if staged.is_complete():
                refuse_too_many(staged.set_aside, staged.distinct, self._settings)
                return staged, number
            log.warning(
                "attempt %d is not complete (totals %s to %s, %d read, %d different): reading again",
                number, reading.totals[0], reading.totals[-1], reading.read, staged.distinct,
            )  # fmt: skip
        message = f"records kept moving while the window was read {number} times: nothing is published"
        raise TransientApiError(message, vendor="wangdiantong", method="refund search")

    def publish(
        self, load_key: LoadKey, staged: Staged, passes: int, counts: CallCounts, started_at: datetime
    ) -> Certificate:
        """Publish the staged rows with certificate, quarantine and watermark in one transaction: all or nothing.

        :raises WindowIncomplete: certified as such, since rows did not arrive; the watermark stays
        :raises TooManyRejected: the database refuses more records than the settings allow
        """
        self._stage.load()
        with transaction(self._session):
            number = self._ledger.open(load_key, started_at)
            proof, compared = self._comparison.publish(
                self._session, self._stage, number, self._said, lambda: staged.published
            )
            refuse_too_many(staged.set_aside, staged.distinct, self._settings)
            certificate = _certificate(staged, proof, compared, passes, counts)
            set_aside(self._session, load_key, number, staged.set_aside)
            if not compared.differences:  # otherwise nothing of it is in the tables
                bring_back(self._session, load_key, set(map(str, staged.published)), started_at)
            self._ledger.close(number, certificate)
            if certificate.verdict == COMPLETE and load_key.purpose == SCHEDULED and not load_key.filters:
                self._ledger.move_watermark(load_key.pipeline, load_key.account)
        if certificate.verdict != COMPLETE:
            raise WindowIncomplete(
                f"certificate {number}: {certificate.source_keys} orders were read, "
                f"{certificate.target_keys} are in the table, {certificate.refused} refused as older, "
                f"{certificate.quarantined} set aside; missing: {', '.join(certificate.missing_keys[:5])} …"
                f"{f'; {certificate.error}' if certificate.error else ''}"
            )
        return certificate

    def _staged(self, reading: Reading) -> Staged:
        staged = Staged(reading, self._rows())
        self._said.clear()
        self._stage.clear(lambda key, refusal: self._refuse(staged, key, refusal))
        for page, records in enumerate(reading.pages(), 1):
            if page % PAGES_BETWEEN_LINES == 0:
                log.info("%d of %d orders read", reading.read, reading.totals[0])
            with cycle_collector.paused():
                ready = staged.rows.ready(records)
            staged.take(ready)
            self._said.take([Kept(refund_id, None, raw) for refund_id, raw in ready.raws], ready.figures)
            for part, columns in ready.columns.items():
                self._stage.add(TABLES[part], columns)
            self._stage.load_when_full()
            self._stop_at_too_many(staged)
        return staged

    def _refuse(self, staged: Staged, key: Key, refusal: ValueRefused) -> None:
        [kept] = self._said.kept([key[-1]])
        staged.refuse(refused_by_database(kept.raw, kept.key, refusal), kept.key)
        self._stop_at_too_many(staged)

    def _stop_at_too_many(self, staged: Staged) -> None:
        if len(staged.set_aside) > self._settings.max_quarantined:
            refuse_too_many(staged.set_aside, staged.distinct, self._settings)

    def _rows(self) -> AftersalesRows:
        return AftersalesRows(self._account, self._rules, zone=self._stage.zone)

    def _figures_again(self, records: Sequence[Kept]) -> Figures:
        return self._rows().ready([each.raw for each in records]).figures


def _certificate(
    staged: Staged, proof: Proof, compared: Compared, passes: int, counts: CallCounts
) -> Certificate:
    """Compare both sides: counts, checksums and values of the orders that were read and of those in the table."""
    published = staged.published
    checksum = sum_of(published.values())
    arrived = proof.arrived + proof.refused == len(published)
    same = sum_of([proof.arrived_checksum, proof.refused_checksum]) == checksum
    return Certificate(
        verdict=COMPLETE if arrived and same and not compared.differences else INCOMPLETE,
        source_total=staged.reading.totals[-1],
        source_keys=staged.distinct,
        source_checksum=checksum,
        target_keys=proof.arrived,
        target_checksum=proof.arrived_checksum,
        refused=proof.refused,
        refused_checksum=proof.refused_checksum,
        quarantined=len(staged.set_aside),
        missing_keys=[] if compared.differences else proof.missing,  # then nothing is there
        rule_counts=dict(staged.rows.rule_counts),
        pages=len(staged.reading.totals) - 1,
        passes=passes,
        calls=counts.calls,
        throttles=counts.throttles,
        compared=compared.told,
        error=compared.words(),
    )
