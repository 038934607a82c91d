"""What the errors of PostgreSQL, its poolers and psycopg mean, by SQLSTATE.

A row for a whole SQLSTATE goes before one for its class, the first two characters. Every SQLSTATE of psycopg's own
list matches a row, or is in ``UNTOLD`` with the reason why its meaning is open. An SQLSTATE that matches no row is
tried again, and people are alerted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retail_pipeline.databases.meanings import (
    APPLY_SCHEMA,
    REPORT,
    UNKNOWN,
    Meaning,
    Remedy,
    error_of,
    raised_in,
)
from retail_pipeline.errors import PipelineError

if TYPE_CHECKING:
    import psycopg

_READ_ONLY = (
    "if it stays so, the host is a replica, or default_transaction_read_only is set for login or database"
)
_AUTH = "look at login and password of the connection, and at pg_hba.conf"
_ROUTINE = "a view, trigger or routine of the database has to be mended"
_POOLER = (
    "the connection goes through a pooler that shares sessions: name the server itself, or pool_mode=session"
)
_DAMAGED = "the server's files are damaged or lost: its administrator has to look"

_ROWS: tuple[tuple[Remedy, str, str], ...] = (
    # The network, the server's start and end, time limits, locks, conflicts.
    (Remedy.WAIT, "", "08 40 57 55006 55P03 72"),
    (
        Remedy.WAIT,
        "if it stays so, look at host, port, login and password of the connection",
        "08001 08004 08P01",
    ),
    (Remedy.WAIT, "", "25P02 25P03 25P04"),  # a transaction that was aborted; a new one works
    (Remedy.WAIT, _READ_ONLY, "25006"),
    (Remedy.WAIT, "if it stays so, look at the server's disk, memory and max_connections", "53"),
    (Remedy.WAIT, "if it stays so, look at the server's disk", "58"),
    (Remedy.WAIT, "a server that this one reads from does not answer", "HV001 HV014 HV00N"),
    # Our login, our rights, and the database.
    (Remedy.MEND, _AUTH, "28 0P"),
    (Remedy.MEND, "look at schema of the connection: it names the database", "3D 57P04"),
    (Remedy.MEND, "look at the search_path of the login", "3F"),
    (
        Remedy.MEND,
        "grant the login of the connection the rights that docs/configuration.md names",
        "42501 0L",
    ),
    (Remedy.MEND, APPLY_SCHEMA, "42P01 42703 42704 42P10 428C9"),
    (Remedy.MEND, "raise temp_file_limit or the limit that is named", "53400"),
    (Remedy.MEND, _POOLER, "26 34 42P05"),
    (Remedy.MEND, "a setting of the server or of the login is in the way", "55P02 F0"),
    (Remedy.MEND, _DAMAGED, "58P01 58P02 58P03 XX001 XX002"),
    (Remedy.MEND, _ROUTINE, "09 27 2F 38 39 P0"),
    (Remedy.MEND, "the foreign table or its server has to be mended", "HV"),
    # A value, or a row, that a column, a key, a check, a trigger or a limit of the server does not take.
    (Remedy.VALUE, "", "22 23 44 54000 54001 P0001"),
    # Only other statements than ours, or mistakes in ours, cause these.
    (*REPORT, "03 0B 0F 0Z 10 20 21 24 25 2B 2D 3B 42 54 55P04"),
)
# The SQLSTATEs of psycopg's own list from which nobody can tell what to do.
UNTOLD = {
    "02000": "a word of the server's, no error",
    "02001": "a word of the server's, no error",
    "0A000": "a plan that a changed table has made void, which a new session cures, or what this version cannot do",
    "55000": "anything that has to be done before: which passes, and which does not",
    "XX000": "the server's word for what it did not expect: a definition that changes just now, or a fault in it",
}

# Faults without an SQLSTATE, by the first class of the driver that matches: network faults, and what the driver
# itself refuses. Only libpq's words say whether the host or the password is wrong, in the server's language: so such
# a fault is tried again, and the error names what to look at.
_WITHOUT: tuple[tuple[str, Meaning], ...] = (
    ("DataError", Meaning(Remedy.VALUE)),
    ("NotSupportedError", REPORT),
    (
        "ProgrammingError",
        Meaning(Remedy.REPORT, "libpq does not know an entry of the connection's extra, or report it"),
    ),
    ("InterfaceError", Meaning(Remedy.WAIT)),
    (
        "OperationalError",
        Meaning(
            Remedy.WAIT, "if it stays so, look at host, port, login, password and sslmode of the connection"
        ),
    ),
)

MEANINGS = {prefix: Meaning(remedy, hint) for remedy, hint, prefixes in _ROWS for prefix in prefixes.split()}
# libpq refuses TLS in its own words: psycopg's build of it has only English ones. If another libpq words it
# differently, the fault is tried again like the rest.
_NO_TLS = re.compile(
    "server does not support SSL, but SSL was required|certificate verify failed|does not match host name"
)
_TLS = Meaning(
    Remedy.MEND, "look at sslmode and sslrootcert of the connection, and at the server's certificate"
)
# The functions of the server's source that raise a routine's own errors: their names are the same in every language.
_RAISING = ("exec_stmt_raise", "exec_stmt_assert")
_ROUTINE_RAISES = re.compile(r"PL/pgSQL function (.+) line \d+ at (?:RAISE|ASSERT)$", re.MULTILINE)
# Finds only the column's name in COPY's context: the value follows it.
_COPIED = re.compile(r"^COPY \w+, line \d+, column (\w+)", re.MULTILINE)


def meaning_of(sqlstate: str) -> Meaning:
    """Return what an SQLSTATE means."""
    return MEANINGS.get(sqlstate) or MEANINGS.get(sqlstate[:2], UNKNOWN)


def classed(conn_id: str, fault: Exception) -> PipelineError | None:
    """Return what a fault of the driver means, in the name of a connection; None if it is not the driver's."""
    import psycopg

    code = getattr(fault, "sqlstate", None)
    if place := refused_value(fault):
        words = f"the database refuses a value of {place}"
        return error_of(conn_id, Meaning(Remedy.VALUE), code, words)
    if not isinstance(fault, psycopg.Error):
        return None
    # Leave out its detail and context, which quote values.
    words = _raised(fault) or " ".join((fault.diag.message_primary or str(fault)).split())
    return error_of(conn_id, _meaning(fault), code, words)


def refused_value(fault: BaseException) -> str | None:
    """Return where a value is refused; None if no value is to blame."""
    import psycopg

    if isinstance(fault, UnicodeEncodeError) and raised_in(fault, "psycopg", "psycopg_binary", "psycopg_c"):
        return "a text with half a character"
    if isinstance(fault, psycopg.Error) and _meaning(fault).remedy is Remedy.VALUE:
        return _place(fault)
    return None


def _place(fault: psycopg.Error) -> str:
    """Name the column: the server's own words would quote the value, which may be personal."""
    context = fault.diag.context or ""
    copied = _COPIED.search(context)
    named = fault.diag.column_name or (copied and copied[1]) or fault.diag.constraint_name
    if named:
        return named
    # If it names no column: its words up to the first quotation mark, in any language.
    words = _raised(fault) or re.split('[":«»„“”‘’]', fault.diag.message_primary or "")[0].strip()
    return f"some column: {words}" if words else "some column"


def _raised(fault: psycopg.Error) -> str:
    """Name the routine that raised a fault, "" if none did: its own words may hold anything, even a buyer's phone."""
    found = _ROUTINE_RAISES.search(fault.diag.context or "")
    if not found and fault.diag.source_function not in _RAISING:
        return ""
    return f"{found[1] if found else 'a routine'} raises it, in words that may quote values"


def _meaning(fault: psycopg.Error) -> Meaning:
    if fault.sqlstate:
        return meaning_of(fault.sqlstate)
    if _NO_TLS.search(str(fault)):
        return _TLS
    kinds = {kind.__name__ for kind in type(fault).__mro__}
    return next((meaning for kind, meaning in _WITHOUT if kind in kinds), UNKNOWN)
