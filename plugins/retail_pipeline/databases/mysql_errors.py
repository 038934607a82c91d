"""What the errors of MySQL, MariaDB and PyMySQL mean, by number.

Every number of PyMySQL's own lists is in exactly one row, or in ``UNTOLD`` with the reason why its meaning is open.
The rows also have newer numbers that a load can meet. A number in no row is tried again, and people are alerted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ssl import SSLCertVerificationError

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

UNTRUSTED = 2026
# The numbers of a SIGNAL in a trigger or routine, unless it names another one: its words may be anything.
SIGNALLED = (1642, 1643, 1644)

_READ_ONLY = (
    "if it stays so, the host is a replica: look at read_only, super_read_only and host of the connection"
)
_LOCAL_INFILE = "set local_infile=ON on the server: rows are loaded by LOAD DATA LOCAL"
_GRANTS = "grant the login of the connection the rights that docs/configuration.md names"
_AUTH = "look at login and password of the connection"
_PACKET = "raise max_allowed_packet on the server"
_REPAIR = "the server has to check and repair the table (CHECK TABLE)"
_DISK = "if it stays so, look at the server's disk, tmpdir and open_files_limit"
_COLLATIONS = "character sets or collations of the tables differ: they have to be utf8mb4"
_VERSION = "the server's version or build lacks it: docs/setup.md names those that are supported"
_VIEW = "a view, trigger or routine of the database has to be mended"

# Each row says what helps for all its numbers, which are those of the servers' own lists.
_ROWS: tuple[tuple[Remedy, str, str], ...] = (
    # Locks, deadlocks, conflicts of a cluster; a definition that changed under a transaction.
    (Remedy.WAIT, "", "1020 1205 1213 1223 1412 1613-1615 1637 3058 3101 3572"),
    # Somebody ended the statement or the session, or a time limit did.
    (Remedy.WAIT, "", "1028 1317 1927 1969 3024 4031"),
    # The server starts, ends, is offline, or its cluster is not ready (Galera's 1047, group replication's 3100).
    (Remedy.WAIT, "", "1047 1053 1076-1080 3032 3100 3168"),
    # The network connection broke; the driver raises 2014 and 2027 for half a message.
    (Remedy.WAIT, "", "1042 1043 1081 1152 1154-1161 1184 2001 2004 2006 2012-2014 2027 2055"),
    (Remedy.WAIT, "if it stays so, look at host and port of the connection", "2002 2003 2005"),
    # Too many sessions, or too little memory.
    (Remedy.WAIT, "", "1037 1041 1135 1151 1297 2008"),
    (
        Remedy.WAIT,
        "if it stays so, raise the limits of connections, of the server or of the login",
        "1040 1203 1226",
    ),
    (Remedy.WAIT, "if it stays so, raise innodb_buffer_pool_size or max_prepared_stmt_count", "1206 1461"),
    (Remedy.WAIT, _DISK, "1004 1009-1012 1013-1016 1018 1019 1021 1023-1026 1114"),
    (Remedy.WAIT, _READ_ONLY, "1036 1290 1792 1836"),
    # Another server, on which a table of this one lies.
    (Remedy.WAIT, "a server that this one reads from does not answer", "1429 1430"),
    # Our login.
    (Remedy.MEND, _AUTH, "1045 1131-1133 3955"),
    (Remedy.MEND, "login of the connection signs in by the system's account: give it a password", "1698"),
    (
        Remedy.MEND,
        "the password of the connection has expired: change it on the server, and here",
        "1820 1862",
    ),
    (Remedy.MEND, "the login of the connection is locked: ALTER USER … ACCOUNT UNLOCK", "3118 4151"),
    (Remedy.MEND, "the login's authentication plugin is not supported here", "1251 1275 2049 2054 2059 2061"),
    (Remedy.MEND, "look at ssl_mode, ssl_ca, ssl_cert and ssl_key in the connection's extra", "2026 3159"),
    (Remedy.MEND, "FLUSH HOSTS on the server: this machine failed too often", "1129"),
    (Remedy.MEND, "the login of the connection may not come from this machine's address", "1130"),
    # Our rights, and the schema.
    (Remedy.MEND, "look at schema of the connection", "1046 1049"),
    (Remedy.MEND, _GRANTS, "1044 1142 1143 1227 1370"),
    (Remedy.MEND, _LOCAL_INFILE, "1148 2068 3948 4166"),
    (Remedy.MEND, APPLY_SCHEMA, "1051 1054 1109 1146 1147 1364"),
    (Remedy.MEND, "set sql_safe_updates=OFF and sql_big_selects=ON on the server", "1104 1175"),
    (Remedy.MEND, _PACKET, "1153 1162 1301 2020"),
    (Remedy.MEND, "raise thread_stack on the server", "1119 1436"),
    (Remedy.MEND, "raise sort_buffer_size on the server", "1038"),
    (Remedy.MEND, "raise max_binlog_cache_size on the server", "1197"),
    (Remedy.MEND, "the table has to be InnoDB and to have a primary key", "1196 1785 3098"),
    (Remedy.MEND, _COLLATIONS, "1253 1267 1270 1271"),
    (Remedy.MEND, _VERSION, "1115 1193 1235 1273 1286 1289 1298 1305"),
    (Remedy.MEND, _VIEW, "1356 1442-1449"),
    (Remedy.MEND, _REPAIR, "1029 1031-1035 1194 1195 1459"),
    # A value, or a row, that a column, a key, a check or a trigger does not take.
    (
        Remedy.VALUE,
        "",
        "1022 1048 1062 1138 1169 1216 1217 1261-1265 1292 1300 1365-1367 1369 1406 1411 1416 1441",
    ),
    (
        Remedy.VALUE,
        "",
        "1118 1451 1452 1526 1591 1644 1690 1748 1977 3140 3141 3144 3150 3151 3156 3157 3819 3854 4025 4035-4040",
    ),
    # Only definitions, accounts, replication or other statements than ours cause these.
    (*REPORT, "1005-1008 1027 1050 1059-1061 1067-1075 1082-1092"),  # CREATE, ALTER, DROP; their notes
    (
        *REPORT,
        "1039 1052 1055-1058 1063-1066 1093 1096 1097 1099-1103 1106-1108 1110-1113",
    ),  # how SQL is written
    (
        *REPORT,
        "1116 1117 1120-1128 1134 1136 1137 1139 1140 1149 1150 1163-1168 1170-1174 1176-1179",
    ),  # the same
    (
        *REPORT,
        "1094 1095 1098 1141 1144 1145 1210 1211 1268 1269 1372 1396 1403-1405 1410",
    ),  # accounts and grants
    (*REPORT, "1185-1192 1198-1202 1218-1222 1236 1237 1254 1255 1274 1276-1279"),  # replication and its sets
    (
        *REPORT,
        "1204 1207-1209 1212 1214 1215 1224 1225 1228-1234 1238-1250 1252 1256-1260 1266 1272",
    ),  # SET, SQL
    (*REPORT, "1280-1285 1287 1288 1291 1293-1295 1299 1302-1304 1306-1316"),  # names, columns, routines
    (*REPORT, "1318-1355 1357-1363 1368 1371 1373-1395 1397-1402"),  # routines, views, triggers, logs, XA
    (
        *REPORT,
        "1786 1787",
    ),  # what a server that enforces GTIDs refuses: CREATE … SELECT, a temporary table too late
    (*REPORT, "1407-1409 1413-1415 1417-1428 1431-1435 1437-1440 1450 1453-1458 1460 1462-1468"),  # the same
    (
        *REPORT,
        "2007 2009-2011 2015-2019 2021-2025 2028-2048 2050-2053 2056-2058 2060 2062-2067 2069-2072",
    ),  # C API
)
# The numbers of PyMySQL's own lists from which nobody can tell what to do.
UNTOLD: dict[int, str] = {
    **dict.fromkeys(range(1000, 1004), "a word of the server's, no error"),
    1017: "a table's file is lost, or a folder of ours was cleaned while rows were sent",
    1030: "holds a number of the storage engine's, which may mean anything",
    1105: "«unknown error»",
    **dict.fromkeys(range(1180, 1184), "holds a number of the system's, which may mean anything"),
    1296: "holds a number of another engine's, which may mean anything",
    2000: "«unknown error»",
}


def _numbers(text: str) -> Iterator[int]:
    """Yield the numbers in a text like ``1048 1261-1263``."""
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


ROWS = tuple((Meaning(remedy, hint), frozenset(_numbers(text))) for remedy, hint, text in _ROWS)
MEANINGS = {code: meaning for meaning, codes in ROWS for code in codes}

_SIGNALS = "some column: a trigger or routine signals it, in words that may quote values"
# The name of a column, key or constraint in a message. A quoted value may stand before it, so the last one counts.
_PLACE = re.compile(r"(?:column|key|constraint) ([`'\"][\w$.`'\"-]+)", re.IGNORECASE)


def meaning_of(code: int) -> Meaning:
    """Return what a number means; the driver uses 0 for a session that is closed."""
    return Meaning(Remedy.WAIT) if code == 0 else MEANINGS.get(code, UNKNOWN)


def classed(conn_id: str, fault: Exception) -> PipelineError | None:
    """Return what a fault of the driver means, in the name of a connection; None if it is not the driver's."""
    if place := refused_value(fault):
        return error_of(
            conn_id, Meaning(Remedy.VALUE), _code(fault), f"the database refuses a value of {place}"
        )
    if _is_error(fault):
        return error_of(conn_id, _meaning(fault), _code(fault), _words(fault))
    if raised_in(fault, "pymysql.connections", "pymysql.protocol"):
        # The driver fails so when it reads from a socket that it has closed, or takes half an answer for a whole one.
        lost = f"the session was lost ({type(fault).__name__} in the driver)"
        return error_of(conn_id, Meaning(Remedy.WAIT), None, lost)
    return None


def refused_value(fault: BaseException) -> str | None:
    """Return where a value is refused; None if no value is to blame."""
    if isinstance(fault, UnicodeEncodeError) and raised_in(fault, "pymysql"):
        return "a text with half a character"
    if _is_error(fault) and meaning_of(_code(fault)).remedy is Remedy.VALUE:
        return _SIGNALS if _code(fault) in SIGNALLED else place_in(str(fault.args[-1]))
    return None


def place_in(words: str) -> str:
    """Return the column, key or constraint that a message names, without the value that it quotes."""
    found = _PLACE.findall(words)
    return re.sub(r"[`'\"]", "", found[-1]).strip(".") if found else "some column"


def _words(fault: Exception) -> str:
    if _code(fault) in SIGNALLED:
        return "a trigger or routine signals it, in words that may quote values"
    # Leave out what follows: it quotes the statement with its values.
    return " ".join(str(part) for part in fault.args[1:]).partition(" near ")[0] or str(fault)


def _is_error(fault: BaseException) -> bool:
    return any(kind.__module__ == "pymysql.err" for kind in type(fault).__mro__)


def _code(fault: BaseException) -> int:
    return fault.args[0] if fault.args and isinstance(fault.args[0], int) else 0


def _meaning(fault: Exception) -> Meaning:
    # If the driver does not trust a certificate, it only says that the host cannot be reached.
    untrusted = isinstance(getattr(fault, "original_exception", None), SSLCertVerificationError)
    return meaning_of(UNTRUSTED if untrusted else _code(fault))
