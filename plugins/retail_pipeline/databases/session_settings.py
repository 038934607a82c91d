"""The settings that we rely on in a session, as data, one table per database: set after connecting, and read back.

Nothing that a role, a server, the environment, a pooler or somebody's extra field says may change what our statements
mean. A setting that is not named here (a ``search_path``, the planner's settings) stays as its owner has made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from retail_pipeline.errors import ConfigError

Settings = Mapping[str, str | int]

POSTGRES: Settings = {
    "client_encoding": "UTF8",
    "TimeZone": "Asia/Shanghai",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    # A commit must survive a crash of the server: others may know of it already.
    "synchronous_commit": "on",
    "statement_timeout": "2min",
    # A day's row is locked while its report is being sent: at most the transport's 30 s.
    "lock_timeout": "90s",
    "idle_in_transaction_session_timeout": "5min",
    "transaction_timeout": "30min",
    # A sender waits for its shop's commits; a load's session waits while another one reads.
    "idle_session_timeout": "0",
    # One order that cannot be enqueued must not stop the others. A session has this only if its owner has set it.
    "retail.strict": "off",
}
# A task that asks many databases, or records an alert, must not wait long for one that is silent.
BRIEF_SECONDS = 30
POSTGRES_BRIEF: Settings = {
    **POSTGRES,
    "statement_timeout": f"{BRIEF_SECONDS}s",
    "lock_timeout": "10s",
}
# Longer than a statement may take, so that the server's own limit is hit first.
MYSQL_SOCKET_SECONDS = 300
MYSQL_READING: Settings = {
    "character_set_client": "utf8mb4",
    "character_set_connection": "utf8mb4",
    "character_set_results": "utf8mb4",
    "time_zone": "+08:00",
    # A value that does not fit is an error. In other modes " and \ would mean other things.
    "sql_mode": "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    "autocommit": "ON",
    # Two loads that insert neighbouring keys must not lock the gaps between them. Servers have one name or both.
    "tx_isolation": "READ-COMMITTED",
    "transaction_isolation": "READ-COMMITTED",
    "sql_select_limit": 2**64 - 1,
    "sql_big_selects": "ON",
    "sql_auto_is_null": "OFF",
    # sys_info_warehouse/content joins the lines of a head into one text: a longer text would be cut.
    "group_concat_max_len": 2**26,
    # The first is MySQL's, in milliseconds; the second MariaDB's, in seconds.
    "max_execution_time": 280_000,
    "max_statement_time": 280,
    "lock_wait_timeout": 60,
    "innodb_lock_wait_timeout": 60,
    "net_read_timeout": MYSQL_SOCKET_SECONDS,
    "net_write_timeout": MYSQL_SOCKET_SECONDS,
    "wait_timeout": 28_800,
}
MYSQL_WRITING: Settings = {
    **MYSQL_READING,
    "tx_read_only": "OFF",
    "transaction_read_only": "OFF",
    "sql_safe_updates": "OFF",
    "foreign_key_checks": "ON",
    "unique_checks": "ON",
    "check_constraint_checks": "ON",
    # A load reads the warnings: without them a value that the server changed would go unnoticed.
    "max_error_count": 1,
    "sql_notes": "ON",
    "idle_transaction_timeout": 300,
}
# A greater value of these is as good; MySQL does not let every user set the first.
_AT_LEAST = frozenset({"max_error_count", "group_concat_max_len"})
# What an owner may have chosen instead: with it a standby has applied a commit, too.
_AS_GOOD = {"synchronous_commit": "remote_apply"}
# Not every version of every server has these; they are set if it does.
_OF_SOME_SERVERS = frozenset({
    "transaction_timeout", "idle_session_timeout", "retail.strict", "tx_isolation", "transaction_isolation",
    "tx_read_only", "transaction_read_only", "max_execution_time", "max_statement_time", "check_constraint_checks",
    "idle_transaction_timeout",
})  # fmt: skip


def known_here(found: Mapping[str, str], version: str) -> Mapping[str, str]:
    """Return the settings of a MySQL-like server, without the one that has MariaDB's name and another meaning.

    MySQL 5.7.4 to 5.7.7, and Percona's and Alibaba's 5.6, count milliseconds in ``max_statement_time``: 280 of them
    would end every statement of a load. On those servers only the socket's limit holds.

    :param version: what the server itself says; "" if it says nothing
    """
    if "mariadb" in version.casefold():
        return found
    return {name: value for name, value in found.items() if name != "max_statement_time"}


def settle(
    conn_id: str,
    wanted: Settings,
    look: Callable[[], Mapping[str, str]],
    put: Callable[[Settings], object],
    error: type[Exception],
) -> None:
    """Set every setting that differs from what is wanted, and read it back.

    :param look: returns the values of the settings that the server has
    :param put: sets all settings that it is given
    :param error: base class of the driver's errors
    :raises ConfigError: something cannot be set
    """
    found: Mapping[str, str] = {}
    with suppress(error):  # if reading is refused, the settings that every server has are set first
        found = look()
    for _ in range(2):  # the first look may be incomplete: some settings limit what it returns
        differing = _differing(wanted, found)
        if not differing:
            return
        _put(differing, put, error)
        found = look()
    if differing := _differing(wanted, found):
        refused = (f"{name} is {found.get(name)!r}, needed is {value!r}" for name, value in differing.items())
        raise ConfigError(
            f"connection {conn_id!r}: {'; '.join(refused)}, and cannot be set: look at the user's rights, and at "
            "what stands between us and the server"
        )


def _put(differing: Settings, put: Callable[[Settings], object], error: type[Exception]) -> None:
    """Set all at once, or else as many as possible: reading back finds and names those that were not set."""
    try:
        put(differing)
    except error:
        for name, value in differing.items():
            with suppress(error):
                put({name: value})


def _differing(wanted: Settings, found: Mapping[str, str]) -> Settings:
    return {
        name: value
        for name, value in wanted.items()
        if not (_is_well(name, value, found[name]) if name in found else name in _OF_SOME_SERVERS)
    }


def _is_well(name: str, wanted: str | int, found: str) -> bool:
    """Compare values: servers write numbers with or without decimals, and lists in any order."""
    if isinstance(wanted, str):
        return found == _AS_GOOD.get(name) or set(wanted.casefold().split(",")) == set(
            found.casefold().split(",")
        )
    number = float(found) if found.replace(".", "", 1).isdigit() else -1.0
    return number >= wanted if name in _AT_LEAST else number == float(wanted)
