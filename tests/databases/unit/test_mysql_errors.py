"""Every number of PyMySQL's own lists is in the table once, and those that the field has met mean what helps."""

from __future__ import annotations

import socket
import ssl
import struct
from collections import Counter

import pymysql
import pytest
from pymysql.constants import CR, ER

from retail_pipeline.databases.meanings import Remedy
from retail_pipeline.databases.mysql_errors import ROWS, SIGNALLED, UNTOLD, classed, meaning_of, place_in
from retail_pipeline.errors import CheckFailed, ConfigError, DatabaseUnavailable, UnknownDatabaseError

LISTED = {code for module in (ER, CR) for code in vars(module).values() if isinstance(code, int)}
IN_ROWS = Counter(code for _, codes in ROWS for code in codes)

TRANSIENT = (
    "1020 1021 1028 1036 1037 1040 1041 1047 1053 1114 1158 1159 1160 1161 1203 1205 1206 1213 1226 1290 1317 1412 "
    "1461 1792 1836 1927 1969 2002 2003 2006 2013 2014 2055 3024 3032 3100 3101 3168 3572 4031 0"
)
MENDED = {
    "login": "1045 1130 1698 1251 2059 2061 2054 3118 4151 1142 1143 1227 1370",
    "grant": "1044",
    "FLUSH HOSTS": "1129",
    "password": "1045 1820 1862",
    "schema": "1046 1049",
    "retail schema apply": "1054 1146 1364",
    "local_infile=ON": "1148 3948 4166 2068",
    "ssl_ca": "2026 3159",
    "max_allowed_packet": "1153 2020",
    "sql_safe_updates": "1175",
    "primary key": "1785 3098",
    "utf8mb4": "1267",
    "report it": "1064 1149 1055 1318 1786 1787",
}
REFUSED = "1048 1062 1118 1264 1265 1292 1300 1366 1406 1411 1451 1452 1644 1690 3140 3157 3819 4025"


def fault(code: int, words: str = "words") -> pymysql.err.Error:
    return pymysql.err.OperationalError(code, words)


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split()]


def test_every_number_of_the_drivers_lists_stands_in_one_row_or_below_with_its_reason():
    assert LISTED - IN_ROWS.keys() == set(UNTOLD)
    assert [code for code, rows in IN_ROWS.items() if rows > 1] == []
    assert len(UNTOLD) <= 20
    assert all(UNTOLD.values())


@pytest.mark.parametrize("code", numbers(TRANSIENT))
def test_what_passes_by_itself_is_tried_again(code):
    error = classed("bi_mysql", fault(code))
    assert type(error) is DatabaseUnavailable
    assert f"connection 'bi_mysql': [{code}] words" in str(error)


@pytest.mark.parametrize(
    ("hint", "code"), [(hint, code) for hint, text in MENDED.items() for code in numbers(text)]
)
def test_what_a_person_must_mend_says_where(hint, code):
    error = classed("bi_mysql", fault(code))
    assert type(error) is ConfigError
    assert hint in str(error)
    assert "connection 'bi_mysql'" in str(error)


@pytest.mark.parametrize("code", numbers(REFUSED))
def test_a_value_that_is_refused_is_not_quoted(code):
    error = classed(
        "bi_mysql", fault(code, "Incorrect value: '13800138000' for column `bi`.`t`.`phone` at row 1")
    )
    assert type(error) is CheckFailed
    assert ("bi.t.phone" if code not in SIGNALLED else "trigger or routine") in str(error)
    assert "13800138000" not in str(error)


@pytest.mark.parametrize("code", [*sorted(UNTOLD), 1815, 9999, 65535])
def test_what_nobody_knows_is_tried_again_and_told(code):
    assert meaning_of(code).remedy is Remedy.UNKNOWN
    error = classed("bi_mysql", fault(code))
    assert isinstance(error, UnknownDatabaseError)
    assert error.code == str(code)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Data too long for column 'remark' at row 1", "remark"),
        ("Incorrect datetime value: '0000-00-00' for column `bi`.`t`.`created` at row 3", "bi.t.created"),
        ("Incorrect string value: 'column 'secret'' for column 'x' at row 1", "x"),
        ("Column 'n' cannot be null", "n"),
        ("Duplicate entry 'secret' for key 'PRIMARY'", "PRIMARY"),
        ("CONSTRAINT `t.doc` failed for `bi`.`t`", "t.doc"),
        ("Check constraint 'ck' is violated.", "ck"),
        ("Invalid JSON text: \"Invalid value.\" at position 0 in value for column 't.doc'.", "t.doc"),
        ("the trigger says no to secret", "some column"),
    ],
)
def test_the_column_is_named_and_the_value_is_not(words, place):
    assert place_in(words) == place


def test_a_statement_is_not_quoted_for_it_holds_values():
    words = "You have an error in your SQL syntax; check the manual for the right syntax to use near '13800138000'"
    assert "13800138000" not in str(classed("bi_mysql", fault(1064, words)))


def test_a_certificate_that_is_not_trusted_is_no_host_that_is_down():
    untrusted = fault(2003, "Can't connect")
    untrusted.original_exception = ssl.SSLCertVerificationError("self-signed certificate")
    down = fault(2003, "Can't connect")
    down.original_exception = ConnectionRefusedError()
    assert type(classed("bi_mysql", untrusted)) is ConfigError
    assert type(classed("bi_mysql", down)) is DatabaseUnavailable


def half_a_handshake(serve_bytes: bytes) -> Exception:
    """Connect to a server that says half of a greeting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = pymysql.connect(host="127.0.0.1", port=port, defer_connect=True, connect_timeout=5)
        sock = socket.create_connection(("127.0.0.1", port))
        peer, _ = server.accept()
        with peer:
            peer.sendall(serve_bytes)
            peer.shutdown(socket.SHUT_WR)
            with pytest.raises((IndexError, struct.error, AttributeError, ValueError)) as caught:
                client.connect(sock)
    return caught.value


@pytest.mark.parametrize("greeting", [b"\x0a", b"\x0a5.7.0\x00", b"\x0a5.7.0\x00\x01\x00\x00\x00"])
def test_what_the_driver_stumbles_over_in_half_an_answer_passes(greeting):
    odd = half_a_handshake(struct.pack("<I", len(greeting))[:3] + b"\x00" + greeting)
    assert not isinstance(odd, pymysql.err.Error)
    assert type(classed("bi_mysql", odd)) is DatabaseUnavailable


def test_what_is_raised_elsewhere_is_none_of_the_drivers():
    with pytest.raises(AttributeError) as caught:
        _ = None.read  # type: ignore[attr-defined]
    assert classed("bi_mysql", caught.value) is None
    assert classed("bi_mysql", KeyError("a bug")) is None
