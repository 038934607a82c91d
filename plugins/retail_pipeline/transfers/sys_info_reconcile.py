"""The warehouse held against sys_info, key by key; what lacks is pulled again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.certificates import certifying
from retail_pipeline.errors import WindowIncomplete
from retail_pipeline.taobao.sys_info import Listed, Tally
from retail_pipeline.target_session import transaction
from retail_pipeline.transfers.sys_info_differences import differences
from retail_pipeline.transfers.sys_info_lanes import Ends, Lanes
from retail_pipeline.transfers.sys_info_repull import Repull, Repulled
from retail_pipeline.transfers.sys_info_warehouse import WarehouseTable
from retail_pipeline.window_ledger import COMPLETE, INCOMPLETE, Findings, Subject, WindowLedger

# So many keys are looked for at once.
LOOKED_UP = 5000
log = logging.getLogger(__name__)


@dataclass
class Compared:
    """What a comparison found.

    :ivar source: what the source said of the window, like ``here`` before it was looked into
    :ivar lacking: keys of rows of the source that the warehouse has not, or in an older version
    :ivar newer: rows of the source that the warehouse has in a newer version: they changed while both were compared
    :ivar only_here: rows that the source has no more, or not in the window any more
    """

    source: Tally
    here: Tally
    lacking: set[int] = field(default_factory=set)
    newer: int = 0
    only_here: int = 0


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
            if end is None or first is None or oldest is None:
                return None
            start = max(end - timedelta(days=days), first, oldest)
        return Window(start, end) if start < end else None

    def reconcile(self, subject: Subject) -> Findings:
        """Compare a window, pull again what lacks, and compare again.

        :raises WindowIncomplete: certified as such; something lacks that could not be had
        :raises PipelineError: certified as well
        """
        started_at = clock.now()
        with certifying(self.ends.target_conn_id, subject), self.ends.opened() as lanes:
            findings = self._reconcile(subject, lanes)
            ledger = WindowLedger(lanes.beside)
            with transaction(lanes.beside):
                ledger.close(ledger.open(subject, started_at), findings)
        if findings.verdict != COMPLETE:
            raise WindowIncomplete(
                f"{len(findings.missing_keys)} rows of {subject.account} lack, and could not be had: "
                f"{', '.join(findings.missing_keys[:5])}"
            )
        return findings

    def _reconcile(self, subject: Subject, lanes: Lanes) -> Findings:
        """Pull each key at most once; compare until there is none that was not pulled."""
        repull = Repull(lanes, self.sessions)
        asked: set[int] = set()
        passes = 0
        while True:
            passes += 1
            compared = compare(lanes, subject.window)
            wanted = sorted(compared.lacking - asked)
            if not wanted:
                return _findings(compared, repull.found, passes)
            log.info("%d rows lack and are pulled again", len(wanted))
            repull.pull(subject, wanted)
            asked.update(wanted)


def compare(lanes: Lanes, window: Window) -> Compared:
    """Hold both sides of a window against each other."""
    here = WarehouseTable(lanes.beside, lanes.source.table, lanes.ends.instance.name)
    found = Compared(lanes.source.digest(window), here.digest(window))
    if found.source == found.here:
        return found
    rows: list[Listed] = []
    for difference in differences(lanes.source, here, window):
        if difference.source is None:
            found.only_here += 1
            continue
        rows.append(difference.source)
        if len(rows) == LOOKED_UP:
            _look_up(rows, here, found)
            rows.clear()
    _look_up(rows, here, found)
    return found


def _look_up(rows: list[Listed], here: WarehouseTable, found: Compared) -> None:
    """A row of another instance, or one that changed since, may be here all the same."""
    there = here.versions([row.key for row in rows])
    for row in rows:
        ours = there.get(row.key)
        if ours is None or (ours != row and ours.modified <= row.modified):
            found.lacking.add(row.key)
        else:
            found.newer += 1


def _findings(compared: Compared, repulled: Repulled, passes: int) -> Findings:
    source = compared.source
    aside = compared.lacking & repulled.rejected
    missing = sorted((compared.lacking | repulled.nowhere) - aside)
    return Findings(
        INCOMPLETE if missing else COMPLETE,
        source_total=source.total,
        source_keys=source.total,
        source_checksum=source.checksum,
        target_keys=source.total - compared.newer - len(compared.lacking),
        target_checksum=compared.here.checksum,
        refused=compared.newer,
        quarantined=len(aside),
        missing_keys=[str(key) for key in missing],
        rule_counts={
            "pulled_again": len(repulled.loaded),
            "from_platform": len(repulled.from_platform),
            "only_here": compared.only_here,
        },
        passes=passes,
    )
