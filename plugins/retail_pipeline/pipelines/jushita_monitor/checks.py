"""The result of one check of the data feed, and the tables that keep it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.business_time import from_local_time, local_time
from retail_pipeline.databases.target_session import query, transaction
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

USERS, PUSH_LAG, VOLUME, OWN_LAG, RETENTION = "users", "push_lag", "volume", "own_lag", "retention"
SOURCE_CLOCK = "source_clock"
FINE, INCIDENT, UNKNOWN = "fine", "trouble", "unknown"
FIGURES = (
    "sellers", "sellers_stopped", "rows_measured", "rows_usual", "median_seconds", "p99_seconds",
    "over_3_seconds", "over_20_minutes", "lag_seconds", "kept_seconds",
)  # fmt: skip
# An older count does not tell whether a backlog grows or shrinks.
_LAST_LOOK = timedelta(hours=2)


@dataclass(frozen=True)
class Check:
    """One check.

    :ivar instance: "" where the check is not about an RDS
    :ivar table: of sys_info; "" where the check is not about a table
    :ivar figures: some of FIGURES
    :ivar findings: empty where nothing can be said
    :ivar measured_until: the end of the time that it speaks of, aware
    """

    name: str
    instance: str = ""
    table: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    measured_until: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name, self.instance, self.table

    @property
    def verdict(self) -> str:
        if any(finding.kind for finding in self.findings):
            return INCIDENT
        return FINE if self.findings else UNKNOWN


class HealthRecord:
    """The two tables in the target database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sellers(self) -> dict[int, Seller]:
        """Return the sellers as they were last seen, by user_id."""
        rows = query(self._session, "feed_health/users")
        return {row["user_id"]: _seller(row) for row in rows}

    def keep_sellers(self, sellers: Iterable[Seller]) -> None:
        """Store the sellers as they are seen now."""
        with transaction(self._session):
            for seller in sellers:
                gone_since = local_time(seller.gone_since) if seller.gone_since else None
                times = {"since": local_time(seller.since), "gone_since": gone_since}
                query(self._session, "feed_health/keep_user", {**vars(seller), **times})

    def keep(self, checks: Iterable[Check], now: datetime, keep_for: timedelta) -> None:
        """Store the results of checks, and delete old ones."""
        with transaction(self._session):
            query(self._session, "feed_health/forget_checks", {"before": local_time(now - keep_for)})
            for check in checks:
                until = local_time(check.measured_until) if check.measured_until else None
                about = {"checked_at": local_time(now), "verdict": check.verdict, "measured_until": until}
                values = {**_key(*check.key), **about, **dict.fromkeys(FIGURES), **check.figures}
                query(self._session, "feed_health/add_check", values)

    def in_incident_since(self, since: datetime) -> set[tuple[str, str, str]]:
        """Return the keys of the checks that found something wrong after a moment."""
        rows = query(self._session, "feed_health/in_incident_since", {"since": local_time(since)})
        return {(row["check_name"], row["instance"], row["pushed_table"]) for row in rows}

    def rows_before(self, key: tuple[str, str, str], now: datetime) -> int | None:
        """Return the count of a check's last run; None where that is long ago."""
        values = {**_key(*key), "since": local_time(now - _LAST_LOOK)}
        found = query(self._session, "feed_health/rows_before", values)
        return found[0]["rows_measured"] if found else None

    def days_before(self, key: tuple[str, str, str], until: datetime) -> list[tuple[datetime, int]]:
        """Return the counts of the seven days before at about the same time of day."""
        since = local_time(until - timedelta(days=7, minutes=30))
        values = {**_key(*key), "since": since, "until": local_time(until)}
        rows = query(self._session, "feed_health/days_before", values)
        return [(from_local_time(row["measured_until"]), row["rows_measured"]) for row in rows]

    def latest(self) -> list[dict[str, Any]]:
        """Return the latest row of each check; times are in Asia/Shanghai, without a zone."""
        rows = query(self._session, "feed_health/latest_checks")
        moments = ("checked_at", "measured_until")
        return [
            {**row, **{name: local_time(from_local_time(row[name])) for name in moments if row[name]}}
            for row in rows
        ]


def _seller(row: dict[str, Any]) -> Seller:
    gone_since = row["gone_since"] and from_local_time(row["gone_since"])
    return Seller(**{**row, "since": from_local_time(row["since"]), "gone_since": gone_since})


def _key(name: str, instance: str, table: str) -> dict[str, str]:
    return {"check_name": name, "instance": instance, "pushed_table": table}
