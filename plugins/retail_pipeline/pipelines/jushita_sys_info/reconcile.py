"""The warehouse held against sys_info, key by key; what lacks is pulled again."""

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
from retail_pipeline.pipelines.jushita_sys_info.compared import Compared, compare
from retail_pipeline.pipelines.jushita_sys_info.lanes import Ends, Lanes
from retail_pipeline.pipelines.jushita_sys_info.repull import Repull, Repulled
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.windows.ledger import COMPLETE, INCOMPLETE, Findings, Subject, WindowLedger

# A statement looks at so many rows at once, or at those of one second.
CHUNK_ROWS = 20_000
# Of a table that somebody emptied, and that cannot be filled again, a certificate does not name every row.
MOST_NAMED = 1000
log = logging.getLogger(__name__)


@dataclass
class Found:
    """What came of all chunks of a window so far; of what may be many, only the number.

    :ivar total: rows that the source has
    :ivar newer: rows that changed while they were compared
    :ivar missing: keys of rows that could not be had, the first thousand; ``counts`` has how many they are
    :ivar passes: of the chunk that needed most
    """

    total: int = 0
    source_checksum: int = 0
    target_checksum: int = 0
    newer: int = 0
    aside: int = 0
    missing: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    passes: int = 0

    def add(self, compared: Compared, repulled: Repulled, passes: int) -> None:
        """Add a chunk."""
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
        """Count what was pulled again."""
        self.counts["pulled_again"] += len(repulled.loaded)
        self.counts["from_platform"] += len(repulled.from_platform)

    def miss(self, keys: Collection[int]) -> None:
        """Note rows that could not be had."""
        self.counts["missing"] += len(keys)
        self.missing += sorted(keys)[: MOST_NAMED - len(self.missing)]

    def findings(self) -> Findings:
        """Return it as a certificate has it."""
        names = (
            "pulled_again", "from_platform", "only_here", "elsewhere", "altered", "later_here", "without_digest",
            "without_time", "missing",
        )  # fmt: skip
        return Findings(
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

    :param sessions: connections with sellers' sessions, for what sys_info has no more
    """

    ends: Ends
    sessions: Sequence[str]

    def window(self, pipeline: str, account: str, days: int) -> Window | None:
        """Return what both sides should hold alike: what scheduled loads have read of the last days.

        What retention has removed from the source is left out. None where nothing was read yet.
        """
        with self.ends.opened() as lanes:
            ledger = WindowLedger(lanes.beside)
            end = ledger.watermark(pipeline, account)
            first, oldest = ledger.first_scheduled(pipeline, account), lanes.source.oldest()
            if end is None or first is None:
                return None
            start = max(end - timedelta(days=days), first, oldest or end)
        return Window(min(start, end), end)

    def reconcile(self, subject: Subject) -> Findings:
        """Compare a window, pull again what lacks, and compare again.

        Whoever calls certifies what fails on the way; what was found is certified here.

        :raises WindowIncomplete: certified as such; something lacks that could not be had
        """
        started_at = clock.now()
        with self.ends.opened() as lanes:
            findings = self._reconcile(subject, lanes)
            ledger = WindowLedger(lanes.beside)
            with transaction(lanes.beside):
                ledger.close(ledger.open(subject, started_at), findings)
        if findings.verdict != COMPLETE:
            raise WindowIncomplete(
                f"{findings.rule_counts['missing']} rows of {subject.account} lack or differ, and could not be "
                f"mended: {', '.join(findings.missing_keys[:5])}"
            )
        return findings

    def _reconcile(self, subject: Subject, lanes: Lanes) -> Findings:
        found = Found()
        here = WarehouseTable(lanes.beside, lanes.source.table, lanes.ends.instance.name)
        for chunk in lanes.source.chunks(subject.window, CHUNK_ROWS):
            self._chunk(replace(subject, window=chunk), lanes, here, found)
            log.info("compared up to %s: %d rows", local_time(chunk.end), found.total)
        self._without_time(subject, lanes, here, found)
        return found.findings()

    def _chunk(self, subject: Subject, lanes: Lanes, here: WarehouseTable, found: Found) -> None:
        """Pull each key at most once; compare until there is none that was not pulled."""
        repull = Repull(lanes, self.sessions)
        asked: set[int] = set()
        passes = 0
        while True:
            passes += 1
            compared = compare(lanes.source, here, subject.window)
            wanted = sorted(compared.lacking - asked)
            found.counts["altered"] += len(compared.altered - asked)
            found.counts["later_here"] += len(compared.later - asked)
            if not wanted:
                return found.add(compared, repull.found, passes)
            log.info("%d rows lack or differ, and are pulled again", len(wanted))
            _pull(repull, subject, wanted)
            asked.update(wanted)

    def _without_time(self, subject: Subject, lanes: Lanes, here: WarehouseTable, found: Found) -> None:
        """Pull what no window has, unless the warehouse has it; it is told apart by the push's own checksum."""
        for rows in lanes.source.without_time():
            found.counts["without_time"] += len(rows)
            found.total += len(rows)
            ours = here.versions([row.key for row in rows])
            hashes = {row.key: row.hashcode for row in ours.values()}
            wanted = [row.key for row in rows if not row.hashcode or hashes.get(row.key) != row.hashcode]
            repull = Repull(lanes, self.sessions)
            repulled = _pull(repull, subject, wanted)
            found.count(repulled)
            found.aside += len(repulled.rejected)
            found.miss({*wanted} - repulled.loaded - repulled.refused - repulled.rejected)
        if count := found.counts["without_time"]:
            log.warning(
                "%d rows of %s have no jdp_modified: no scheduled load sees them", count, subject.account
            )


def _pull(repull: Repull, subject: Subject, keys: Sequence[int]) -> Repulled:
    """Pull rows again; what does not arrive as it is stops neither the others nor the comparison, which names it."""
    try:
        repull.pull(subject, keys)
    except WindowIncomplete as incomplete:
        log.warning("%s", incomplete)
    return repull.found
