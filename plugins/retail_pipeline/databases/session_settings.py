"""What we rely on in a session: set by statement after connecting, and read back; as data, a table per database.

Nothing that a role, a server, the environment, a pooler or somebody's extra field says may change what our statements
mean. What is not named here (a ``search_path``, the planner's settings) stays as its owner has made it.
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
    # What is said to be done must outlive a crash of the server: it may have been told to others.
    "synchronous_commit": "on",
    "statement_timeout": "2min",
    # A day's row is locked while its report is on the wire: at most the transport's 30 s.
    "lock_timeout": "90s",
    "idle_in_transaction_session_timeout": "5min",
    "transaction_timeout": "30min",
    # A sender waits for its shop's commits; a load's session waits for what another one reads.
    "idle_session_timeout": "0",
    # One order that cannot be enqueued must not stop the others. Known to a session only where its owner has set it.
    "retail.strict": "off",
}
# Who looks after many, or tells of what it saw, is soon back from one that is silent.
BRIEF_SECONDS = 30
POSTGRES_BRIEF: Settings = {
    **POSTGRES,
    "statement_timeout": f"{BRIEF_SECONDS}s",
    "lock_timeout": "10s",
}
# Longer than a statement may take, so that the server speaks first.
MYSQL_SOCKET_SECONDS = 300
MYSQL_READING: Settings = {
    "character_set_client": "utf8mb4",
    "character_set_connection": "utf8mb4",
    "character_set_results": "utf8mb4",
    "time_zone": "+08:00",
    # A value that does not fit is an error. In other modes " and \ would mean other things.
    "sql_mode": "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    "autocommit": "ON",
    # Two loads that insert neighbouring keys must not lock the gaps between them. Servers know one name or both.
    "tx_isolation": "READ-COMMITTED",
    "transaction_isolation": "READ-COMMITTED",
    "sql_select_limit": 2**64 - 1,
    "sql_big_selects": "ON",
    "sql_auto_is_null": "OFF",
    # sys_info_warehouse/mysql/content puts the lines of a head together as one text: what is longer would be cut.
    "group_concat_max_len": 2**26,
    # Of MySQL, in milliseconds; and of MariaDB, in seconds.
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
    # A load looks for a warning: without it a value that was changed would not be seen.
    "max_error_count": 1,
    "sql_notes": "ON",
    "idle_transaction_timeout": 300,
}
# More of these is as good; MySQL lets not every user set the first.
_AT_LEAST = frozenset({"max_error_count", "group_concat_max_len"})
# What an owner may have chosen instead: a standby has applied what is said to be done.
_AS_GOOD = {"synchronous_commit": "remote_apply"}
# Not every version of every server knows these; where it does, they are set.
_OF_SOME_SERVERS = frozenset({
    "transaction_timeout", "idle_session_timeout", "retail.strict", "tx_isolation", "transaction_isolation",
    "tx_read_only", "transaction_read_only", "max_execution_time", "max_statement_time", "check_constraint_checks",
    "idle_transaction_timeout",
})  # fmt: skip


def known_here(found: Mapping[str, str], version: str) -> Mapping[str, str]:
    """Return what a MySQL-like server has, without what it only calls as another one does.

    MySQL 5.7.4 to 5.7.7, and Percona's and Alibaba's 5.6, count milliseconds in ``max_statement_time``: 280 of them
    would end every statement of a load. There the socket's limit stands alone.

    :param version: what the server itself says; "" where it says nothing
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
    """Set what is not as it is wanted, and read it back.

    :param look: returns what the server has, of what it knows
    :param put: sets all that it is given
    :param error: root of the driver's errors
    :raises ConfigError: something cannot be set
    """
    found: Mapping[str, str] = {}
    with suppress(error):  # where not even a look is allowed, all that every server knows is set first
        found = look()
    for _ in range(2):  # a look may have shown little: some settings limit what is shown
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
    """Set all at once, or else what can be: what was not set is found, and named, when it is read back."""
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
    """Servers write numbers with or without decimals, and lists in an order of their own."""
    if isinstance(wanted, str):
        return found == _AS_GOOD.get(name) or set(wanted.casefold().split(",")) == set(
            found.casefold().split(",")
        )
    number = float(found) if found.replace(".", "", 1).isdigit() else -1.0
    return number >= wanted if name in _AT_LEAST else number == float(wanted)
