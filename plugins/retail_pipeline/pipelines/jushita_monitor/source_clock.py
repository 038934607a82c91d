"""Whether an RDS uses Beijing time: by its clock, its newest time stamps, and the platform's times in the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from retail_pipeline import clock
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.errors import ConfigError, DatabaseUnavailable
from retail_pipeline.orchestration.connection_checks import CheckResult, check_mysql
from retail_pipeline.orchestration.sessions import open_mysql
from retail_pipeline.pipelines.jushita_monitor.findings import RUNBOOK
from retail_pipeline.settings.retail import SysInfoInstance
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES

TOLERATED = timedelta(minutes=1)
# The change that a row describes cannot be so much later than the row's time stamp.
TOLERATED_EARLY = timedelta(minutes=10)


@dataclass(frozen=True)
class SourceClock:
    """The times of an RDS.

    :ivar ours: this machine's time
    :ivar theirs: the RDS's, at the same moment
    :ivar newest: the latest ``jdp_modified`` of a table; None where nothing is pushed yet
    :ivar early: by how much the latest rows' time stamps are before the changes that they describe; usually negative
    """

    ours: datetime
    theirs: datetime
    newest: datetime | None = None
    early: timedelta | None = None

    @classmethod
    def of(cls, source: SysInfoTable) -> SourceClock:
        """Ask an RDS for its clock and the time stamps of one of its tables."""
        return cls(clock.now(), source.now(), *source.stamps())

    def wrong(self) -> str | None:
        """Return the evidence that it is not Beijing time; None where there is none."""
        drift = self.theirs - self.ours
        if abs(drift) > TOLERATED:
            return f"the RDS's clock is {_span(drift)} {'ahead of' if drift > timedelta() else 'behind'} ours"
        if self.newest and self.newest - self.theirs > TOLERATED:
            return f"rows are stamped {_span(self.newest - self.theirs)} in the future of the RDS's clock"
        if self.early and self.early > TOLERATED_EARLY:
            return f"rows are stamped {_span(self.early)} or more before the changes that they tell of"
        return None


def clock_finding(place: str, seen: SourceClock) -> Finding:
    """Judge the time of an RDS: if it is not Beijing time, our load asks for the wrong hours."""
    wrong = seen.wrong()
    return Finding(
        f"clock of {place}",
        IncidentKind.INCIDENT if wrong else None,
        wrong or "the RDS's clock and stamps are Beijing's",
        "source does not tell Beijing's time",
        "mend clock and time zone of the RDS (whole hours are a zone: jdp_modified must be Beijing's time), or this "
        "machine's clock; then load the time since again",
        runbook=RUNBOOK,
    )


def check_source(instance: SysInfoInstance, conn_id: str) -> CheckResult:
    """Examine the connection of an RDS, and whether its clock and its tables' time stamps are in Beijing time."""
    examined = check_mysql(conn_id, writes=False)
    if not examined.fine:
        return examined
    try:
        with open_mysql(conn_id, writes=False) as rds:
            sources = (SysInfoTable(rds, conn_id, FEED_TABLES[table], 1) for table in instance.tables)
            seen = {each.table.name: SourceClock.of(each).wrong() for each in sources if each.exists()}
    except (ConfigError, DatabaseUnavailable) as fault:
        return CheckResult(False, " ".join(str(fault).split()))
    wrong = "; ".join(f"{table}: {told}: not Beijing's time" for table, told in seen.items() if told)
    return CheckResult(False, wrong, examined.drift) if wrong else examined


def _span(time: timedelta) -> str:
    minutes = abs(time).total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
