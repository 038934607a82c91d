"""Compares the warehouse with sys_info, key by key; missing rows are pulled again."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from retail_pipeline import clock
from retail_pipeline.business_time import Window, local_time
from retail_pipeline.databases.target_session import transaction
from retail_pipeline.errors import WindowIncomplete
from retail_pipeline.pipelines.jushita_sys_info.compared import ComparedWindow, compare
from retail_pipeline.pipelines.jushita_sys_info.repull import Repull, Repulled
from retail_pipeline.pipelines.jushita_sys_info.route import OpenedRoute, Route
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.windows.ledger import COMPLETE, INCOMPLETE, Certificate, LoadKey, WindowLedger

# A statement reads at most so many rows, or those of one second.
CHUNK_ROWS = 20_000
# Limits the keys in a certificate: somebody may have emptied a table that cannot be filled again.
MAX_NAMED = 1000
log = logging.getLogger(__name__)


@dataclass
class Found:
    """The results of all chunks of a window so far; only numbers where rows may be many.

    :ivar total: rows that the source has
    :ivar newer: rows that changed while they were compared
    :ivar missing: keys of rows that could not be obtained, the first thousand; ``counts`` has their number
    :ivar passes: of the chunk that needed the most comparisons
    """

    total: int = 0
    source_checksum: int = 0
    target_checksum: int = 0
    newer: int = 0
    aside: int = 0
    missing: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    passes: int = 0

    def add(self, compared: ComparedWindow, repulled: Repulled, passes: int) -> None:
        """Add the result of a chunk."""
        aside = compared.lacking & repulled.rejected
        self.total += compared.source.total
        self.source_checksum = sum_of([self.source_checksum, compared.source.checksum])
        self.target_checksum = sum_of([self.target_checksum, compared.here.checksum])
        self.newer += compared.newer
        self.aside += len(aside)
        self.miss((compared.lacking | repulled.nowhere) - aside)
        self.counts["only_here"] += compared.only_here
        self.counts["without_digest"] += compared.without_digest
        self.counts["elsewhere"] += compared.elsewhere
        self.count(repulled)
        self.passes = max(self.passes, passes)

    def count(self, repulled: Repulled) -> None:
        """Count rows that were pulled again."""
        self.counts["pulled_again"] += len(repulled.loaded)
        self.counts["from_platform"] += len(repulled.from_platform)

    def miss(self, keys: Collection[int]) -> None:
        """Note rows that could not be obtained."""
        self.counts["missing"] += len(keys)
        self.missing += sorted(keys)[: MAX_NAMED - len(self.missing)]

    def certificate(self) -> Certificate:
        """Return the certificate."""
        names = (
            "pulled_again", "from_platform", "only_here", "elsewhere", "altered", "later_here", "without_digest",
            "without_time", "missing",
        )  # fmt: skip
        return Certificate(
            INCOMPLETE if self.missing else COMPLETE,
            source_total=self.total,
            source_keys=self.total,
            source_checksum=self.source_checksum,
            target_keys=self.total - self.newer - self.aside - self.counts["missing"],
            target_checksum=self.target_checksum,
            refused=self.newer,
            quarantined=self.aside,
            missing_keys=[str(key) for key in self.missing],
            rule_counts={name: self.counts[name] for name in names},
            passes=self.passes,
        )


@dataclass(frozen=True)
class SysInfoReconcile:
    """Reconciles one table of one instance.

    :param sessions: connections with sellers' sessions, for rows that sys_info no longer has
    """

    route: Route
    sessions: Sequence[str]

    def window(self, pipeline: str, account: str, days: int) -> Window | None:
        """Return the window in which both sides should be equal: what scheduled loads have read of the last days.

        The time whose rows retention has removed from the source is left out. None where nothing was read yet.
        """
        with self.route.opened() as opened:
            ledger = WindowLedger(opened.beside)
            end = ledger.watermark(pipeline, account)
            first, oldest = ledger.first_scheduled(pipeline, account), opened.source.oldest()
            if end is None or first is None:
                return None
            start = max(end - timedelta(days=days), first, oldest or end)
        return Window(min(start, end), end)

    def reconcile(self, load_key: LoadKey) -> Certificate:
        """Compare a window, pull missing rows again, and compare again.

        The caller certifies an error on the way; a finished comparison is certified here.

        :raises WindowIncomplete: certified as such; missing rows could not be obtained
        """
        started_at = clock.now()
        with self.route.opened() as opened:
            certificate = self._reconcile(load_key, opened)
            ledger = WindowLedger(opened.beside)
            with transaction(opened.beside):
                ledger.close(ledger.open(load_key, started_at), certificate)
        if certificate.verdict != COMPLETE:
            raise WindowIncomplete(
                f"{certificate.rule_counts['missing']} rows of {load_key.account} lack or differ, and could not be "
                f"mended: {', '.join(certificate.missing_keys[:5])}"
            )
        return certificate

    def _reconcile(self, load_key: LoadKey, opened: OpenedRoute) -> Certificate:
        found = Found()
        here = WarehouseTable(opened.beside, opened.source.table, opened.route.instance.name)
        for chunk in opened.source.chunks(load_key.window, CHUNK_ROWS):
            self._chunk(replace(load_key, window=chunk), opened, here, found)
            log.info("compared up to %s: %d rows", local_time(chunk.end), found.total)
        self._without_time(load_key, opened, here, found)
        return found.certificate()

    def _chunk(self, load_key: LoadKey, opened: OpenedRoute, here: WarehouseTable, found: Found) -> None:
        """Pull each key at most once; compare until no key is left that was not pulled."""
        repull = Repull(opened, self.sessions)
        asked: set[int] = set()
        passes = 0
        while True:
            passes += 1
            compared = compare(opened.source, here, load_key.window)
            wanted = sorted(compared.lacking - asked)
            found.counts["altered"] += len(compared.altered - asked)
            found.counts["later_here"] += len(compared.later - asked)
            if not wanted:
                return found.add(compared, repull.found, passes)
            log.info("%d rows lack or differ, and are pulled again", len(wanted))
            _pull(repull, load_key, wanted)
            asked.update(wanted)

    def _without_time(
        self, load_key: LoadKey, opened: OpenedRoute, here: WarehouseTable, found: Found
    ) -> None:
        """Pull rows that are in no window, unless the warehouse has them, by the push's own checksum."""
        for rows in opened.source.without_time():
            found.counts["without_time"] += len(rows)
            found.total += len(rows)
            ours = here.versions([row.key for row in rows])
            hashes = {row.key: row.hashcode for row in ours.values()}
            wanted = [row.key for row in rows if not row.hashcode or hashes.get(row.key) != row.hashcode]
            repull = Repull(opened, self.sessions)
            repulled = _pull(repull, load_key, wanted)
            found.count(repulled)
            found.aside += len(repulled.rejected)
            found.miss({*wanted} - repulled.loaded - repulled.refused - repulled.rejected)
        if count := found.counts["without_time"]:
            log.warning(
                "%d rows of %s have no jdp_modified: no scheduled load sees them", count, load_key.account
            )


def _pull(repull: Repull, load_key: LoadKey, keys: Sequence[int]) -> Repulled:
    """Pull rows again; a row that does not arrive stops neither the others nor the comparison, which names it."""
    try:
        repull.pull(load_key, keys)
    except WindowIncomplete as incomplete:
        log.warning("%s", incomplete)
    return repull.found
