"""Checks whether one connection works now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException

from retail_pipeline import clock
from retail_pipeline.business_time import from_local_time
from retail_pipeline.databases.mysql_session import query as mysql_query
from retail_pipeline.databases.postgres_session import OF_AIRFLOW, query
from retail_pipeline.databases.tls import speaks
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, PipelineError
from retail_pipeline.orchestration.provider_info import get_provider_info
from retail_pipeline.orchestration.sessions import open_mysql, open_postgres, open_target
from retail_pipeline.tables.target_tables import prove

# Youshu's successor accepts 300 s; beyond a minute something is wrong with a clock anyway.
TOLERATED_DRIFT = timedelta(seconds=60)
PROVED = "settings and canary hold"
# The entries of each connection's extra field that our code or Airflow's own hook reads. For PostgreSQL the rest goes
# to libpq, which refuses unknown entries by name.
_READ: dict[str, frozenset[str]] = {
    "mysql": frozenset({"client"}),
    "apprise": frozenset({"config"}),
    **{
        kind["connection-type"]: frozenset(kind.get("conn-fields", ()))
        for kind in get_provider_info()["connection-types"]
    },
}


@dataclass(frozen=True)
class CheckResult:
    """The result of one check; ``drift`` is the other clock minus ours, None if the other side gave no time."""

    fine: bool
    message: str
    drift: timedelta | None = None


class VendorHook(Protocol):
    """One of our hooks."""

    def examine(self) -> tuple[bool, str, datetime | None]: ...


def unread(conn_id: str) -> str:
    """Name the entries of a connection's extra field that nothing reads, perhaps misspelt; "" if all are read."""
    try:
        connection = BaseHook.get_connection(conn_id)
    except AirflowException:
        return ""  # the check itself reports it
    kind, fields = connection.conn_type, connection.extra_dejson
    if kind == "postgres":
        found = sorted(OF_AIRFLOW.intersection(fields))
    else:
        found = sorted(field for field in fields if field not in _READ.get(str(kind), fields))
    if kind == "mysql":
        found = [field for field in found if not speaks(field)]
    return f"extra: nobody reads {', '.join(found)}" if found else ""


def check_vendor(hook: VendorHook) -> CheckResult:
    """Make a call to the vendor that proves our credentials and changes nothing."""
    try:
        fine, message, vendor_time = hook.examine()
    except AirflowException as fault:
        return CheckResult(False, str(fault))
    return _with_clock(fine, message, vendor_time)


def check_postgres(conn_id: str) -> CheckResult:
    """Log in, which proves the session's settings, and read the server's clock."""
    try:
        with open_postgres(conn_id) as connection:
            server = query(connection, "sessions/server", {})[0]
    except (DatabaseUnavailable, ConfigError, AirflowException) as fault:
        return CheckResult(False, " ".join(str(fault).split()))
    return _with_clock(True, f"database {server['name']}, {PROVED}", server["time"])


def check_target(conn_id: str) -> CheckResult:
    """Check a database that a load writes into, by the connection's type; a canary is loaded as rows are."""
    try:
        mysql = BaseHook.get_connection(conn_id).conn_type == "mysql"
        examined = check_mysql(conn_id) if mysql else check_postgres(conn_id)
        if examined.fine:
            with open_target(conn_id, stages=True) as session:
                prove(session)
    except (PipelineError, AirflowException) as fault:
        return CheckResult(False, " ".join(str(fault).split()))
    return examined


def check_mysql(conn_id: str, *, writes: bool = True) -> CheckResult:
    """Log in, which proves the session, and read the server's clock; for ``writes``, check that bulk loads work."""
    try:
        with open_mysql(conn_id, writes=writes) as session:
            server = mysql_query(session, "sessions/server")[0]
    except (DatabaseUnavailable, ConfigError, AirflowException) as fault:
        return CheckResult(False, " ".join(str(fault).split()))
    if writes and not server["takes_files"]:
        return CheckResult(False, "set local_infile=ON on the server: rows are loaded by LOAD DATA LOCAL")
    return _with_clock(True, f"database {server['name']}, {PROVED}", from_local_time(server["time"]))


def _with_clock(fine: bool, message: str, their_time: datetime | None) -> CheckResult:
    if their_time is None:
        return CheckResult(fine, message)
    drift = their_time - clock.now()
    if abs(drift) > TOLERATED_DRIFT:
        return CheckResult(False, f"{message}; clocks disagree: mend this machine's (NTP)", drift)
    return CheckResult(fine, message, drift)
